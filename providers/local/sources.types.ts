/** What programs and tests send events with on this machine: `manager.native(LOCAL)?.sources`. */
import type { FunctionRef, JsonObject, JsonValue } from 'polyfaas/spi';

/** A message that was given up. */
export interface DeadLetter {
  readonly id: string;
  /** The dead-letter queue that holds it. */
  readonly queue: string;
  readonly data: JsonValue;
  readonly attributes: Readonly<Record<string, string>>;
  /** When it was sent first; RFC 3339 in UTC. */
  readonly time: string;
  /** How often it was delivered. */
  readonly attempts: number;
  /** Name and message of the last failure. */
  readonly lastError: string;
  /** Where it came from: `queue:orders`, `topic:user-registered`, `async:orders`. */
  readonly origin: string;
  readonly function: FunctionRef;
  readonly bindingId: string | undefined;
}

/** What goes with a message of a queue. */
export interface SendOptions {
  /** What handlers see beside the data; names and values are texts. Default none. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Messages of one group are delivered in order, one at a time. Default: no order. */
  readonly group?: string;
  /** Is not delivered earlier: 0 to 31,536,000, which is a year. Default 0. */
  readonly delaySeconds?: number;
}

/** What goes with a message of a topic. */
export interface PublishOptions {
  /** What handlers see beside the data, and filters match; names and values are texts. Default none. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** The subject that handlers see. Default none. */
  readonly subject?: string;
}

/**
 * Sources that functions are bound to. They need not be made: one is there as soon as it is named. Sending resolves after
 * the commit: what was accepted outlasts a restart, a crash and a kill. Data is what JSON can say, as with `invoke`, of at
 * most 1 MB, attributes included.
 *
 * Everything rejects with `ServerlessError`: INVALID_ARGUMENT or PAYLOAD_TOO_LARGE for what is refused, of which nothing is
 * kept; QUOTA_EXCEEDED when the disk is full.
 *
 * @example
 * ```ts
 * import { createServerlessManager } from 'polyfaas';
 * import { LOCAL } from 'polyfaas/local';
 *
 * await using manager = await createServerlessManager({ app: 'shop', provider: 'local' });
 * const local = manager.native(LOCAL);
 * await local?.sources.bucket('receipts').put('2026/7.json', JSON.stringify({ id: 7 }));
 * await local?.sources.bus().publish({ source: 'shop', type: 'order.paid', data: { id: 7 } });
 * await local?.settle();
 * ```
 */
export interface EventSources {
  queue(name: string): {
    send(data: unknown, options?: SendOptions): Promise<{ readonly id: string }>;
    /** All or none. */
    sendBatch(
      items: readonly { readonly data: unknown; readonly options?: SendOptions }[],
    ): Promise<readonly { readonly id: string }[]>;
    /** How many wait, and how many are being delivered. */
    depth(): Promise<{ readonly waiting: number; readonly inFlight: number }>;
    /** Deletes the messages that it holds, and tells how many. */
    purge(): Promise<number>;
  };
  topic(name: string): {
    /** Every function that is bound gets a message of its own. */
    publish(data: unknown, options?: PublishOptions): Promise<{ readonly id: string }>;
  };
  bucket(name: string): {
    /** Makes or replaces an object. Its key has 1 to 1,024 bytes. */
    put(
      key: string,
      body: Uint8Array | string,
      options?: { readonly contentType?: string },
    ): Promise<{ readonly etag: string }>;
    get(key: string): Promise<Uint8Array | undefined>;
    delete(key: string): Promise<void>;
    /** The keys that begin so, in order. Default: all. */
    list(prefix?: string): Promise<readonly string[]>;
  };
  stream(name: string): {
    /** Appends a record. Those of one partition key arrive in order. */
    put(
      partitionKey: string,
      data: unknown,
    ): Promise<{ readonly sequenceNumber: string; readonly shard: string }>;
  };
  table(name: string): {
    /** Makes or replaces the item of this key. */
    put(key: object, item: object): Promise<void>;
    get(key: object): Promise<JsonObject | undefined>;
    delete(key: object): Promise<void>;
  };
  /** Without a name: the bus `default`. */
  bus(name?: string): {
    publish(event: {
      readonly source: string;
      readonly type: string;
      readonly data: unknown;
      readonly subject?: string;
    }): Promise<{ readonly id: string }>;
  };
  /** @param queue the dead-letter queue, as a binding names it. */
  deadLetters(queue: string): {
    /** The oldest first. Default: the first 1,000, with a warning in the log when there are more. */
    list(limit?: number): Promise<readonly DeadLetter[]>;
    /** Sends them back where they came from, with their attempts counted anew. Default: all. Tells how many. */
    redrive(ids?: readonly string[]): Promise<number>;
    /** Deletes all of them, and tells how many. */
    purge(): Promise<number>;
  };
}
