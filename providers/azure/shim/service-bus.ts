/** Messages of Service Bus: of a topic's subscription, and of a queue where that is the service for queues. */
import type { InvocationContext } from '@azure/functions';
import { readTraceContext, type ShimCall, type ShimReply } from 'polyfaas/function';
import type { BindingPolicy } from '../manifest.ts';
import { sendDeadLetter } from './dead-letter.ts';
import type { Instance } from './instance.ts';
import { fieldsOf, jsonOf, textOf, textsOf, timeOf } from './json.ts';
import { report } from './report.ts';

/**
 * Handles one message. Resolving acknowledges it; a failure gives it back, and Service Bus delivers it again at once.
 * After its last attempt it goes to the dead-letter queue of the binding.
 */
export async function serveServiceBus(
  instance: Instance,
  policy: BindingPolicy,
  message: unknown,
  context: InvocationContext,
): Promise<void> {
  const { binding, source, deadLetter } = policy;
  const { event } = binding;
  if (event.type !== 'topic' && event.type !== 'queue') return;
  const metadata = fieldsOf(context.triggerMetadata);
  const properties = fieldsOf(metadata['applicationProperties'] ?? metadata['userProperties']);
  const attributes = textsOf(properties);
  const attempt = Math.max(1, Number(metadata['deliveryCount']) || 1);
  const id = textOf(metadata['messageId']);
  const data = jsonOf(message);
  const time = timeOf(metadata['enqueuedTimeUtc']);
  const subject = textOf(metadata['subject'] ?? metadata['label']);
  const group = textOf(metadata['sessionId']);
  const call: ShimCall =
    event.type === 'topic'
      ? {
          kind: 'topic',
          event: { id, source, time, data, attributes, ...(subject === '' ? {} : { subject }) },
        }
      : {
          kind: 'queue',
          event: {
            source,
            messages: [{ id, data, attributes, time, attempt, ...(group === '' ? {} : { group }) }],
          },
        };
  // The library makes the first letter of every name small.
  const parent =
    attributes['traceparent'] ?? attributes['diagnostic-Id'] ?? attributes['Diagnostic-Id'];
  const trace = readTraceContext(parent, attributes['tracestate']);
  let thrown: unknown;
  // One more delivery comes where the dead-letter queue did not take the message, or the last one crashed.
  if (attempt <= event.retry.maxAttempts) {
    try {
      const about = { requestId: context.invocationId, attempt, trace };
      const reply = await instance.call(call, about, context);
      if (event.type === 'topic' || !asksAgain(reply)) return;
    } catch (error) {
      thrown = error;
      report(instance, 'warn', 'A delivery failed', thrown, context);
    }
  }
  if (attempt < event.retry.maxAttempts) {
    throw thrown instanceof Error ? thrown : new Error('The handler wants the message again.');
  }
  if (deadLetter === null) {
    const text = `Message ${id} of "${binding.id}" is dropped after ${attempt} attempts: it has no dead-letter queue`;
    report(instance, 'warn', text, thrown, context);
    return;
  }
  const letter = { id, data, attributes, group: group === '' ? undefined : group };
  await sendDeadLetter(deadLetter, letter);
}

/** It is the only message of its batch. */
function asksAgain(reply: ShimReply): boolean {
  return (
    typeof reply === 'object' &&
    reply !== null &&
    'retry' in reply &&
    Array.isArray(reply.retry) &&
    reply.retry.length > 0
  );
}
