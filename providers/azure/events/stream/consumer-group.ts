import { EVENT_API } from '../api-versions.ts';
import { put, read } from '../arm.ts';
import type { Executor } from '../../model.ts';
import { ownershipTags } from '../../names.ts';
import { done, inputOf } from '../steps.ts';

/** Makes the consumer group of a binding: what was read so far is noted for it alone. */
export const ensureConsumerGroup: Executor = async (azure, step, call) => {
  const { target, groupId } = inputOf<{ groupId: string }>(step);
  const resource = { path: groupId, apiVersion: EVENT_API.eventHubs };
  if ((await read(azure, resource, call)) !== undefined) return done();
  const properties = { userMetadata: JSON.stringify(ownershipTags(target.ref)) };
  return await put(azure, resource, { properties }, call, 'making the consumer group');
};
