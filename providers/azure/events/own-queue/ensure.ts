import { EVENT_API } from '../api-versions.ts';
import { containerIdIn, queueIdIn } from '../arm-id.ts';
import { put, read } from '../arm.ts';
import type { Executor } from '../../model.ts';
import { done, inputOf } from '../steps.ts';

interface OwnQueueWish {
  readonly accountId: string;
  readonly queue: string;
  /** For what Event Grid cannot put into the queue. */
  readonly container: string;
}

/** Makes the queue of a binding, and the container for what is not delivered, in the function app's own account. */
export const ensureOwnQueue: Executor = async (azure, step, call) => {
  const { accountId, queue, container } = inputOf<OwnQueueWish>(step);
  const apiVersion = EVENT_API.storage;
  for (const path of [containerIdIn(accountId, container), queueIdIn(accountId, queue)]) {
    const resource = { path, apiVersion };
    if ((await read(azure, resource, call)) !== undefined) continue;
    const result = await put(azure, resource, { properties: {} }, call, 'making the queue');
    if (!result.done) return result;
  }
  return done();
};
