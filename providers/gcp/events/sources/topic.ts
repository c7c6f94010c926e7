/** Makes topics. What others made is used as it is. */
import { textsAt } from '../../clients/json.ts';
import { isOwnedBy } from '../../labels.ts';
import type { Executor } from '../../model.ts';
import { inputOf } from '../../step-input.ts';
import { pathOf } from '../names.ts';
import type { TopicWish } from '../plan-sources.ts';
import { isStatus, read, refusal, send } from '../rest.ts';
import { done, type Where } from '../steps.ts';

export const ensureTopic: Executor = async (gcp, step, call) => {
  const { target, topic, labels, isOwn } = inputOf<TopicWish & { readonly target: Where }>(step);
  const path = `/v1/${pathOf(topic)}`;
  try {
    await send(gcp, { api: 'pubsub', method: 'PUT', path, body: { labels } }, call);
    return done();
  } catch (error) {
    if (!isStatus(error, 409)) throw error;
  }
  if (!isOwn) return done();
  const found = await read(gcp, { api: 'pubsub', path }, call);
  if (found === undefined || isOwnedBy(target.ref, textsAt(found, 'labels'))) return done();
  throw refusal(
    target,
    'ALREADY_EXISTS',
    `The topic ${topic} is there, and does not belong to this function, which needs it for itself. Delete it, or rename the function or the event.`,
  );
};
