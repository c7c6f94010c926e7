/** What the worker gets beside a message, as the Service Bus extension of the Functions host names it. */
import type { TriggerData } from '../core/ports.ts';
import type { Message } from './message.ts';

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
    EnqueuedTimeUtc: new Date(message.enqueueAt).toISOString(),
    EnqueuedTime: new Date(message.enqueueAt).toISOString(),
    ExpiresAtUtc: timeOf(message.expiresAt),
    ExpiresAt: timeOf(message.expiresAt),
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

/** "For ever" is the last moment that .NET knows. */
function timeOf(time: number): string {
  return time < Date.UTC(9999, 0) ? new Date(time).toISOString() : '9999-12-31T23:59:59.9999999Z';
}
