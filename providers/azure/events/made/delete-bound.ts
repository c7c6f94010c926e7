/** Deletes what was made for one binding alone. */
import { textsAt } from '../../arm/json.ts';
import { isUnderWay, read, remove, stateOf, type Resource } from '../arm.ts';
import type { Executor } from '../../model.ts';
import type { MadeSource } from '../../record.ts';
import { nameOfId } from '../../names.ts';
import { hasSubscriptions, isLabelled } from '../own-queue/subscription.ts';
import { SHARED_TAG } from '../shared.ts';
import { done, inputOf } from '../steps.ts';
import { resourceOfMade } from './resource.ts';
import type { CallContext } from 'polyfaas/spi';
import type { AzureClients } from '../../clients/index.ts';

export const deleteBound: Executor = async (azure, step, call) => {
  const { target, made } = inputOf<{ made: MadeSource }>(step);
  const stage = `deleting "${nameOfId(made.id)}"`;
  const resource = await resourceOfMade(azure, made, call);
  if (resource === undefined) return done();
  if (made.kind === 'systemTopic') {
    const isKept = !isUnderWay(call) && !(await isIdle(azure, resource, call));
    return isKept ? done() : await remove(azure, resource, call, stage);
  }
  if (made.kind === 'eventSubscription' && !isUnderWay(call)) {
    const found = await read(azure, resource, call);
    if (found === undefined || !isLabelled(target, found)) return done();
  }
  return await remove(azure, resource, call, stage);
};

/** A system topic that polyfaas made, for whatever app, and that nobody listens to any more. */
async function isIdle(azure: AzureClients, topic: Resource, call: CallContext): Promise<boolean> {
  const found = await read(azure, topic, call);
  if (found === undefined || textsAt(found, 'tags')[SHARED_TAG] !== 'true') return false;
  return stateOf(found) !== 'deleting' && !(await hasSubscriptions(azure, topic.path, call));
}
