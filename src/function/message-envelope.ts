/** Messages of queues that have no place for what travels beside the data: it travels inside, in an envelope. */
import { fieldsOf, isFields, textsOf, timeOf } from './foreign.ts';
import type { JsonValue } from './json.types.ts';

/** The key that marks a message as one of ours: explicit, so that no message of a user's is ever taken for it by its shape. */
export const MESSAGE_MARK = '$polyfaas';

/** Where the outcome of an asynchronous invocation goes. */
export type AsyncDestination = 'onSuccess' | 'onFailure';

/** What travels beside the data. */
export interface MessageHead {
  /** Default: the id that the queue gave. Stays the same when the message is sent again. */
  readonly id?: string;
  /** Deliveries before this copy was sent. Default 0. */
  readonly attempts?: number;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly group?: string;
  /** RFC 3339. When the first copy was sent. Default: when this one was. */
  readonly sentAt?: string;
  readonly traceparent?: string;
  readonly tracestate?: string;
  /** An asynchronous invocation's request id. */
  readonly requestId?: string;
  /** The data is what came of a call that has run, on its way to that destination, which did not take it yet. */
  readonly outcome?: AsyncDestination;
}

/**
 * A message of a queue without attributes (Azure's storage queues, Vercel Queues). Anything that is not marked is the data
 * itself. Producers use it where they want attributes.
 */
export interface MessageEnvelope {
  readonly $polyfaas: MessageHead;
  readonly data?: unknown;
}

/** What travels beside the data of a message; undefined for one that is the data itself. */
export function messageHeadOf(message: unknown): MessageHead | undefined {
  const head = fieldsOf(message)[MESSAGE_MARK];
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

/** What a dead-letter queue gets: the data as it came; in an envelope only where there was more than that. */
export function deadLetterOf({
  id,
  data,
  attributes,
  group,
}: {
  readonly id: string;
  readonly data: JsonValue;
  readonly attributes: Readonly<Record<string, string>>;
  readonly group: string | undefined;
}): JsonValue | MessageEnvelope {
  const hasMore = Object.keys(attributes).length > 0 || group !== undefined;
  if (!hasMore) return data;
  return { [MESSAGE_MARK]: { id, attributes, ...(group === undefined ? {} : { group }) }, data };
}
