/**
 * What users declare. Handwritten so that importing the types costs nothing; `schema.ts` holds the run-time
 * schema, and a type test equates the two.
 */
import type { HandlerKind } from '../function/events.ts';
import type { Signature } from '../function/shim.ts';
import type { ProviderName } from './provider-name.types.ts';
import type { EventSpec, RetrySpec } from './types-events.ts';

export type * from './types-events.ts';

/** With every field there: how the normal form has what a declaration may leave out. */
export type Complete<Spec> = { readonly [Field in keyof Spec]-?: Exclude<Spec[Field], undefined> };

/** A reference to a secret: its name in the platform's own store. The value never leaves that store. */
export interface SecretRef {
  /** Its name there. */
  readonly $secret: string;
  /** A fixed version of the secret. Default: the newest at each cold start. */
  readonly version?: string;
}

/** Where an asynchronous invocation's outcome goes. */
export interface DestinationSpec {
  /** What kind of thing takes the outcome. */
  readonly type: 'queue' | 'topic' | 'bus';
  /** Plain name, or the platform's own id. */
  readonly name: string;
}

/** Asynchronous invocation. */
export interface AsyncSpec {
  /** How failed invocations are repeated. */
  readonly retry?: RetrySpec | undefined;
  /** Older invocations are given up: 60 to 21,600. Default 21,600. */
  readonly maxAgeSeconds?: number | undefined;
  /** Takes what the handler returned. */
  readonly onSuccess?: DestinationSpec | undefined;
  /** Takes what was invoked with, and the failure, after the last attempt. */
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
  /** What it is for, in a line of at most 256 characters. */
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
  /** What calls it besides `invoke`. Default: nothing. */
  readonly events?: readonly EventSpec[] | undefined;
  /** Instances kept ready. Default 0. */
  readonly minInstances?: number | undefined;
  /** Never more instances than this: 1 to 10,000. Default: the provider's. */
  readonly maxInstances?: number | undefined;
  /** Requests that one instance serves at once: 1 to 1,000. Default 1. */
  readonly concurrency?: number | undefined;
  /** The processor, where the platform lets one choose. Default: the platform's. */
  readonly architecture?: 'x86_64' | 'arm64' | undefined;
  /** What becomes of `invoke(..., { mode: 'async' })`. */
  readonly async?: AsyncSpec | undefined;
  /** How the code is bundled. */
  readonly package?: PackageSpec | undefined;
  /** The platform's own tracing of calls, where it has one. Default false. */
  readonly tracing?: boolean | TracingSpec | undefined;
  /** Versions kept for a rollback, the live one among them: 1 to 100. Default 5. */
  readonly keepVersions?: number | undefined;
  /** The platform's own marks, by which costs and rights are sorted. Texts of at most 256 characters, by name. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Settings that one provider alone understands, by its id. */
  readonly providerOptions?: ProviderOptions | undefined;
}

/** Where the code comes from: exactly one of these. */
export type FunctionCode =
  | {
      /** The code itself: a module. */
      readonly source: string;
      readonly entry?: never;
      readonly artifact?: never;
      readonly image?: never;
    }
  | {
      /** A zip that is ready, relative to the root. */
      readonly artifact: string;
      readonly entry?: never;
      readonly source?: never;
      readonly image?: never;
    }
  | {
      /** A container image, where the provider takes them. */
      readonly image: string;
      readonly entry?: never;
      readonly source?: never;
      readonly artifact?: never;
    }
  // The last one is what the compiler names as missing where none is given.
  | {
      /** The file of the code, relative to the root. */
      readonly entry: string;
      readonly source?: never;
      readonly artifact?: never;
      readonly image?: never;
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
  /** The functions, by name. */
  readonly functions?: Readonly<Record<Names, FunctionSpec>> | undefined;
  /** Merged over the rest when `stage` is the key. */
  readonly environments?: Readonly<Record<string, EnvironmentOverlay>> | undefined;
  /** Defaults for every function. */
  readonly defaults?: Partial<FunctionSpecBase> | undefined;
  /** Third-party providers: id to package name. */
  readonly adapters?: Readonly<Record<string, string>> | undefined;
  /** How much is done at once, and how long is waited. */
  readonly limits?: LimitsSpec | undefined;
  /** Settings that one provider alone understands, by its id. */
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
  /** Changes of functions, and functions of this stage alone, by name. */
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
