/** Messages of Service Bus. */
import type { SqlMessage, SqlValue } from './sql/parse.ts';

/** What a sender says besides the body. */
export interface MessageDraft {
  readonly body: string;
  readonly messageId: string;
  readonly contentType: string | undefined;
  readonly subject: string | undefined;
  readonly sessionId: string | undefined;
  readonly correlationId: string | undefined;
  readonly to: string | undefined;
  readonly replyTo: string | undefined;
  readonly applicationProperties: Readonly<Record<string, SqlValue>>;
  /** From when on it is there. */
  readonly enqueueAt: number;
  readonly timeToLiveMs: number | undefined;
}

/** A message in a queue, or in a subscription. */
export interface Message extends MessageDraft {
  readonly sequenceNumber: number;
  readonly expiresAt: number;
  /** Deliveries so far. */
  deliveryCount: number;
  /** Until then it belongs to whoever received it. */
  lockedUntil: number;
  lockToken: string;
}

/** As filters see it. */
export function sqlView(message: MessageDraft): SqlMessage {
  return {
    system: {
      messageid: message.messageId,
      label: message.subject ?? null,
      sessionid: message.sessionId ?? null,
      correlationid: message.correlationId ?? null,
      contenttype: message.contentType ?? null,
      to: message.to ?? null,
      replyto: message.replyTo ?? null,
    },
    user: Object.fromEntries(
      Object.entries(message.applicationProperties).map(([name, value]) => [
        name.toLowerCase(),
        value,
      ]),
    ),
  };
}

/** The system properties of a message that correlation filters may name. */
export function correlationView(message: MessageDraft): Readonly<Record<string, SqlValue>> {
  const { system } = sqlView(message);
  return { ...system, replytosessionid: null };
}
