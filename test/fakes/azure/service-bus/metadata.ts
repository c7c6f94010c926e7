/** What the worker gets beside a message, as the Service Bus extension of the Functions host names it. */
import type { TriggerData } from '../core/ports.ts';
import { offsetTime, zonelessTime } from '../listeners/bindings.ts';
import type { Message } from './message.ts';

/** The last moment that .NET knows. */
const LAST = '9999-12-31T23:59:59.9999999';

export function triggerMetadata(message: Message): Readonly<Record<string, TriggerData>> {
  const texts = {
    MessageId: message.messageId,
    LockToken: message.lockToken,
    ContentType: message.contentType,
    SessionId: message.sessionId,
    Subject: message.subject,
    Label: message.subject,
    CorrelationId: message.correlationId,
    To: message.to,
    ReplyTo: message.replyTo,
  };
  const values = {
    DeliveryCount: message.deliveryCount,
    SequenceNumber: message.sequenceNumber,
    EnqueuedTimeUtc: zonelessTime(message.enqueueAt),
    EnqueuedTime: offsetTime(message.enqueueAt),
    ExpiresAtUtc: isForEver(message.expiresAt) ? LAST : zonelessTime(message.expiresAt),
    ExpiresAt: isForEver(message.expiresAt) ? `${LAST}+00:00` : offsetTime(message.expiresAt),
    ApplicationProperties: message.applicationProperties,
    UserProperties: message.applicationProperties,
  };
  return {
    ...Object.fromEntries(
      Object.entries(texts).flatMap(([name, text]) =>
        text === undefined ? [] : [[name, { string: text }] as const],
      ),
    ),
    ...Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, { json: JSON.stringify(value) }]),
    ),
  };
}

function isForEver(time: number): boolean {
  return time >= Date.UTC(9999, 0);
}
