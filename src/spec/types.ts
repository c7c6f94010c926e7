/**
 * What users declare. Handwritten so that importing the types costs nothing; `schema.ts` holds the run-time
 * schema, and a type test equates the two.
 */
import type { EventKind, HandlerKind } from '../function/events.ts';
import type { JsonValue } from '../function/json.types.ts';
import type { Signature } from '../function/shim.ts';
import type { ProviderName } from './provider-name.types.ts';

/** With every field there: how the normal form has what a declaration may leave out. */
export type Complete<Spec> = { readonly [Field in keyof Spec]-?: Exclude<Spec[Field], undefined> };

/** A reference to a secret: its name in the platform's own store. The value never leaves that store. */
export interface SecretRef {
  readonly $secret: string;
  /** A fixed version of the secret. Default: the newest at each cold start. */
  readonly version?: string;
}

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
  readonly cors?: boolean | CorsSpec | undefined;
  readonly jwt?: JwtSpec | undefined;
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
  readonly retry?: RetrySpec | undefined;
  /** The queue that takes a message after its last attempt. Without one, it is dropped; its failures are in the log. */
  readonly deadLetter?: string | undefined;
}

/** Messages published to a topic. */
export interface TopicEvent extends SourceBase {
  readonly type: 'topic';
  readonly topic: string;
  /** Only messages whose attributes have one of the values, for every key named. */
  readonly filter?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly retry?: RetrySpec | undefined;
  readonly deadLetter?: string | undefined;
}

/** Changes of the objects in a bucket. */
export interface ObjectEventSpec extends SourceBase {
  readonly type: 'object';
  readonly bucket: string;
  /** Default `['created']`. */
  readonly on?: readonly ('created' | 'deleted')[] | undefined;
  readonly prefix?: string | undefined;
  readonly suffix?: string | undefined;
  readonly retry?: RetrySpec | undefined;
  readonly deadLetter?: string | undefined;
}

/** Records of a stream, in order per shard. */
export interface StreamEvent extends SourceBase {
  readonly type: 'stream';
  readonly stream: string;
  /** 1 to 10,000. Default 100. */
  readonly batchSize?: number | undefined;
  readonly batchWindowSeconds?: number | undefined;
  /** Where a new binding begins. Default `latest`. */
  readonly from?: 'latest' | 'oldest' | undefined;
  readonly retry?: RetrySpec | undefined;
  readonly deadLetter?: string | undefined;
}

/** Changes of a table's rows. */
export interface TableEvent extends SourceBase {
  readonly type: 'table';
  readonly table: string;
  /** 1 to 10,000. Default 100. */
  readonly batchSize?: number | undefined;
  readonly batchWindowSeconds?: number | undefined;
  readonly from?: 'latest' | 'oldest' | undefined;
  readonly retry?: RetrySpec | undefined;
  readonly deadLetter?: string | undefined;
}

/**
 * What an event on a bus must look like, as in EventBridge: each field named must hold one of the values, and
 * `data` nests. A value is a literal, or `{ prefix }`, `{ suffix }`, `{ exists }`, `{ 'anything-but': [...] }`, `{ numeric: [...] }`.
 */
export interface BusPattern {
  readonly source?: readonly JsonValue[] | undefined;
  readonly type?: readonly JsonValue[] | undefined;
  readonly data?: { readonly [key: string]: JsonValue } | undefined;
}

