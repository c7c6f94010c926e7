/** The other functions of an app and stage, and what they use. */
import type { CallContext } from 'polyfaas/spi';
import { textAt, textsAt } from '../../arm/json.ts';
import type { AzureClients } from '../../clients/index.ts';
import type { Target } from '../../model.ts';
import { groupId, isOfScope, sameId, TYPE } from '../../names.ts';
import { sitesIn } from '../../observe/elsewhere.ts';
import { TAG, type FunctionRecord } from '../../record.ts';
import { decodeRecord } from '../../tags.ts';
import { EVENT_API } from '../api-versions.ts';
import { idKey } from '../arm-id.ts';
import { readAll } from '../arm.ts';
import { eventSettings, type EventOptions } from '../settings.ts';
import { deadLetterOf, sourceOf } from '../source.ts';

/** Another function. */
export interface Neighbour {
  readonly name: string;
  /** Undefined when its tags cannot be read. */
  readonly record: FunctionRecord | undefined;
}

/** Where the functions of an app and stage are, and which of them asks. */
type Asking = Pick<Target, 'ref' | 'subscriptionId' | 'resourceGroup' | 'siteId'>;

/** Every other function app of the app and stage in the group. */
export async function neighboursOf(
  azure: AzureClients,
  target: Asking,
  call: CallContext,
): Promise<readonly Neighbour[]> {
  const { ref, siteId } = target;
  const sites = await sitesIn(azure, target, call);
  return sites.flatMap((site) => {
    const tags = textsAt(site, 'tags');
    const name = tags[TAG.function];
    if (name === undefined || !isOfScope(ref, tags)) return [];
    return sameId(textAt(site, 'id') ?? '', siteId) ? [] : [{ name, record: decodeRecord(tags) }];
  });
}

/**
 * True when a function of the app and stage is left, or one is being deployed for the first time: what it stands on and
 * reads from is made before its function app is, and its storage account before all of that.
 */
export async function hasNeighbours(
  azure: AzureClients,
  target: Asking,
  call: CallContext,
): Promise<boolean> {
  if ((await neighboursOf(azure, target, call)).length > 0) return true;
  return (await begunBeside(azure, target, call)).length > 0;
}

/** The other functions of the app and stage that have a storage account, whether or not they have a function app. */
export async function begunBeside(
  azure: AzureClients,
  { ref, subscriptionId, resourceGroup }: Asking,
  call: CallContext,
): Promise<readonly string[]> {
  const path = `${groupId(subscriptionId, resourceGroup)}/providers/${TYPE.storage}`;
  const accounts = await readAll(azure, { path, apiVersion: EVENT_API.storage }, call);
  return accounts.flatMap((account) => {
    const tags = textsAt(account, 'tags');
    const owner = tags[TAG.function];
    return owner !== undefined && owner !== ref.name && isOfScope(ref, tags) ? [owner] : [];
  });
}

/** True when a function reads a source, or sends its dead letters or outcomes there. */
export function isUsedBy(
  { name, record }: Neighbour,
  id: string,
  target: Pick<Target, 'ref' | 'subscriptionId' | 'resourceGroup'>,
  options: EventOptions,
): boolean {
  // What cannot be read may use anything.
  if (record === undefined) return true;
  const asDestination = `${idKey(id)}#`;
  if (
    record.made.some((one) => one.kind === 'destination' && idKey(one.id).startsWith(asDestination))
  ) {
    return true;
  }
  const place = { ...target, ref: { ...target.ref, name } };
  const context = { place, settings: eventSettings(options, target) };
  return record.bindings.some(({ event }) =>
    [sourceOf(context, event), deadLetterOf(context, event)].some(
      (source) => source !== undefined && idKey(source.id) === idKey(id),
    ),
  );
}
