/**
 * What the adapter tells the code that runs inside the function app: a file in the package, and app settings. Shared by
 * both sides; it imports only types.
 */
import type { Binding, HandlerKind, JsonObject } from 'polyfaas/spi';

/** The file in the package that holds the {@link PackageManifest}. */
export const MANIFEST_FILE = 'polyfaas.json';

/** Names of the functions that every package has besides those of its bindings. */
export const OWN_FUNCTIONS = {
  /** The hidden HTTP function that answers direct calls. */
  direct: 'polyfaas',
  /** The one HTTP function that takes the requests of all http bindings. */
  http: 'http',
  /** The queue function that runs asynchronous invocations. */
  async: 'polyfaas-async',
} as const;

/** The route of the hidden HTTP function, without a slash in front. Bindings may not use paths below it. */
export const DIRECT_ROUTE = 'polyfaas/invoke';

/** The storage queue of asynchronous invocations, in the function app's own storage account. */
export const ASYNC_QUEUE = 'polyfaas-async';

/** What `app.<method>` of `@azure/functions` registers a trigger. */
export type TriggerMethod =
  | 'http'
  | 'timer'
  | 'storageQueue'
  | 'serviceBusQueue'
  | 'serviceBusTopic'
  | 'eventHub'
  | 'cosmosDB';

/** One function of the package. */
export interface TriggerSpec {
  /** The function's name on Azure. Unique in the package without regard to case. */
  readonly name: string;
  readonly method: TriggerMethod;
  /** Whose binding it serves; null for the functions of {@link OWN_FUNCTIONS}. */
  readonly bindingId: string | null;
  /**
   * What is registered, without the handler: `{ queueName: '%POLYFAAS_B_X_QUEUE%', connection: 'POLYFAAS_C_DATA' }`.
   * What may change without a new package is a reference to an app setting, which the entry names in full:
   * {@link packageSetting}.
   */
  readonly options: JsonObject;
}

/** What is fixed when a package is published. */
export interface PackageManifest {
  readonly app: string;
  readonly stage: string;
  readonly functionName: string;
  readonly version: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly region: string;
  /** Its settings carry it in their names: see {@link packageSetting}. */
  readonly settings: string;
  readonly handles: readonly HandlerKind[];
  /** Names of the user's variables; the value of `DB` is in the app setting `envSetting(version, 'DB')`. */
  readonly env: readonly string[];
  readonly triggers: readonly TriggerSpec[];
}

/** The app setting that holds a variable of one version, so that code never meets the environment of another. */
export function envSetting(version: string, name: string): string {
  return `POLYFAAS_V${version}_${name}`;
}

/** App settings of the adapter's own. Users' variables may not begin with `POLYFAAS_`. */
export const SETTING = {
  /** JSON: {@link BindingPolicy}[]. */
  bindings: 'POLYFAAS_BINDINGS',
  /** JSON: {@link AsyncRules}. */
  async: 'POLYFAAS_ASYNC',
  /** `id:secret`, and after a comma the one before it while keys are rotated. */
  invokeKeys: 'POLYFAAS_INVOKE_KEYS',
  /** The id (`customerId`) of the Log Analytics workspace that holds the function's log; absent without one. */
  workspace: 'POLYFAAS_WORKSPACE',
  /** How many instances are always ready; absent for none. */
  alwaysReady: 'POLYFAAS_ALWAYS_READY',
  /** The client id of the identity that the function works with. */
  clientId: 'POLYFAAS_CLIENT_ID',
  /** Settings of one binding: `POLYFAAS_B_<KEY>_QUEUE`. See {@link bindingSetting}. */
  binding: 'POLYFAAS_B_',
  /** Connections of triggers: `POLYFAAS_C_<KEY>__fullyQualifiedNamespace`. */
  connection: 'POLYFAAS_C_',
  /** The variables of versions. */
  version: 'POLYFAAS_V',
  /** What one package reads. See {@link packageSetting}. */
  package: 'POLYFAAS_P',
} as const;

const OWN_PREFIX = 'POLYFAAS_';

/**
 * Where a package finds a setting that follows from its bindings: `POLYFAAS_P<key>_B_ORDERS_QUEUE`, of
 * `POLYFAAS_B_ORDERS_QUEUE`. What is written for the next package is then nothing to the one that is served.
 */
export function packageSetting(key: string, name: string): string {
  return `${SETTING.package}${key}_${name.slice(OWN_PREFIX.length)}`;
}

/** `POLYFAAS_B_QUEUE_1A2B3C4D_SCHEDULE` */
export function bindingSetting(bindingId: string, what: string): string {
  return `${SETTING.binding}${bindingId.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_${what}`;
}

/** Where the code inside sends a message. */
export type SendTarget =
  /** A queue of Azure Storage, by its URL: `https://x.queue.core.windows.net/orders-dead`. Messages are base64. */
  | { readonly service: 'storageQueue'; readonly url: string }
  /** A queue or topic of Service Bus, by its URL: `https://x.servicebus.windows.net/orders-dead`. */
  | { readonly service: 'serviceBus'; readonly url: string }
  /** A topic of Event Grid, by the URL that events are posted to. */
  | { readonly service: 'eventGrid'; readonly url: string };

/** What the code inside knows of a binding besides its trigger. */
export interface BindingPolicy {
  readonly binding: Binding;
  /** What the source is called in the handler's event: the plain name, as declared. */
  readonly source: string;
  /** Null without a dead-letter queue: what fails for the last time is dropped with a warning in the log. */
  readonly deadLetter: SendTarget | null;
  /**
   * Where a message goes back to, to be delivered again later: the queue that the trigger reads. Null where the
   * platform repeats by itself (Service Bus topics, Event Hubs, Cosmos DB).
   */
  readonly again: SendTarget | null;
}

/** How asynchronous invocations are treated. */
export interface AsyncRules {
  readonly maxAttempts: number;
  readonly backoff: 'exponential' | 'linear' | 'fixed';
  readonly delaySeconds: number;
  readonly maxDelaySeconds: number;
  readonly jitter: boolean;
  readonly maxAgeSeconds: number;
  readonly queue: SendTarget;
  readonly onSuccess: SendTarget | null;
  readonly onFailure: SendTarget | null;
}

/**
 * One JSON line on the standard output for each call, from which metrics and logs are read:
 * `{"polyfaas":"call",...}`; lines of `context.log` are `{"polyfaas":"log",...}`.
 */
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

/** A call that only warmed, or only looked whether the version runs. */
export interface MarkLine {
  readonly polyfaas: 'warm' | 'verify';
  readonly version: string;
  readonly instanceId: string;
}

/** An entry of `context.log`. */
export interface LogLine {
  readonly polyfaas: 'log';
  readonly level: string;
  readonly message: string;
  readonly requestId: string;
  readonly version: string;
  /** Counts the lines of the instance: the times of a log are too coarse to order them. */
  readonly seq: number;
  readonly fields?: JsonObject;
}
