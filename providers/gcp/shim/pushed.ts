/**
 * Deliveries of Pub/Sub subscriptions: queues, topics, buses, objects and tables all come this way. Pub/Sub repeats what
 * is not acknowledged, with the delays of the subscription; which attempt is the last is decided here, because Pub/Sub
 * gives up no sooner than after five.
 */
import {
  asksAgain,
  matchAttributes,
  matchPattern,
  serializeError,
  type ShimCall,
} from 'polyfaas/function';
import { OverdueError } from 'polyfaas/http';
import { ATTRIBUTE, type BindingPolicy } from '../manifest.ts';
import { AGAIN, type Answer, DONE, TOO_SLOW } from './answer.ts';
import type { Instance } from './instance.ts';
import { busEvent } from './normal/bus.ts';
import { objectEvent } from './normal/object.ts';
import { tableRecord } from './normal/table.ts';
import type { Delivery } from './push.ts';
import { passedOn, publish } from './send.ts';

/** Handles one message of a binding. */
export async function servePushed(
  instance: Instance,
  policy: BindingPolicy,
  delivery: Delivery,
): Promise<Answer> {
  const { event } = policy.binding;
  if (!('retry' in event)) return DONE;
  if (!delivery.isCounted) {
    // Then each attempt is the first one, and what fails comes again for as long as Pub/Sub keeps it.
    instance.warnOnce(
      `Pub/Sub does not tell the attempts of "${policy.binding.id}": its subscription lost its dead-letter policy. Deploy the function again.`,
    );
  }
  let thrown: unknown;
  try {
    const call = callOf(policy, delivery);
    if (call === undefined) return DONE;
    const about = { requestId: delivery.id, attempt: delivery.attempt, trace: delivery.trace };
    const reply = await instance.call(call, about);
    if (!asksAgain(reply)) return DONE;
  } catch (error) {
    thrown = error;
    instance.sink.report('warn', 'A delivery failed', thrown, delivery.id);
  }
  if (delivery.attempt >= event.retry.maxAttempts) {
    return giveUp(instance, policy, delivery, thrown);
  }
  return thrown instanceof OverdueError ? TOO_SLOW : AGAIN;
}

/** Undefined for an event that the binding does not want. */
function callOf(policy: BindingPolicy, delivery: Delivery): ShimCall | undefined {
  const { source, binding } = policy;
  const { event } = binding;
  const { id, data, attributes, sentAt: time, attempt, group } = delivery;
  if (event.type === 'queue') {
    const own = group === undefined ? {} : { group };
    const message = { id, data, attributes, time, attempt, ...own };
    return { kind: 'queue', event: { source, messages: [message] } };
  }
  if (event.type === 'topic') {
    if (!matchAttributes(event.filter ?? {}, attributes)) return undefined;
    // Pub/Sub has no place of its own for it.
    const { subject, ...rest } = attributes;
    const own = subject === undefined ? {} : { subject };
    return { kind: 'topic', event: { id, source, time, data, attributes: rest, ...own } };
  }
  if (event.type === 'object') {
    const change = objectEvent(delivery, source);
    const isWanted =
      change !== undefined &&
      event.on.includes(change.type) &&
      change.key.startsWith(event.prefix) &&
      change.key.endsWith(event.suffix);
    return isWanted ? { kind: 'object', event: change } : undefined;
  }
  if (event.type === 'table') {
    return { kind: 'table', event: { source, records: [tableRecord(delivery, source)] } };
  }
  if (event.type !== 'bus') return undefined;
  const published = busEvent(delivery, source);
  // A filter of Pub/Sub may let more through than the pattern does.
  return matchPattern(event.pattern, published) ? { kind: 'bus', event: published } : undefined;
}

/** Acknowledged only once the dead-letter topic has it. */
async function giveUp(
  instance: Instance,
  policy: BindingPolicy,
  delivery: Delivery,
  thrown: unknown,
): Promise<Answer> {
  const { deadLetter, binding } = policy;
  const { id, attempt, bytes, allAttributes, group } = delivery;
  if (deadLetter === null) {
    const text = `Message ${id} of "${binding.id}" is dropped after ${attempt} attempts: it has no dead-letter queue`;
    instance.sink.report('warn', text, thrown, id);
    return DONE;
  }
  try {
    await publish(instance.manifest.endpoints.pubsub, deadLetter, {
      data: bytes,
      attributes: passedOn(allAttributes, [
        [ATTRIBUTE.reason, reasonOf(thrown)],
        [ATTRIBUTE.binding, binding.id],
        [ATTRIBUTE.function, instance.identity.functionName],
      ]),
      ...(group === undefined ? {} : { orderingKey: group }),
    });
  } catch (refused) {
    instance.sink.report('error', `Message ${id} cannot be set aside`, refused, id);
    return AGAIN;
  }
  instance.sink.report('warn', `Message ${id} is set aside after ${attempt} attempts`, thrown, id);
  return DONE;
}

/** Values of attributes have at most 1,024 bytes, and no halves of characters. */
function reasonOf(thrown: unknown): string {
  if (thrown === undefined) return 'The handler wanted it again.';
  const { name, message } = serializeError(thrown);
  return `${name}: ${message}`.slice(0, 250).toWellFormed();
}
