/**
 * What polyfaas puts around the input that it sends itself: explicit, so that no input of a user's is ever taken for
 * it by its shape. Shared by the adapter and by what runs inside the function; it imports nothing.
 */

/** The key that marks an envelope. */
export const MARK = '$polyfaas';

/** A direct call. `data` holds the caller's input. */
export interface InvokeEnvelope {
  readonly kind: 'invoke';
  readonly requestId: string;
  readonly traceparent?: string;
  readonly tracestate?: string;
  /** Absent for a synchronous call. Milliseconds since the epoch, when an asynchronous one was sent. */
  readonly asyncSentAt?: number;
}

/** A call that only warms. The handler does not run; the answer comes after `holdMs`. */
export interface WarmEnvelope {
  readonly kind: 'warm';
  readonly holdMs: number;
}

/** Starts an instance to see that it starts. The next call still counts as its first. */
export interface VerifyEnvelope {
  readonly kind: 'verify';
}

/** The input that EventBridge Scheduler sends. `data` holds the binding's input. */
export interface ScheduleEnvelope {
  readonly kind: 'schedule';
  readonly binding: string;
  /** `<aws.scheduler.execution-id>`, filled in by the platform. */
  readonly id: string;
  /** `<aws.scheduler.scheduled-time>`, filled in by the platform. */
  readonly scheduledTime: string;
}

/** What the input transformer of an EventBridge target makes. `data` holds the whole event. */
export interface BusEnvelope {
  readonly kind: 'bus';
  readonly binding: string;
  /** The plain name of the bus, which the event itself does not tell. */
  readonly bus: string;
}

export type EnvelopeHead =
  | InvokeEnvelope
  | WarmEnvelope
  | VerifyEnvelope
  | ScheduleEnvelope
  | BusEnvelope;

/** What travels: the head under {@link MARK}, and the data beside it. */
export interface Envelope {
  readonly $polyfaas: EnvelopeHead;
  readonly data?: unknown;
}

/** What an enveloped synchronous call answers with. */
export interface ReplyHead {
  readonly coldStart: boolean;
  readonly instanceId: string;
  /** In the handler. */
  readonly durationMs: number;
  /** Of the module's start, on a cold start. */
  readonly initDurationMs: number | null;
}

export interface ReplyEnvelope {
  readonly $polyfaas: ReplyHead;
  readonly data?: unknown;
}

/** The variables that the adapter adds to a function's environment. User variables may not begin with `POLYFAAS_`. */
export const ENV = {
  app: 'POLYFAAS_APP',
  stage: 'POLYFAAS_STAGE',
  function: 'POLYFAAS_FUNCTION',
  /**
   * The digest of all that Lambda keeps with a version beside the code: tells whether what the next version is made of
   * is as wished. A change of the code alone leaves it as it is.
   */
  digest: 'POLYFAAS_DIGEST',
  /** JSON: variable name to `{ name, version? }` of an entry in Secrets Manager. Absent without secrets. */
  secrets: 'POLYFAAS_SECRETS',
} as const;
