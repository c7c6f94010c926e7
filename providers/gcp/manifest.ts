/**
 * What the adapter tells the code that runs inside the function: a file in the source, and a secret that holds what may
 * change without a new build. Shared by both sides; it imports only types.
 */
import type { Binding, HandlerKind, JsonObject } from 'polyfaas/spi';

/** The file in the source that holds the {@link SourceManifest}. */
export const MANIFEST_FILE = 'polyfaas.json';

/** Paths below it are ours: http bindings may not use them. */
export const RESERVED_PATH = '/polyfaas/';

/** The route of direct calls. */
export const DIRECT_PATH = '/polyfaas/invoke';

/** What Google's services deliver to: `/polyfaas/events/<binding id>`. */
export const EVENTS_PATH = '/polyfaas/events/';

/** Pub/Sub's deliveries of asynchronous invocations. */
export const ASYNC_PATH = '/polyfaas/async';

/**
 * Where Eventarc delivers changes of a table: `/polyfaas/relay/<binding id>`. They are put into the binding's own topic
 * at once, in the order of their row, since Eventarc tells no attempts and knows no order.
 */
export const RELAY_PATH = '/polyfaas/relay/';

/** The function that the source registers with the functions framework: `buildConfig.entryPoint`. */
export const ENTRY_POINT = 'polyfaas';

/** The variable that holds {@link RuntimeSettings} as they were when the instance started: a secret's `latest`. */
export const SETTINGS_VARIABLE = 'POLYFAAS_SETTINGS';

/** What is fixed when a source is built. */
export interface SourceManifest {
  readonly app: string;
  readonly stage: string;
  readonly functionName: string;
  readonly version: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly region: string;
  readonly projectId: string;
  readonly handles: readonly HandlerKind[];
  /**
   * The secret of the function's settings: `projects/p/secrets/s`. Instances look at its latest version again while
   * they run.
   */
  readonly settingsSecret: string;
  /** Where Google's APIs answer, without a slash at the end. Google's own unless the options say otherwise. */
  readonly endpoints: RuntimeEndpoints;
}

/** The APIs that are called from inside. */
export interface RuntimeEndpoints {
  /** `https://pubsub.googleapis.com` */
  readonly pubsub: string;
  /** `https://secretmanager.googleapis.com` */
  readonly secretmanager: string;
  /** Google's public keys for ID tokens, as a JWKS: `https://www.googleapis.com/oauth2/v3/certs` */
  readonly certificates: string;
}

/** The payload of the settings secret: JSON. What every version of the function works by, from one moment to the next. */
export interface RuntimeSettings {
  /** `id:secret`, and after a comma the one before it while keys are rotated. */
  readonly keys: string;
  readonly bindings: readonly BindingPolicy[];
  /** Undefined for a function whose asynchronous invocations were never set up. */
  readonly async?: AsyncRules;
  /** The service account that Google's services sign their deliveries as. */
  readonly caller: string;
  /** The audience of those signatures: the URL of the service. Empty until it is known. */
  readonly audience: string;
  /** True when anybody may reach the service, so that no signature was checked before us. */
  readonly isPublic: boolean;
  /** How many instances are kept ready: an instance that stood ready is not cold. */
  readonly minInstances: number;
}

/** Where the code inside sends a message: `projects/p/topics/t`. */
export interface SendTarget {
  readonly topic: string;
}

/** What the code inside knows of a binding. */
export interface BindingPolicy {
  readonly binding: Binding;
  /** What the source is called in the handler's event: the plain name, as declared. */
  readonly source: string;
  /** Null without a dead-letter queue: what fails for the last time is dropped with a warning in the log. */
  readonly deadLetter: SendTarget | null;
  /** The binding's own topic, where it has one: changes of a table are put into it. */
  readonly relay: SendTarget | null;
  /** A change of it is another digest: the deliveries of the binding carry it, as `?policy=`. */
  readonly digest: string;
}

/** How asynchronous invocations are treated. */
export interface AsyncRules {
  readonly maxAttempts: number;
  readonly maxAgeSeconds: number;
  readonly topic: SendTarget;
  readonly onSuccess: SendTarget | null;
  readonly onFailure: SendTarget | null;
}

/** Attributes of messages that we publish. Those of users never begin with `polyfaas-`. */
export const ATTRIBUTE = {
  requestId: 'polyfaas-request-id',
  traceparent: 'traceparent',
  tracestate: 'tracestate',
  /** RFC 3339: when an invocation was first sent, or a change of a table happened. */
  sentAt: 'polyfaas-sent-at',
  /** On dead letters: why, and of which function and binding. */
  reason: 'polyfaas-reason',
  function: 'polyfaas-function',
  binding: 'polyfaas-binding',
  /** On relayed changes: the CloudEvent's attributes, as `polyfaas-ce-type`. */
  cloudEvent: 'polyfaas-ce-',
} as const;

/**
 * Status codes of answers on our own paths, chosen so that Cloud Monitoring's `request_count` tells calls apart by its
 * label `response_code`: what only warms, verifies or relays is no invocation. Pub/Sub acknowledges 102, 200, 201, 202
 * and 204 only ("Receive messages by push").
 */
export const STATUS = {
  /** A direct call that ran; with the result. */
  ok: 200,
  /** The handler failed; direct calls hold the error, pushed events are delivered again. */
  failed: 500,
  /** It took too long. */
  timedOut: 504,
  /** A warm-up or a look at the version. No handler ran. */
  warmed: 208,
  /** A change of a table that was put into the topic of its binding. No handler ran. */
  relayed: 202,
} as const;

/**
 * One JSON line on the standard output for each call: Cloud Logging reads `severity`, `message`, and
 * `logging.googleapis.com/trace`, and keeps the rest as `jsonPayload`.
 */
export interface CallLine {
  readonly severity: 'INFO' | 'ERROR';
  readonly message: string;
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

/** An entry of `context.log`, and what the shim itself reports. */
export interface LogLine {
  readonly severity: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';
  readonly message: string;
  readonly polyfaas: 'log';
  readonly requestId: string;
  readonly version: string;
  /** Counts the lines of the instance: orders lines of the same moment. */
  readonly seq: number;
  readonly fields?: JsonObject;
}
