/** Messages of storage queues: the data alone, or in the envelope that carries what the queue has no place for. */
import type { JsonValue } from 'polyfaas/function';
import { MARK, type MessageEnvelope } from '../manifest.ts';
import { fieldsOf, isFields, jsonOf, textOf, textsOf, timeOf, type Fields } from './json.ts';

/** One delivery. */
export interface Delivery {
  readonly id: string;
  readonly data: JsonValue;
  /** Deliveries so far, this one counted. */
  readonly attempt: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly group: string | undefined;
  readonly sentAt: string;
  readonly head: MessageEnvelope['$polyfaas'];
}

/**
 * @param message as the library hands it over: parsed where it is JSON.
 * @param metadata `context.triggerMetadata`.
 */
export function deliveryOf(message: unknown, metadata: Fields): Delivery {
  const head = headOf(message);
  const data = head === undefined ? jsonOf(message) : jsonOf(fieldsOf(message)['data'] ?? null);
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
  return { [MARK]: { ...head, id, attempts: attempt, sentAt }, data };
}

/** What a dead-letter queue gets: the data as it came; in its envelope only where there were attributes. */
export function deadLetterOf({
  id,
  data,
  attributes,
  group,
}: Pick<Delivery, 'id' | 'data' | 'attributes' | 'group'>): JsonValue | MessageEnvelope {
  const hasMore = Object.keys(attributes).length > 0 || group !== undefined;
  if (!hasMore) return data;
  return { [MARK]: { id, attributes, ...(group === undefined ? {} : { group }) }, data };
}

function headOf(message: unknown): MessageEnvelope['$polyfaas'] | undefined {
  const head = fieldsOf(message)[MARK];
  if (!isFields(head)) return undefined;
  const { id, attempts, attributes, group, sentAt, traceparent, tracestate, requestId } = head;
  const { outcome } = head;
  return {
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof attempts === 'number' && attempts >= 0 ? { attempts: Math.floor(attempts) } : {}),
    ...(isFields(attributes) ? { attributes: textsOf(attributes) } : {}),
    ...(typeof group === 'string' ? { group } : {}),
    ...(typeof sentAt === 'string' ? { sentAt: timeOf(sentAt) } : {}),
    ...(typeof traceparent === 'string' ? { traceparent } : {}),
    ...(typeof tracestate === 'string' ? { tracestate } : {}),
    ...(typeof requestId === 'string' ? { requestId } : {}),
    ...(outcome === 'onSuccess' || outcome === 'onFailure' ? { outcome } : {}),
  };
}
