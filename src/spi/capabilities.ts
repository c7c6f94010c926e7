/** What a provider can do, as data: documentation, early refusal and the choice of contract cases come from it. */
import type { NormalFunctionSpec } from './provider.ts';

/** Every capability there is. A provider has a row for each. */
export const CAPABILITY_KEYS = [
  'deploy.rollback',
  'deploy.prebuilt',
  'deploy.image',
  'deploy.foreignRuntime',
  'deploy.adopt',
  'deploy.architecture',
  'deploy.secrets',
  'deploy.tags',
  'invoke.sync',
  'invoke.async',
  'invoke.asyncRetry',
  'invoke.destinations',
  'invoke.cancel',
  'invoke.version',
  'invoke.signedRoute',
  'instance.memoryLimit',
  'instance.timeout',
  'instance.concurrency',
  'instance.minInstances',
  'instance.maxInstances',
  'event.http',
  'event.http.cors',
  'event.http.jwt',
  'event.http.rateLimit',
  'event.http.streaming',
  'event.schedule',
  'event.schedule.timezone',
  'event.queue',
  'event.queue.partialBatch',
  'event.queue.backoff',
  'event.queue.deadLetter',
  'event.queue.redrive',
  'event.topic',
  'event.topic.filter',
  'event.topic.deadLetter',
  'event.object',
  'event.object.filter',
  'event.object.deadLetter',
  'event.stream',
  'event.stream.deadLetter',
  'event.table',
  'event.table.history',
  'event.table.order',
  'event.table.deadLetter',
  'event.bus',
  'event.bus.pattern',
  'event.bus.deadLetter',
  'warm.ping',
  'warm.guaranteed',
  'metrics.counts',
  'metrics.coldStarts',
  'metrics.percentiles',
  'metrics.memory',
  'logs.query',
  'trace.propagation',
] as const;

/** The name of one capability. */
export type CapabilityKey = (typeof CAPABILITY_KEYS)[number];

/** The support for one capability. */
export type Capability =
  | {
      /** `emulated`: polyfaas does what the platform lacks. */
      readonly support: 'native' | 'emulated';
      /** By what, in the platform's own words: `Lambda event source mapping`. */
      readonly via: string;
      /** Numbers and words that bound it, such as `maxBatchSize: 10_000`. */
      readonly limits?: Readonly<Record<string, number | string>>;
    }
  | {
      readonly support: 'none';
      /** Why, and the nearest thing that works. */
      readonly why: string;
    };

/** A bound on a number of the spec. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
  /** Only these values, where the platform has a list; others are rounded up aloud. */
  readonly steps?: readonly number[];
  /** What to say to whoever is beyond it: where there is more. */
  readonly note?: string;
  /** Where the options of a declaration choose among several: the range that holds for it. */
  readonly of?: (spec: NormalFunctionSpec) => NumberRange;
}

/** How the platform names things. */
export interface NameRule {
  readonly maxLength: number;
  /** What a name may consist of, as the inside of a character class: `a-z0-9-`. */
  readonly characters: string;
  /** True where a name may not begin with a digit or a mark: then an `f` is put first. Default false. */
  readonly startsWithLetter?: boolean;
  /** Default true. */
  readonly lowerCase?: boolean;
  /** True where the name is shared with strangers: then a hash is always added. */
  readonly globallyUnique?: boolean;
  /** Between app, stage and function. Default `-`. */
  readonly separator?: string;
}

/** What a provider can do. */
export interface Capabilities {
  readonly features: Readonly<Record<CapabilityKey, Capability>>;
  /** Whether the move to a new version is one atomic act, or a restart. */
  readonly deploySwitch: 'atomic' | 'restart';
  readonly limits: {
    readonly memoryMb: NumberRange;
    readonly timeoutSeconds: NumberRange;
    /** Bytes of the whole environment, names and values. */
    readonly envBytes: number;
    readonly syncPayloadBytes: number;
    readonly asyncPayloadBytes: number;
    readonly zipBytes: number;
    readonly unpackedBytes: number;
    readonly maxInstances: number;
    readonly concurrency: number;
    readonly httpTimeoutSeconds: number;
  };
  readonly names: { readonly function: NameRule } & Readonly<Record<string, NameRule>>;
}

/**
 * A row for every capability: yours, and `otherwise` for all others, those too that a later version of polyfaas knows.
 *
 * @example
 * ```ts
 * import { featuresWith } from 'polyfaas/spi';
 *
 * export const features = featuresWith(
 *   { support: 'none', why: 'acme only answers calls. Use provider: "local" for it.' },
 *   { 'invoke.sync': { support: 'native', via: 'POST /call' } },
 * );
 * ```
 */
export function featuresWith(
  otherwise: Capability,
  rows: Partial<Capabilities['features']>,
): Capabilities['features'] {
  const all: Partial<Record<CapabilityKey, Capability>> = {};
  for (const key of CAPABILITY_KEYS) all[key] = rows[key] ?? otherwise;
  // There is a row for each key by now.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return all as Capabilities['features'];
}
