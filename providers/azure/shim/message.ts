/** Messages of storage queues: the data alone, or in the envelope that carries what the queue has no place for. */
import {
  type JsonValue,
  MESSAGE_MARK,
  type MessageEnvelope,
  type MessageHead,
  messageHeadOf,
} from 'polyfaas/function';
import { fieldsOf, jsonOf, textOf, timeOf, type Fields } from './json.ts';

/** One delivery. */
export interface Delivery {
  readonly id: string;
  readonly data: JsonValue;
  /** Deliveries so far, this one counted. */
  readonly attempt: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly group: string | undefined;
  readonly sentAt: string;
  readonly head: MessageHead;
}

/**
 * @param message as the library hands it over: its bytes.
 * @param metadata `context.triggerMetadata`.
 */
export function deliveryOf(message: unknown, metadata: Fields): Delivery {
  const body = jsonOf(message);
  const head = messageHeadOf(body);
  const data = head === undefined ? body : jsonOf(fieldsOf(body)['data'] ?? null);
  const dequeued = Math.max(1, Number(metadata['dequeueCount']) || 1);
  return {
    id: head?.id ?? textOf(metadata['id']),
    data,
    attempt: (head?.attempts ?? 0) + dequeued,
    attributes: head?.attributes ?? {},
    group: head?.group,
    sentAt: head?.sentAt ?? timeOf(metadata['insertionTime']),
    head: head ?? {},
  };
}

/** The same message for another delivery: all deliveries so far are counted in it. */
export function againOf({ id, data, attempt, sentAt, head }: Delivery): MessageEnvelope {
  return { [MESSAGE_MARK]: { ...head, id, attempts: attempt, sentAt }, data };
}
