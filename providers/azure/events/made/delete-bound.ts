/** Deletes what was made for one binding alone. */
import { EVENT_API } from '../api-versions.ts';
import { textsAt } from '../../arm/json.ts';
import { isUnderWay, read, remove, stateOf, type Resource } from '../arm.ts';
import type { Executor } from '../../model.ts';
import type { MadeSource } from '../../record.ts';
import { nameOfId } from '../../names.ts';
import { parentId } from '../arm-id.ts';
import { systemTopicOf } from '../object/system-topic.ts';
import { eventSubscription, hasSubscriptions, isLabelled } from '../own-queue/subscription.ts';
import { SHARED_TAG } from '../shared.ts';
import { done, inputOf } from '../steps.ts';
import type { CallContext } from 'polyfaas/spi';
import type { AzureClients } from '../../clients/index.ts';

const API_OF: Readonly<Record<MadeSource['kind'], string>> = {
  queue: EVENT_API.storage,
  container: EVENT_API.storage,
  ownQueue: EVENT_API.storage,
  topic: EVENT_API.serviceBus,
  subscription: EVENT_API.serviceBus,
  hub: EVENT_API.eventHubs,
  consumerGroup: EVENT_API.eventHubs,
  table: EVENT_API.cosmos,
  leases: EVENT_API.cosmos,
  bus: EVENT_API.eventGrid,
  systemTopic: EVENT_API.eventGrid,
  eventSubscription: EVENT_API.eventGrid,
  role: EVENT_API.authorization,
  destination: EVENT_API.authorization,
};

export const deleteBound: Executor = async (azure, step, call) => {
  const { target, made } = inputOf<{ made: MadeSource }>(step);
  const stage = `deleting "${nameOfId(made.id)}"`;
  const own = { path: made.id, apiVersion: API_OF[made.kind] };
  if (made.kind === 'systemTopic') {
    const isKept = !isUnderWay(call) && !(await isIdle(azure, own, call));
    return isKept ? done() : await remove(azure, own, call, stage);
  }
  if (made.kind !== 'eventSubscription') return await remove(azure, own, call, stage);
  const resource = await subscriptionOf(azure, made.id, call);
  if (resource === undefined) return done();
  if (!isUnderWay(call)) {
    const found = await read(azure, resource, call);
    if (found === undefined || !isLabelled(target, found)) return done();
  }
  return await remove(azure, resource, call, stage);
};

/** That of a storage account is in its system topic. */
async function subscriptionOf(
  azure: AzureClients,
  id: string,
  call: CallContext,
): Promise<Resource | undefined> {
  const name = nameOfId(id);
  const sourceId = parentId(id, 1).replace(/\/providers\/Microsoft\.EventGrid$/i, '');
  if (!/\/Microsoft\.Storage\/storageAccounts\/[^/]+$/i.test(sourceId)) {
    return eventSubscription(sourceId, name);
  }
  const topic = await systemTopicOf(azure, sourceId, call);
  return topic === undefined ? undefined : eventSubscription(topic.id, name);
}

/** A system topic that polyfaas made, for whatever app, and that nobody listens to any more. */
async function isIdle(azure: AzureClients, topic: Resource, call: CallContext): Promise<boolean> {
  const found = await read(azure, topic, call);
  if (found === undefined || textsAt(found, 'tags')[SHARED_TAG] !== 'true') return false;
  return stateOf(found) !== 'deleting' && !(await hasSubscriptions(azure, topic.path, call));
}