/** Events of a bus that match a pattern. */
export interface BusEventSpec extends SourceBase {
  readonly type: 'bus';
  /** Default `default`. */
  readonly bus?: string | undefined;
  /** Default: all events. */
  readonly pattern?: BusPattern | undefined;
  readonly retry?: RetrySpec | undefined;
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

/** Where an asynchronous invocation's outcome goes. */
export interface DestinationSpec {
  readonly type: 'queue' | 'topic' | 'bus';
  readonly name: string;
}

/** Asynchronous invocation. */
export interface AsyncSpec {
  readonly retry?: RetrySpec | undefined;
  /** Older invocations are given up: 60 to 21,600. Default 21,600. */
  readonly maxAgeSeconds?: number | undefined;
  readonly onSuccess?: DestinationSpec | undefined;
  readonly onFailure?: DestinationSpec | undefined;
}

/** How the code is packaged. */
export interface PackageSpec {
  /** Modules that are not bundled; those in `node_modules` are traced and added as they are. */
  readonly external?: readonly string[] | undefined;
  /** Globs, relative to the root, of files that the code reads at run time. */
  readonly include?: readonly string[] | undefined;
  /** Default true. */
  readonly minify?: boolean | undefined;
}

/** Tracing of a function. */
export interface TracingSpec {
  /** 0 to 1. Default 1. */
  readonly sampleRate?: number | undefined;
}

/** Settings that one provider alone understands. Each provider's package augments this interface. */
export interface ProviderOptions {}

/** All of a function but its code. */
export interface FunctionSpecBase {
  readonly description?: string | undefined;
  /** The module's export that is the handler. Default `default`, then `handler`. */
  readonly handler?: string | undefined;
  /** Default: found by looking at the handler. */
  readonly signature?: Signature | undefined;
  /** Declares the kinds handled, for code that cannot be loaded while packaging. */
  readonly handles?: readonly HandlerKind[] | undefined;
  /** `node` (default: the provider's newest LTS), `node22`, `node24`, or a platform's own name for another language. */
  readonly runtime?: string | undefined;
  /** 64 to 32,768. Default 256. */
  readonly memoryMb?: number | undefined;
  /** 1 to 86,400. Default 30. */
  readonly timeoutSeconds?: number | undefined;
  /** Plain values, or `secret(name)`. */
  readonly env?: Readonly<Record<string, string | SecretRef>> | undefined;
  readonly events?: readonly EventSpec[] | undefined;
  /** Instances kept ready. Default 0. */
  readonly minInstances?: number | undefined;
  /** Never more instances than this: 1 to 10,000. Default: the provider's. */
  readonly maxInstances?: number | undefined;
  /** Requests that one instance serves at once: 1 to 1,000. Default 1. */
  readonly concurrency?: number | undefined;
  readonly architecture?: 'x86_64' | 'arm64' | undefined;
  readonly async?: AsyncSpec | undefined;
  readonly package?: PackageSpec | undefined;
  readonly tracing?: boolean | TracingSpec | undefined;
  /** Versions kept for a rollback, the live one among them: 1 to 100. Default 5. */
  readonly keepVersions?: number | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly providerOptions?: ProviderOptions | undefined;
}

/** Where the code comes from: exactly one of these. */
export type FunctionCode =
  | {
      readonly entry: string;
      readonly source?: never;
      readonly artifact?: never;
      readonly image?: never;
    }
  | {
      readonly source: string;
      readonly entry?: never;
      readonly artifact?: never;
      readonly image?: never;
    }
  | {
      readonly artifact: string;
      readonly entry?: never;
      readonly source?: never;
      readonly image?: never;
    }
  | {
      readonly image: string;
      readonly entry?: never;
      readonly source?: never;
      readonly artifact?: never;
    };

/**
 * A function. Its code is one of `entry` (a file), `source` (inline), `artifact` (a zip that is ready) and
 * `image` (a container image, where the provider takes them).
 */
export type FunctionSpec = FunctionSpecBase & FunctionCode;

/** What a whole configuration may hold. */
export interface PolyfaasConfig<Names extends string = string> {
  /** Lower case letters, digits and dashes, at most 40. Default: the name in the nearest `package.json`. */
  readonly app?: string | undefined;
  /** Lower case letters, digits and dashes, at most 20. Default `dev`. */
  readonly stage?: string | undefined;
  /** `local`, `aws`, `azure`, `gcp`, `vercel`, or the id of a package listed in `adapters`. Default `local`. */
  readonly provider?: ProviderName | undefined;
  /**
   * Several providers instead of one, 2 to 8, the primary first: `['aws', 'gcp']`. Changes go to all of them at once, and
   * invocations to the first that is well.
   */
  readonly targets?: readonly ProviderName[] | undefined;
  /** When invocations go past a target. */
  readonly failover?: FailoverSpec | undefined;
  /** A portable alias (`eu-central`), the platform's own name, or a map by provider. */
  readonly region?: string | Readonly<Record<string, string>> | undefined;
  readonly functions?: Readonly<Record<Names, FunctionSpec>> | undefined;
  /** Merged over the rest when `stage` is the key. */
  readonly environments?: Readonly<Record<string, EnvironmentOverlay>> | undefined;
  /** Defaults for every function. */
  readonly defaults?: Partial<FunctionSpecBase> | undefined;
  /** Third-party providers: id to package name. */
  readonly adapters?: Readonly<Record<string, string>> | undefined;
  readonly limits?: LimitsSpec | undefined;
  readonly providerOptions?: ProviderOptions | undefined;
  /** Where paths begin. Default: the folder of the configuration file, or the working folder. */
  readonly root?: string | undefined;
}

/** How patient `invoke` is with one of several targets. */
export interface FailoverSpec {
  /** So many failures of a target in a row, and calls go past it: 1 to 100. Default 3. */
  readonly maxFailures?: number | undefined;
  /** So long later it is looked at again, by a warm-up: 1 to 3,600. Each look that fails doubles it, up to 8 times. Default 10. */
  readonly recoverySeconds?: number | undefined;
}

/** What an environment may change. */
export interface EnvironmentOverlay {
  /** Stands instead of `targets`, too. */
  readonly provider?: ProviderName | undefined;
  /** Stands instead of `provider`, too. */
  readonly targets?: readonly ProviderName[] | undefined;
  readonly failover?: FailoverSpec | undefined;
  readonly region?: string | Readonly<Record<string, string>> | undefined;
  readonly functions?:
    | Readonly<
        Record<
          string,
          Partial<FunctionSpecBase> &
            Partial<Record<'entry' | 'source' | 'artifact' | 'image', string | undefined>>
        >
      >
    | undefined;
  readonly defaults?: Partial<FunctionSpecBase> | undefined;
  readonly limits?: LimitsSpec | undefined;
  readonly providerOptions?: ProviderOptions | undefined;
}

/** Names of functions, also of those that are declared on a condition: `...(isDev && { seed: { ... } })`. */
export interface DeclaredNames<Names extends string> {
  readonly functions?: { readonly [Name in Names]?: FunctionSpec } | undefined;
}

/** Names of functions that some environment has besides. */
export interface OverlaidNames<More extends string> {
  readonly environments?:
    | Readonly<
        Record<string, { readonly functions?: { readonly [Name in More]?: unknown } | undefined }>
      >
    | undefined;
}

/** How much at once, and how long. */
export interface LimitsSpec {
  /** Functions that `deployAll` deploys at once: 1 to 64. Default 4. */
  readonly parallelDeploys?: number | undefined;
  /** Calls to the provider at once: 1 to 10,000. Default 64 for management; invocations are not limited by it. */
  readonly concurrentCalls?: number | undefined;
  /** Attempts of a management call, the first one too: 1 to 20. Default 4. */
  readonly maxAttempts?: number | undefined;
  /** One attempt of a management call: 1 to 3,600. Default 60. */
  readonly attemptTimeoutSeconds?: number | undefined;
}

/** The event kinds, as a type-level map to their specs. */
export type EventSpecOf<Kind extends EventKind> = Extract<EventSpec, { readonly type: Kind }>;
