/** The event sources that users declare. Handwritten, as `types.ts` is; `schema-events.ts` holds their run-time schema. */
import type { EventKind } from '../function/events.ts';
import type { JsonValue } from '../function/json.types.ts';

/** HTTP methods that a route can name; `ANY` matches all. */
export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS' | 'ANY';

/** Cross-origin rules of one route. `true` stands for all of the defaults. */
export interface CorsSpec {
  /** Default `['*']`. */
  readonly origins?: readonly string[] | undefined;
  /** Default: the route's own methods. */
  readonly methods?: readonly HttpMethod[] | undefined;
  /** Default `['content-type', 'authorization']`. */
  readonly headers?: readonly string[] | undefined;
  /** Headers of the response that a page's own code may read. Default: none but those that browsers always show. */
  readonly exposeHeaders?: readonly string[] | undefined;
  /** Default false; cannot be combined with the origin `*`. */
  readonly credentials?: boolean | undefined;
  /** 0 to 86,400; default 600. */
  readonly maxAgeSeconds?: number | undefined;
}

/** A JSON Web Token that a route asks for. */
export interface JwtSpec {
  /** The `iss` that the token must carry. */
  readonly issuer: string;
  /** Any of these must be in the token's `aud`. */
  readonly audience: readonly string[];
  /** Where the keys are. Default: `<issuer>/.well-known/jwks.json`. */
  readonly jwksUri?: string | undefined;
  /** All of these must be in the token's `scope`. */
  readonly scopes?: readonly string[] | undefined;
}

/** How many requests a route takes, whoever sends them: one that lacks a valid token counts, too. More get 429. */
export interface RateLimitSpec {
  /** How many a second in the long run: 0.001 to 1,000,000. */
  readonly requestsPerSecond: number;
  /** How many may come at once; default `requestsPerSecond` rounded up. */
  readonly burst?: number | undefined;
}

/** How failed deliveries are repeated. */
export interface RetrySpec {
  /** Counts all deliveries, the first one too: 1 to 100. Default 3. */
  readonly maxAttempts?: number | undefined;
  /** Default `exponential`. */
  readonly backoff?: 'exponential' | 'linear' | 'fixed' | undefined;
  /** The first delay: 0 to 43,200. Default 1. */
  readonly delaySeconds?: number | undefined;
  /** No delay is longer: 0 to 43,200. Default 900. */
  readonly maxDelaySeconds?: number | undefined;
  /** Full jitter: each delay is drawn between 0 and its value. Default true. */
  readonly jitter?: boolean | undefined;
}

/** What all event sources share. */
export interface EventBase {
  /** Names the binding. Default: the kind and a hash of its source. Required where two would be the same. */
  readonly id?: string | undefined;
  /** Default true. A disabled binding exists but delivers nothing. */
  readonly enabled?: boolean | undefined;
}

/** What event sources share that the library may make. */
export interface SourceBase extends EventBase {
  /** Make the source when it is not there; `remove` takes away only what was made so. Default false; local sources always exist. */
  readonly create?: boolean | undefined;
}

/** A route. */
export interface HttpEvent extends EventBase {
  readonly type: 'http';
  /** Default `ANY`. */
  readonly method?: HttpMethod | readonly HttpMethod[] | undefined;
  /** Starts with `/`; `{id}` matches one segment and `{rest+}` the rest. Default `/{path+}` and `/`. */
  readonly path?: string | undefined;
  /** Lets pages of other origins call the route. Default false. */
  readonly cors?: boolean | CorsSpec | undefined;
  /** Requests without a valid token get 401, those without its scopes 403. Default: anybody may call. */
  readonly jwt?: JwtSpec | undefined;
  /** Default: no limit of ours. */
  readonly rateLimit?: RateLimitSpec | undefined;
  /** Larger bodies get 413. Default: the provider's limit. */
  readonly maxBodyBytes?: number | undefined;
}

/** A timer: either `every` or `cron`. */
export type ScheduleEvent = EventBase & {
  readonly type: 'schedule';
  /** IANA name for `cron`. Default `UTC`. */
  readonly timezone?: string | undefined;
  /** Arrives as `tick.data`. */
  readonly input?: JsonValue | undefined;
} & (
    | {
        /** Such as `5 minutes`, `1 hour`, `30 seconds`. */
        readonly every: string;
        readonly cron?: never;
      }
    | {
        /** Five fields: minute, hour, day of month, month, day of week. */
        readonly cron: string;
        readonly every?: never;
      }
  );

