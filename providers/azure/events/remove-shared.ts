/** Deletes what the functions of an app and stage shared, once no function is left. */
import type { CallContext, StepResult } from 'polyfaas/spi';
import { afresh, keptOf, ofPart, partOf } from '../arm/turn.ts';
import { textAt, textsAt } from '../arm/json.ts';
import type { AzureClients } from '../clients/index.ts';
import type { Executor } from '../model.ts';
import { groupId } from '../names.ts';
import { EVENT_API } from './api-versions.ts';
import { read, readAll, remove, type Resource } from './arm.ts';
import { HOST_API } from './hosts.ts';
import { hasNeighbours } from './made/neighbours.ts';
import { isShared, type SharedHost } from './shared.ts';
import { done, inputOf, type Where } from './steps.ts';

/** One host after the other; each is looked up anew, so that a repeat goes on where the last one ended. */
export const removeShared: Executor = async (azure, step, call) => {
  const { target, hosts } = inputOf<{ hosts: readonly SharedHost[] }>(step);
  const { path, apiVersion } = keptOf(call);
  if (typeof path === 'string' && typeof apiVersion === 'string') {
    const result = await removeOne(azure, { path, apiVersion }, partOf(call));
    if (!result.done) return result;
  }
  const fresh = afresh(call);
  if (await hasNeighbours(azure, target, fresh)) return done();
  for (const { id, service } of hosts) {
    const host = { path: id, apiVersion: HOST_API[service] };
    const found = await read(azure, host, fresh);
    if (found === undefined || !isShared(target, textsAt(found, 'tags'))) continue;
    const result = await removeOne(azure, host, fresh);
    if (!result.done) return result;
  }
  for (const bus of await busesOf(azure, target, fresh)) {
    const result = await removeOne(azure, bus, fresh);
    if (!result.done) return result;
  }
  return done();
};

async function removeOne(
  azure: AzureClients,
  { path, apiVersion }: Resource,
  call: CallContext,
): Promise<StepResult> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const result = await remove(azure, { path, apiVersion }, call, `deleting "${name}"`);
  return result.done ? result : ofPart(result, { path, apiVersion });
}

/** Topics of Event Grid that were made as buses, and kept while others used them. */
async function busesOf(
  azure: AzureClients,
  target: Where,
  call: CallContext,
): Promise<readonly Resource[]> {
  const { subscriptionId, resourceGroup } = target;
  const path = `${groupId(subscriptionId, resourceGroup)}/providers/Microsoft.EventGrid/topics`;
  const topics = await readAll(azure, { path, apiVersion: EVENT_API.eventGrid }, call);
  return topics
    .filter((topic) => isShared(target, textsAt(topic, 'tags')))
    .map((topic) => ({ path: textAt(topic, 'id') ?? '', apiVersion: EVENT_API.eventGrid }));
}
