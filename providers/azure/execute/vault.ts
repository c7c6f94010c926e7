/** Lets the identity read the secrets of a vault. */
import type { CallContext, JsonValue } from 'polyfaas/spi';
import { pages, read } from '../arm/calls.ts';
import { at, objectAt, textAt } from '../arm/json.ts';
import type { AzureClients } from '../clients/index.ts';
import { allowSources } from '../events/allow.ts';
import type { Executor } from '../model.ts';
import { API, TYPE } from '../names.ts';
import { inputOf, type KnownTarget } from '../step-input.ts';
import { keptOf } from '../arm/turn.ts';
import { refusal } from './refusals.ts';

interface VaultInput {
  /** The resource id is looked up when only the name is known. */
  readonly vault: { readonly id: string | null; readonly name: string };
  readonly roleId: string;
}

export const openVault: Executor = async (azure, step, call) => {
  const { target, vault, roleId } = inputOf<VaultInput>(step);
  const kept = keptOf(call);
  const scope =
    typeof kept['scope'] === 'string' ? kept['scope'] : await find(azure, target, vault, call);
  const roles = [{ scope, roleId }];
  const result = await allowSources(azure, { ...step, input: { ...step.input, roles } }, call);
  if (result.done) return result;
  return { ...result, resume: { ...objectAt(result.resume), scope } };
};

async function find(
  azure: AzureClients,
  target: KnownTarget,
  { id, name }: VaultInput['vault'],
  { signal }: CallContext,
): Promise<string> {
  const found =
    id === null
      ? await byName(azure, target.subscriptionId, name, signal)
      : await read(azure, id, API.vault, signal);
  if (found === undefined) {
    throw refusal(
      target,
      'NOT_FOUND',
      `providerOptions.azure.keyVault: the subscription has no vault "${name}" that the credential may see. Create it, or give its resource id when it is in another subscription.`,
    );
  }
  if (at(found, 'properties', 'enableRbacAuthorization') === false) {
    throw refusal(
      target,
      'INVALID_ARGUMENT',
      `providerOptions.azure.keyVault: the vault "${name}" works with access policies. Let it work with roles: az keyvault update --name ${name} --enable-rbac-authorization true`,
    );
  }
  return textAt(found, 'id') ?? '';
}

async function byName(
  azure: AzureClients,
  subscriptionId: string,
  name: string,
  signal: AbortSignal,
): Promise<JsonValue | undefined> {
  const path = `/subscriptions/${subscriptionId}/providers/${TYPE.vault}`;
  for await (const vault of pages(azure, path, API.vault, { signal })) {
    if (textAt(vault, 'name')?.toLowerCase() === name.toLowerCase()) return vault;
  }
  return undefined;
}
