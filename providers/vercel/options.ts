/** Settings that only Vercel knows: their types. Their schema and normal form are in `options/`. */

/** Settings of the account, under `providerOptions.vercel` of the configuration. */
export interface VercelOptions {
  /** An access token. Default: the variable VERCEL_TOKEN. */
  readonly token?: string;
  /** The team's id or slug. Default: the variables VERCEL_TEAM_ID and VERCEL_ORG_ID (when it is a team's), else the account's own. */
  readonly team?: string;
  /** Base addresses, where they are not Vercel's own. `http:` only on this machine. */
  readonly endpoints?: {
    /** Default `https://api.vercel.com`. */
    readonly api?: string;
    /** Default `https://{region}.vercel-queue.com`. */
    readonly queue?: string;
  };
  /** Names of projects, by function, where the derived one does not suit. */
  readonly projectNames?: Readonly<Record<string, string>>;
  /**
   * Vercel Queues are in public beta: `beta` uses them for queues, topics and asynchronous invocations. Default: these are
   * UNSUPPORTED.
   */
  readonly queues?: 'beta';
}

/** Settings of one function, under `providerOptions.vercel` of its declaration; of the configuration, for all. */
export interface VercelFunctionOptions {
  /** `nodejs24.x`, `nodejs22.x`. Default: by the spec's `runtime`. */
  readonly runtime?: string;
  /** Regions of Vercel's that it runs in. Default: the one of `region`. More than one: Pro and Enterprise. */
  readonly regions?: readonly string[];
  /** A domain of the project that its http routes are told by. Default: the one that Vercel gives, `NAME.vercel.app`. */
  readonly domain?: string;
  /**
   * Names the key that signs direct calls. Another name makes a new key; the one before stays valid until the next
   * change. Default `k1`.
   */
  readonly invokeKeyId?: string;
}

declare module 'polyfaas/spi' {
  interface ProviderOptions {
    readonly vercel?: VercelOptions & VercelFunctionOptions;
  }
}

/** The account's settings with nothing left out. */
export interface PlatformSettings {
  /** Empty when there is none: that is told when it is first needed. */
  readonly token: string;
  readonly team: string | null;
  readonly apiEndpoint: string;
  readonly queueEndpoint: string;
  readonly projectNames: Readonly<Record<string, string>>;
  readonly queues: boolean;
  /** Vercel's own: `fra1`. Default `iad1`, which is Vercel's. */
  readonly region: string;
  /** Defaults for every function. */
  readonly defaults: VercelFunctionOptions;
}

/** One function's settings with nothing left out. JSON. */
export interface FunctionSettings {
  readonly runtime: string;
  readonly regions: readonly string[];
  /** Null: Vercel's. */
  readonly domain: string | null;
  readonly invokeKeyId: string;
}

export const DEFAULT_KEY_ID = 'k1';

export { functionSettings, givenOptions, platformSettings } from './options/settings.ts';
