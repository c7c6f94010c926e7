/** What an identity may do. */
import { pages } from '../arm/calls.ts';
import { textAt } from '../arm/json.ts';
import type { AzureClients } from '../clients/index.ts';
import { API, nameOfId } from '../names.ts';

export interface Assignment {
  readonly id: string;
  readonly scope: string;
  readonly roleId: string;
}

/** All roles of a principal in the subscription. */
export async function listAssignments(
  azure: AzureClients,
  subscriptionId: string,
  principalId: string,
  signal: AbortSignal,
): Promise<readonly Assignment[]> {
  const found: Assignment[] = [];
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleAssignments`;
  const query = { $filter: `principalId eq '${principalId}'` };
  for await (const one of pages(azure, path, API.role, { signal, query })) {
    const id = textAt(one, 'id');
    if (id === undefined) continue;
    found.push({
      id,
      scope: textAt(one, 'properties', 'scope') ?? '',
      roleId: nameOfId(textAt(one, 'properties', 'roleDefinitionId') ?? ''),
    });
  }
  return found;
}

/** `scope#role`, in lower case. */
export function roleKey(scope: string, roleId: string): string {
  return `${scope}#${roleId}`.toLowerCase();
}

export async function readRoles(
  azure: AzureClients,
  subscriptionId: string,
  principalId: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const all = await listAssignments(azure, subscriptionId, principalId, signal);
  return all.map(({ scope, roleId }) => roleKey(scope, roleId));
}
