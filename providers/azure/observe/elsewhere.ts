/** The function under another name: the derived name of its app was replaced in the options, or comes back into force. */
import type { CallContext, JsonValue } from 'polyfaas/spi';
import { read } from '../arm/calls.ts';
import { textAt, textsAt } from '../arm/json.ts';
import type { AzureClients } from '../clients/index.ts';
import { readAll } from '../events/arm.ts';
import { API, groupId, isOwnedBy, resourceId, sameId, TYPE, type Place } from '../names.ts';

/** All function apps of the group; none where it is not there. */
export async function sitesIn(
  azure: AzureClients,
  { subscriptionId, resourceGroup }: Pick<Place, 'subscriptionId' | 'resourceGroup'>,
  call: Pick<CallContext, 'signal'>,
): Promise<readonly JsonValue[]> {
  const path = `${groupId(subscriptionId, resourceGroup)}/providers/${TYPE.site}`;
  return readAll(azure, { path, apiVersion: API.web }, call);
}

/** The name of the first that carries the tags of the function; null for none. */
export async function nameElsewhere(
  azure: AzureClients,
  place: Pick<Place, 'ref' | 'physicalName' | 'subscriptionId' | 'resourceGroup'>,
  sites: readonly JsonValue[],
  { signal }: Pick<CallContext, 'signal'>,
): Promise<string | null> {
  const { ref, physicalName, subscriptionId, resourceGroup } = place;
  const names = sites
    .filter((site) => isOwnedBy(ref, textsAt(site, 'tags')))
    .map((site) => textAt(site, 'name') ?? '')
    .filter((name) => !sameId(name, physicalName));
  for (const name of names) {
    // A list may still tell of one that was deleted a moment ago.
    const path = resourceId(subscriptionId, resourceGroup, TYPE.site, name);
    const found = await read(azure, path, API.web, signal);
    if (found !== undefined && isOwnedBy(ref, textsAt(found, 'tags'))) return name;
  }
  return null;
}
