/** What a deploy or a removal that was broken off left of a function that is not there. */
import type { CallContext, JsonValue, Scope } from 'polyfaas/spi';
import { pages, read } from '../arm/calls.ts';
import { textsAt } from '../arm/json.ts';
import type { AzureClients } from '../clients/index.ts';
import type { AzureObserved } from '../model.ts';
import { API, TYPE, groupId, isOfScope, isOwnedBy, type Place } from '../names.ts';
import { TAG } from '../record.ts';

export async function findLeftovers(
  azure: AzureClients,
  place: Place,
  { signal }: CallContext,
): Promise<AzureObserved['leftovers']> {
  const { ref, subscriptionId, resourceGroup } = place;
  const group = await read(azure, groupId(subscriptionId, resourceGroup), API.group, signal);
  // Without the group, there is nothing in it.
  if (group === undefined) return [];
  const [plan, identity, storage, shared, hasOthers] = await Promise.all([
    read(azure, place.planId, API.web, signal),
    read(azure, place.ownIdentityId, API.identity, signal),
    read(azure, place.ownStorageId, API.storage, signal),
    hasShared(azure, place, signal),
    hasSites(azure, place, ref, signal),
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

/** Whether any function of the app and stage is left in the group. */
export async function hasSites(
  azure: AzureClients,
  { subscriptionId, resourceGroup }: Pick<Place, 'subscriptionId' | 'resourceGroup'>,
  scope: Scope,
  signal: AbortSignal,
): Promise<boolean> {
  const path = `${groupId(subscriptionId, resourceGroup)}/providers/${TYPE.site}`;
  for await (const site of pages(azure, path, API.web, { signal })) {
    if (isOfScope(scope, textsAt(site, 'tags'))) return true;
  }
  return false;
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
