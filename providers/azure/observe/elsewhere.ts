/** The function under another name: the derived name of its app was replaced in the options, or comes back into force. */
import type { CallContext, JsonValue } from 'polyfaas/spi';
import { pages } from '../arm/calls.ts';
import { textAt, textsAt } from '../arm/json.ts';
import type { AzureClients } from '../clients/index.ts';
import { API, groupId, isOwnedBy, sameId, TYPE, type Place } from '../names.ts';

/** All function apps of the group; none where it is not there. */
export async function sitesIn(
  azure: AzureClients,
  { subscriptionId, resourceGroup }: Pick<Place, 'subscriptionId' | 'resourceGroup'>,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<readonly JsonValue[]> {
  const path = `${groupId(subscriptionId, resourceGroup)}/providers/${TYPE.site}`;
  const found: JsonValue[] = [];
  for await (const site of pages(azure, path, API.web, { signal })) found.push(site);
  return found;
}

/** The name of the first that carries the tags of the function; null for none. */
export function nameElsewhere(
  { ref, physicalName }: Pick<Place, 'ref' | 'physicalName'>,
  sites: readonly JsonValue[],
): string | null {
  const names = sites
    .filter((site) => isOwnedBy(ref, textsAt(site, 'tags')))
    .map((site) => textAt(site, 'name') ?? '');
  // A list may still tell of one that was deleted a moment ago.
  return names.find((name) => !sameId(name, physicalName)) ?? null;
}
