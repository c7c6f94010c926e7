/** Event sources tied to a function, in their normal form. */
import type {
  Complete,
  BusPattern,
  CorsSpec,
  HttpMethod,
  JwtSpec,
  RateLimitSpec,
} from '../spec/types.ts';
import type { JsonValue } from '../function/json.types.ts';

/** A retry policy with nothing left out. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly backoff: 'exponential' | 'linear' | 'fixed';
  readonly delaySeconds: number;
  readonly maxDelaySeconds: number;
  readonly jitter: boolean;
}

interface Enabled {
  readonly enabled: boolean;
}

/** What queues, topics, buckets, streams, tables and buses share. */
export interface Delivered extends Enabled {
  readonly create: boolean;
  readonly retry: RetryPolicy;
  readonly deadLetter?: string;
}

interface Batched {
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
}

/** A route with nothing left out. */
export interface NormalHttpEvent extends Enabled {
  readonly type: 'http';
  /** Sorted; `['ANY']` for all. */
  readonly methods: readonly HttpMethod[];
  readonly path: string;
  readonly cors?: Complete<CorsSpec>;
  readonly jwt?: JwtSpec & { readonly jwksUri: string };
  readonly rateLimit?: Complete<RateLimitSpec>;
  readonly maxBodyBytes?: number;
}

/** A timer with nothing left out. */
export interface NormalScheduleEvent extends Enabled {
  readonly type: 'schedule';
  /** An interval, or five cron fields. */
  readonly when: { readonly everySeconds: number } | { readonly cron: string };
  readonly timezone: string;
  readonly input: JsonValue;
}

export interface NormalQueueEvent extends Delivered, Batched {
  readonly type: 'queue';
  readonly queue: string;
}

export interface NormalTopicEvent extends Delivered {
  readonly type: 'topic';
  readonly topic: string;
  readonly filter?: Readonly<Record<string, readonly string[]>>;
}

export interface NormalObjectEvent extends Delivered {
  readonly type: 'object';
  readonly bucket: string;
  readonly on: readonly ('created' | 'deleted')[];
  readonly prefix: string;
  readonly suffix: string;
}

export interface NormalStreamEvent extends Delivered, Batched {
  readonly type: 'stream';
  readonly stream: string;
  readonly from: 'latest' | 'oldest';
}

export interface NormalTableEvent extends Delivered, Batched {
  readonly type: 'table';
  readonly table: string;
  readonly from: 'latest' | 'oldest';
}

export interface NormalBusEvent extends Delivered {
  readonly type: 'bus';
  readonly bus: string;
  readonly pattern: BusPattern;
}

/** An event source in its normal form: every default filled in. */
export type NormalEvent =
  | NormalHttpEvent
  | NormalScheduleEvent
  | NormalQueueEvent
  | NormalTopicEvent
  | NormalObjectEvent
  | NormalStreamEvent
  | NormalTableEvent
  | NormalBusEvent;

/** An event source tied to a function. */
export interface Binding {
  readonly id: string;
  /** `spec`: declared with the function, and removed when the declaration goes. `api`: added by `configureEvent`, and kept until `removeEvent`. */
  readonly origin: 'spec' | 'api';
  readonly event: NormalEvent;
}
