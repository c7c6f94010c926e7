/** What a deploy or a removal that was broken off left of a function that is not there. */
import type { CallContext, JsonValue } from 'polyfaas/spi';
import { pages, read } from '../arm/calls.ts';
import { textsAt } from '../arm/json.ts';
import type { AzureClients } from '../clients/index.ts';
import type { AzureObserved } from '../model.ts';
import { API, groupId, isOfScope, isOwnedBy, type Place } from '../names.ts';
import { TAG } from '../record.ts';

/** @param sites all function apps of the group. */
export async function findLeftovers(
  azure: AzureClients,
  place: Place,
  sites: readonly JsonValue[],
  { signal }: CallContext,
): Promise<AzureObserved['leftovers']> {
  const { ref, subscriptionId, resourceGroup } = place;
  const group = await read(azure, groupId(subscriptionId, resourceGroup), API.group, signal);
  // Without the group, there is nothing in it.
  if (group === undefined) return [];
  const hasOthers = sites.some((site) => isOfScope(ref, textsAt(site, 'tags')));
  const [plan, identity, storage, shared] = await Promise.all([
    read(azure, place.planId, API.web, signal),
    read(azure, place.ownIdentityId, API.identity, signal),
    read(azure, place.ownStorageId, API.storage, signal),
    hasShared(azure, place, signal),
  ]);
  const isOwn = (body: JsonValue | undefined): boolean => isOwnedBy(ref, textsAt(body, 'tags'));
  const ofScope = (body: JsonValue | undefined): boolean => isOfScope(ref, textsAt(body, 'tags'));
  return [
    ...(isOwn(plan) ? (['plan'] as const) : []),
    ...(isOwn(identity) ? (['identity'] as const) : []),
    ...(isOwn(storage) ? (['storage'] as const) : []),
    ...(shared && !hasOthers ? (['shared'] as const) : []),
    ...(ofScope(group) && !hasOthers ? (['group'] as const) : []),
  ];
}

/** Whether anything is left in the group that the functions of the app and stage shared. */
async function hasShared(
  azure: AzureClients,
  { ref, subscriptionId, resourceGroup }: Place,
  signal: AbortSignal,
): Promise<boolean> {
  const path = `${groupId(subscriptionId, resourceGroup)}/resources`;
  for await (const one of pages(azure, path, API.resources, { signal })) {
    const tags = textsAt(one, 'tags');
    if (isOfScope(ref, tags) && tags[TAG.shared] === 'true') return true;
  }
  return false;
}
