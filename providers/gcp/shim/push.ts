/** What Pub/Sub pushes: `{ message, subscription, deliveryAttempt }` ("Receive messages by push", wrapped form). */
import {
  decodeText,
  fieldsOf,
  type JsonValue,
  readTraceContext,
  textOf,
  textsOf,
  timeOf,
  type TraceContext,
} from 'polyfaas/function';
import { ATTRIBUTE } from '../manifest.ts';

/** One delivery of one message. */
export interface Delivery {
  readonly id: string;
  readonly bytes: Buffer;
  /** The JSON in it, or its text. */
  readonly data: JsonValue;
  /** Those of the producer; ours are not among them. */
  readonly attributes: Readonly<Record<string, string>>;
  /** All of them. */
  readonly allAttributes: Readonly<Record<string, string>>;
  readonly group: string | undefined;
  /** RFC 3339. */
  readonly sentAt: string;
  /** 1 on the first delivery. */
  readonly attempt: number;
  /** Whether Pub/Sub told the attempt, which it does for subscriptions with a dead-letter policy: all of ours. */
  readonly isCounted: boolean;
  readonly trace: TraceContext | undefined;
}

const OURS: ReadonlySet<string> = new Set(Object.values(ATTRIBUTE));

/** Undefined for what is no push. */
export function deliveryOf(body: Uint8Array): Delivery | undefined {
  const push = fieldsOf(parsed(body));
  const message = fieldsOf(push['message']);
  const id = textOf(message['messageId'] ?? message['message_id']);
  if (id === '') return undefined;
  const bytes = Buffer.from(textOf(message['data']), 'base64');
  const allAttributes = textsOf(message['attributes']);
  const group = textOf(message['orderingKey']);
  return {
    id,
    bytes,
    data: decodeText(bytes.toString('utf8')),
    attributes: Object.fromEntries(
      Object.entries(allAttributes).filter(
        ([name]) =>
          !(OURS.has(name) && name.startsWith('polyfaas-')) &&
          !name.startsWith(ATTRIBUTE.cloudEvent),
      ),
    ),
    allAttributes,
    group: group === '' ? undefined : group,
    sentAt: timeOf(message['publishTime'] ?? message['publish_time']),
    attempt: Math.max(1, Number(push['deliveryAttempt']) || 1),
    isCounted: Number(push['deliveryAttempt']) >= 1,
    trace: readTraceContext(
      allAttributes[ATTRIBUTE.traceparent],
      allAttributes[ATTRIBUTE.tracestate],
    ),
  };
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}
