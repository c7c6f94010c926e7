/** Deliveries of a queue's or a topic's binding: one message each. Which attempt is the last is decided here. */
import {
  asksAgain,
  deadLetterOf,
  matchAttributes,
  retryDelaySeconds,
  type ShimCall,
} from 'polyfaas/function';
import type { BindingPolicy } from '../manifest.ts';
import type { Delivery, Verdict } from './delivery.ts';
import type { Instance } from './instance.ts';
import type { Queues } from './queues.ts';

/** The longest that a message can be held back ("Queues API": the visibility timeout). */
export const MAX_DELAY_SECONDS = 3_600;

export async function serveBinding(
  instance: Instance,
  bindingId: string,
  delivery: Delivery,
  queues: Queues,
): Promise<Verdict> {
  const policy = instance.manifest.bindings.find(({ binding }) => binding.id === bindingId);
  if (policy === undefined) throw new Error(`There is no binding "${bindingId}".`);
  const { event } = policy.binding;
  const call = callOf(policy, delivery);
  if (call === undefined || !('retry' in event)) return 'skipped';
  const { id, attempt, trace } = delivery;
  const { retry } = event;
  if (attempt > retry.maxAttempts) {
    // One that took the process down every time is counted by the queue alone.
    await giveUp(instance, policy, delivery, queues, new Error('It took the process down.'));
    return 'skipped';
  }
  let thrown: unknown;
  try {
    const reply = await instance.call(call, { requestId: id, attempt, trace });
    if (!asksAgain(reply)) return 'done';
  } catch (error) {
    thrown = error;
    instance.sink.report('warn', 'A delivery failed', thrown, id);
  }
  if (attempt < retry.maxAttempts) {
    const random = Math.random();
    return { againAfterSeconds: retryDelaySeconds(retry, attempt, random, MAX_DELAY_SECONDS) };
  }
  await giveUp(instance, policy, delivery, queues, thrown);
  return 'givenUp';
}

/** Undefined for a message that the binding does not want. */
function callOf({ binding, since }: BindingPolicy, delivery: Delivery): ShimCall | undefined {
  const { event } = binding;
  const { id, data, attributes, sentAt: time, attempt, group, createdMs } = delivery;
  // A consumer group that is new gets what was sent long before.
  if (since !== null && createdMs < since) return undefined;
  if (event.type === 'queue') {
    const own = group === undefined ? {} : { group };
    const message = { id, data, attributes, time, attempt, ...own };
    return { kind: 'queue', event: { source: event.queue, messages: [message] } };
  }
  if (event.type !== 'topic' || !matchAttributes(event.filter ?? {}, attributes)) return undefined;
  // Messages have no place of its own for it.
  const { subject, ...rest } = attributes;
  const own = subject === undefined ? {} : { subject };
  return {
    kind: 'topic',
    event: { id, source: event.topic, time, data, attributes: rest, ...own },
  };
}

/** Acknowledged only once the dead-letter topic has it: rejects when it does not take it. */
async function giveUp(
  instance: Instance,
  { deadLetter, binding }: BindingPolicy,
  delivery: Delivery,
  queues: Queues,
  thrown: unknown,
): Promise<void> {
  const { id, attempt, key } = delivery;
  if (deadLetter === null) {
    const text = `Message ${id} of "${binding.id}" is dropped after ${attempt} attempts: it has no dead-letter queue`;
    instance.sink.report('warn', text, thrown, id);
    return;
  }
  // Where the acknowledgement fails, this comes again.
  await queues.send(deadLetter, deadLetterOf(delivery), `dead-${key}`);
  instance.sink.report('warn', `Message ${id} is set aside after ${attempt} attempts`, thrown, id);
}
