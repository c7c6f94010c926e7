/**
 * Deliveries of a storage queue: of a queue binding, and of the object and bus events that Event Grid puts into a queue
 * of their binding. The host knows neither delays nor a dead-letter queue of one's own choice, so both are done here:
 * a message that fails is put again with its count, and only then acknowledged.
 */
import type { InvocationContext } from '@azure/functions';
import {
  isQueueResult,
  matchPattern,
  type ShimCall,
  type ShimReply,
  type TraceContext,
  readTraceContext,
} from 'polyfaas/function';
import type { BindingPolicy } from '../manifest.ts';
import { sendDeadLetter } from './dead-letter.ts';
import { queueDelaySeconds } from './delay.ts';
import type { Instance } from './instance.ts';
import { fieldsOf, textOf } from './json.ts';
import { againOf, deliveryOf, type Delivery } from './message.ts';
import { busEvent } from './normal/bus.ts';
import { objectEvent } from './normal/object.ts';
import { report } from './report.ts';
import { send } from './send.ts';

/** Handles one message of a binding's queue. Resolving acknowledges it. */
export async function serveQueue(
  instance: Instance,
  policy: BindingPolicy,
  message: unknown,
  context: InvocationContext,
): Promise<void> {
  const delivery = deliveryOf(message, fieldsOf(context.triggerMetadata));
  const { event } = policy.binding;
  if (!('retry' in event)) return;
  // A message that took the process down every time is counted by the host alone.
  if (delivery.attempt > event.retry.maxAttempts) {
    const crashed = new Error('It took the process down.');
    report(instance, 'warn', `Message ${delivery.id} is given up`, crashed, context);
    return giveUp(instance, policy, delivery, crashed, context);
  }
  const call = callOf(policy, delivery);
  if (call === undefined) return;
  let thrown: unknown;
  try {
    const about = {
      requestId: context.invocationId,
      attempt: delivery.attempt,
      trace: traceOf(delivery),
    };
    const reply = await instance.call(call, about, context);
    if (!asksAgain(reply, delivery.id)) return;
  } catch (error) {
    thrown = error;
    report(instance, 'warn', 'A delivery failed', thrown, context);
  }
  // Outside of the try: where the queue takes no copy, the host repeats the message, and no second copy may be sent.
  await again(instance, policy, delivery, thrown, context);
}

/** Undefined for an event that the binding does not want. */
function callOf(policy: BindingPolicy, delivery: Delivery): ShimCall | undefined {
  const { source, binding } = policy;
  const { event } = binding;
  if (event.type === 'queue') {
    const { id, data, attributes, sentAt, attempt, group } = delivery;
    const own = group === undefined ? {} : { group };
    const message = { id, data, attributes, time: sentAt, attempt, ...own };
    return { kind: 'queue', event: { source, messages: [message] } };
  }
  if (event.type === 'object') {
    const change = objectEvent(delivery.data, source);
    return change && { kind: 'object', event: change };
  }
  if (event.type !== 'bus') return undefined;
  const published = busEvent(delivery.data, source);
  // Event Grid's filters may let more through than the pattern does.
  return matchPattern(event.pattern, published) ? { kind: 'bus', event: published } : undefined;
}

function asksAgain(reply: ShimReply, id: string): boolean {
  return isQueueResult(reply) && (reply.retry ?? []).includes(id);
}

async function again(
  instance: Instance,
  policy: BindingPolicy,
  delivery: Delivery,
  thrown: unknown,
  context: InvocationContext,
): Promise<void> {
  const { event } = policy.binding;
  if (!('retry' in event)) return;
  const { retry } = event;
  if (delivery.attempt >= retry.maxAttempts) {
    return giveUp(instance, policy, delivery, thrown, context);
  }
  // Nowhere to put it: the platform repeats it by itself.
  if (policy.again === null) throw asError(thrown);
  const delaySeconds = queueDelaySeconds(retry, delivery.attempt, Math.random());
  await send(policy.again, againOf(delivery), { delaySeconds });
}

async function giveUp(
  instance: Instance,
  policy: BindingPolicy,
  delivery: Delivery,
  thrown: unknown,
  context: InvocationContext,
): Promise<void> {
  const { deadLetter, binding } = policy;
  if (deadLetter === null) {
    const text = `Message ${delivery.id} of "${binding.id}" is dropped after ${delivery.attempt} attempts: it has no dead-letter queue`;
    report(instance, 'warn', text, thrown, context);
    return;
  }
  await sendDeadLetter(deadLetter, delivery);
}

/** Of the envelope, of the producer's attributes, or of a CloudEvent ("Distributed Tracing" extension). */
function traceOf({ head, attributes, data }: Delivery): TraceContext | undefined {
  const event = fieldsOf(data);
  return (
    readTraceContext(head.traceparent, head.tracestate) ??
    readTraceContext(attributes['traceparent'], attributes['tracestate']) ??
    ('specversion' in event
      ? readTraceContext(textOf(event['traceparent']), textOf(event['tracestate']))
      : undefined)
  );
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('The handler wants the message again.');
}
