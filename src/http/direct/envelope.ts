/** What travels in a direct call and back: JSON, the same for every platform whose functions are called over HTTP. */
import type { SerializedError } from '../../function/error.ts';
import type { JsonValue } from '../../function/json.types.ts';

/** The body of a direct call. */
export interface DirectBody {
  /**
   * `invoke`: runs the handler. `warm`: starts the instance and holds it for `holdMs`, without the handler. `verify`:
   * says which version answers; the next call still counts as the first.
   */
  readonly kind: 'invoke' | 'warm' | 'verify';
  readonly data?: JsonValue;
  readonly holdMs?: number;
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** What is known of the instance that answers. */
export interface DirectHead {
  readonly version: string;
  readonly instanceId: string;
  readonly coldStart: boolean;
  /** In the handler. */
  readonly durationMs: number;
  /** Of the module's start, on a cold start. */
  readonly initDurationMs: number | null;
}

/**
 * The body of an answer: 200, or 202 for what runs later, or where codes tell calls apart 208 (warmed, verified), 500
 * (failed) and 504 (too late).
 */
export interface DirectAnswer {
  readonly $polyfaas: DirectHead;
  readonly data?: JsonValue;
  /** The handler failed. */
  readonly error?: SerializedError;
  /** It took too long; `error` says so. */
  readonly timedOut?: true;
  /** Its answer is larger than the platform passes on; `error` says so. */
  readonly tooLarge?: true;
}
