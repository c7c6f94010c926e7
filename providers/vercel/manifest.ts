/**
 * What the adapter tells the code that runs inside the function: a file beside the bundle, and environment variables.
 * Shared by both sides; it imports only types. A deployment never changes, and neither does what it was told.
 */
import type { Binding, HandlerKind } from 'polyfaas/spi';

/** The file in each `.func` folder that holds the {@link FuncManifest}. */
export const MANIFEST_FILE = 'polyfaas.json';

/** Paths below it are ours: http bindings may not use them. */
export const RESERVED_PATH = '/polyfaas/';

/** The function that takes http requests, direct calls and crons: `.vercel/output/functions/polyfaas/main.func`. */
export const MAIN_FUNCTION = 'polyfaas/main';

/** The route of direct calls: invocations, warm-ups, and what is to be run later. */
export const DIRECT_PATH = '/polyfaas/invoke';

/** Where Vercel's crons call: `/polyfaas/crons/<binding id>`, with `authorization: Bearer $CRON_SECRET`. */
export const CRONS_PATH = '/polyfaas/crons/';

/** Functions that Vercel Queues delivers to, each with one trigger: `polyfaas/events/<binding id>.func`. */
export const EVENTS_FUNCTIONS = 'polyfaas/events/';

/** The function that asynchronous invocations are delivered to, and their topic. */
export const ASYNC_FUNCTION = 'polyfaas/async';
export const ASYNC_TOPIC = 'polyfaas-async';

/** Environment variables of the project. */
export const VARIABLE = {
  /** `id:secret`, and after a comma the key before it while keys are rotated. Encrypted, and readable by who may read the project. */
  invokeKeys: 'POLYFAAS_INVOKE_KEYS',
  /** Sent by Vercel's crons as a bearer token. Vercel's own name. */
  cronSecret: 'CRON_SECRET',
  /** The plain variables of one version, as one JSON object: see {@link envVariable}. */
  env: 'POLYFAAS_ENV_',
  /** Of no deployment's (target `development`): the record of the function, see `record.ts`. */
  record: 'POLYFAAS_RECORD_',
  /** Of no deployment's: the files of one version, see `record.ts`. */
  files: 'POLYFAAS_FILES_',
} as const;

/** `POLYFAAS_ENV_1A2B3C4D5E`: so that code never meets the environment of another version. */
export function envVariable(version: string): string {
  return `${VARIABLE.env}${version.toUpperCase()}`;
}

/** What is fixed when a deployment is made. The same in all of its functions but for `serves`. */
export interface FuncManifest {
  readonly app: string;
  readonly stage: string;
  readonly functionName: string;
  readonly version: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly region: string;
  readonly handles: readonly HandlerKind[];
  /** The variable with the user's plain variables; null when the version has none. */
  readonly envVariable: string | null;
  /** The user's variables that are secrets: by their names, the variable of the project that holds each. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What this function is there for: `main`, `async`, or a binding of a queue or a topic. */
  readonly serves: 'main' | 'async' | { readonly bindingId: string };
  readonly bindings: readonly BindingPolicy[];
  /** Null where asynchronous invocations are not offered. */
  readonly async: AsyncRules | null;
  /** Vercel Queues, by region: `https://{region}.vercel-queue.com`. Without a slash at the end. */
  readonly queueEndpoint: string;
}

/** What the code inside knows of a binding. */
export interface BindingPolicy {
  readonly binding: Binding;
  /** The topic that dead letters are sent to; null without: what fails for the last time is dropped, with a warning. */
  readonly deadLetter: string | null;
  /**
   * Milliseconds since the epoch. A topic's messages from before are not for this binding: a consumer group that is new
   * gets all that is still kept. Null: all are.
   */
  readonly since: number | null;
}

/** How asynchronous invocations are treated. */
export interface AsyncRules {
  readonly maxAttempts: number;
  readonly backoff: 'exponential' | 'linear' | 'fixed';
  readonly delaySeconds: number;
  readonly maxDelaySeconds: number;
  readonly jitter: boolean;
  readonly maxAgeSeconds: number;
  /** Topics; null without. */
  readonly onSuccess: string | null;
  readonly onFailure: string | null;
}

/**
 * Status codes of answers on our own paths, so that Vercel's metrics tell calls apart by `httpStatus`: what only warms
 * or verifies is no invocation.
 */
export const STATUS = {
  /** A direct call that ran; with the result. */
  ok: 200,
  /** An invocation that was put into its topic, to run later; and a delivery that is not wanted. No handler ran. */
  accepted: 202,
  /**
   * The handler failed on a delivery, and the queue was told what comes next: again later, or given up. A status of
   * success, since the queue would choose a time of its own for anything else.
   */
  undelivered: 207,
  /** The handler failed; direct calls hold the error. */
  failed: 500,
  /** It took too long. */
  timedOut: 504,
  /** A warm-up or a look at the version. No handler ran. */
  warmed: 208,
} as const;

/** One JSON line on the standard output for each call. */
export interface CallLine {
  readonly polyfaas: 'call';
  readonly kind: HandlerKind;
  readonly requestId: string;
  readonly version: string;
  readonly instanceId: string;
  readonly coldStart: boolean;
  readonly outcome: 'ok' | 'error' | 'timeout';
  readonly durationMs: number;
  readonly initDurationMs: number | null;
  readonly memoryMb: number;
}
