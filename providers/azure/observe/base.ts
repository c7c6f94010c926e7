/** What the function app stands on, as far as nothing else tells that it is gone: somebody deleted it. */
import type { CallContext } from 'polyfaas/spi';
import { pages, read } from '../arm/calls.ts';
import { textAt } from '../arm/json.ts';
import type { AzureClients } from '../clients/index.ts';
import { isDenied } from '../errors.ts';
import { containerIdIn, queueIdIn } from '../events/arm-id.ts';
import { ASYNC_QUEUE } from '../manifest.ts';
import type { AzureObserved } from '../model.ts';
import { API, groupId, ownWorkspaceId, resourceId, TYPE, type Place } from '../names.ts';
import { CONTAINER } from '../package/note.ts';

/** The container of packages is gone with its account, too. */
export async function findMissing(
  azure: AzureClients,
  { subscriptionId, resourceGroup, ownStorageId }: Place,
  givenStorage: string | null,
  { signal }: CallContext,
): Promise<AzureObserved['missing']> {
  const account = resourceId(
    subscriptionId,
    resourceGroup,
    TYPE.storage,
    givenStorage ?? ownStorageId,
  );
  const [hasPackages, hasQueue] = await Promise.all([
    isThere(azure, containerIdIn(account, CONTAINER), API.storage, signal),
    isThere(azure, queueIdIn(account, ASYNC_QUEUE), API.storage, signal),
  ]);
  return [
    ...(hasPackages ? [] : (['packages'] as const)),
    ...(hasQueue ? [] : (['asyncQueue'] as const)),
  ];
}

/**
 * The components of the group, and the workspace that the functions of the app and stage share: their ids, in lower case.
 * Null where they may not be seen.
 */
export async function findTelemetry(
  azure: AzureClients,
  { ref, subscriptionId, resourceGroup }: Place,
  { signal }: CallContext,
): Promise<AzureObserved['telemetry']> {
  const workspaceId = ownWorkspaceId(ref, subscriptionId, resourceGroup);
  try {
    const [hasWorkspace, components] = await Promise.all([
      isThere(azure, workspaceId, API.workspace, signal),
      componentsIn(azure, groupId(subscriptionId, resourceGroup), signal),
    ]);
    return [...components, ...(hasWorkspace ? [workspaceId] : [])].map((id) => id.toLowerCase());
  } catch (error) {
    if (isDenied(error)) return null;
    throw error;
  }
}

async function componentsIn(
  azure: AzureClients,
  group: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const path = `${group}/providers/${TYPE.component}`;
  const ids: string[] = [];
  for await (const one of pages(azure, path, API.component, { signal })) {
    ids.push(textAt(one, 'id') ?? '');
  }
  return ids;
}

async function isThere(
  azure: AzureClients,
  path: string,
  apiVersion: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return (await read(azure, path, apiVersion, signal)) !== undefined;
  } catch (error) {
    // What may not be seen may be there.
    if (isDenied(error)) return true;
    throw error;
  }
}