/** Messages of a queue. */
export interface QueueEvent extends SourceBase {
  readonly type: 'queue';
  /** Plain name, or the platform's own id. */
  readonly queue: string;
  /** At most so many messages a call: 1 to 10,000. Default 10. */
  readonly batchSize?: number | undefined;
  /** How long to wait for a batch to fill: 0 to 300. Default 0. */
  readonly batchWindowSeconds?: number | undefined;
  /** How failed deliveries are repeated. */
  readonly retry?: RetrySpec | undefined;
  /** The queue that takes a message after its last attempt. Without one, it is dropped; its failures are in the log. */
  readonly deadLetter?: string | undefined;
}

/** Messages published to a topic. */
export interface TopicEvent extends SourceBase {
  readonly type: 'topic';
  /** Plain name, or the platform's own id. */
  readonly topic: string;
  /** Only messages whose attributes have one of the values, for every key named. */
  readonly filter?: Readonly<Record<string, readonly string[]>> | undefined;
  /** How failed deliveries are repeated. */
  readonly retry?: RetrySpec | undefined;
  /** The queue that takes a message after its last attempt. Without one, it is dropped; its failures are in the log. */
  readonly deadLetter?: string | undefined;
}

/** Changes of the objects in a bucket. */
export interface ObjectEventSpec extends SourceBase {
  readonly type: 'object';
  /** Plain name, or the platform's own id. */
  readonly bucket: string;
  /** Default `['created']`. */
  readonly on?: readonly ('created' | 'deleted')[] | undefined;
  /** Only objects whose key begins so. */
  readonly prefix?: string | undefined;
  /** Only objects whose key ends so. */
  readonly suffix?: string | undefined;
  /** How failed deliveries are repeated. */
  readonly retry?: RetrySpec | undefined;
  /** The queue that takes a change after its last attempt. Without one, it is dropped; its failures are in the log. */
  readonly deadLetter?: string | undefined;
}

/** Records of a stream, in order per shard. */
export interface StreamEvent extends SourceBase {
  readonly type: 'stream';
  /** Plain name, or the platform's own id. */
  readonly stream: string;
  /** 1 to 10,000. Default 100. */
  readonly batchSize?: number | undefined;
  /** How long to wait for a batch to fill: 0 to 300. Default 0. */
  readonly batchWindowSeconds?: number | undefined;
  /** Where a new binding begins. Default `latest`. */
  readonly from?: 'latest' | 'oldest' | undefined;
  /** How failed deliveries are repeated. */
  readonly retry?: RetrySpec | undefined;
  /** The queue that takes a record after its last attempt. Without one, it is dropped; its failures are in the log. */
  readonly deadLetter?: string | undefined;
}

/** Changes of a table's rows. */
export interface TableEvent extends SourceBase {
  readonly type: 'table';
  /** Plain name, or the platform's own id. */
  readonly table: string;
  /** 1 to 10,000. Default 100. */
  readonly batchSize?: number | undefined;
  /** How long to wait for a batch to fill: 0 to 300. Default 0. */
  readonly batchWindowSeconds?: number | undefined;
  /** Where a new binding begins. Default `latest`. */
  readonly from?: 'latest' | 'oldest' | undefined;
  /** How failed deliveries are repeated. */
  readonly retry?: RetrySpec | undefined;
  /** The queue that takes a change after its last attempt. Without one, it is dropped; its failures are in the log. */
  readonly deadLetter?: string | undefined;
}

/**
 * What an event on a bus must look like, as in EventBridge: each field named must hold one of the values, and
 * `data` nests. A value is a literal, or `{ prefix }`, `{ suffix }`, `{ exists }`, `{ 'anything-but': [...] }`, `{ numeric: [...] }`.
 */
export interface BusPattern {
  /** Where the event comes from, such as `['shop']`. */
  readonly source?: readonly JsonValue[] | undefined;
  /** What happened, such as `['order.paid']`; `detail-type` on EventBridge. */
  readonly type?: readonly JsonValue[] | undefined;
  /** What the event carries, field by field; `detail` on EventBridge. */
  readonly data?: { readonly [key: string]: JsonValue } | undefined;
}

/** Events of a bus that match a pattern. */
export interface BusEventSpec extends SourceBase {
  readonly type: 'bus';
  /** Default `default`. */
  readonly bus?: string | undefined;
  /** Default: all events. */
  readonly pattern?: BusPattern | undefined;
  /** How failed deliveries are repeated. */
  readonly retry?: RetrySpec | undefined;
  /** The queue that takes an event after its last attempt. Without one, it is dropped; its failures are in the log. */
  readonly deadLetter?: string | undefined;
}

/** An event source, as users declare it. */
export type EventSpec =
  | HttpEvent
  | ScheduleEvent
  | QueueEvent
  | TopicEvent
  | ObjectEventSpec
  | StreamEvent
  | TableEvent
  | BusEventSpec;

/** The event kinds, as a type-level map to their specs. */
export type EventSpecOf<Kind extends EventKind> = Extract<EventSpec, { readonly type: Kind }>;
