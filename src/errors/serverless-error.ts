import type { JsonObject, JsonValue } from '../function/json.types.ts';
import type { ErrorCode } from './codes.ts';

const MARK = Symbol.for('polyfaas.error');

/** What a {@link ServerlessError} is made of. */
export interface ServerlessErrorInit {
  readonly code: ErrorCode;
  /** Says what happened, with the value and the allowed range, and what to do next. Holds no secret. */
  readonly message: string;
  /** True when the same call may succeed later. Default false. */
  readonly retryable?: boolean | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly provider?: string | undefined;
  /** The function's name in the configuration. */
  readonly function?: string | undefined;
  /** The plan step that failed. */
  readonly step?: string | undefined;
  /** Machine-readable particulars, such as `issues` of a validation. */
  readonly details?: { readonly [key: string]: JsonValue } | undefined;
  /**
   * What lies behind it, such as the vendor's own error, as it came: that may quote a secret. `console.log(error)` shows
   * it with the secrets taken out, and `JSON.stringify(error)` leaves it out.
   */
  readonly cause?: unknown;
}

/**
 * The one error that polyfaas throws.
 *
 * @example
 * ```ts
 * import { ServerlessError } from 'polyfaas';
 *
 * export const isMissing = (error: unknown): boolean =>
 *   ServerlessError.isInstance(error) && error.code === 'NOT_FOUND';
 * ```
 */
export class ServerlessError extends Error {
  override readonly name = 'ServerlessError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly provider: string | undefined;
  readonly function: string | undefined;
  readonly step: string | undefined;
  readonly details: { readonly [key: string]: JsonValue } | undefined;

  constructor(init: ServerlessErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.retryable = init.retryable ?? false;
    this.retryAfterMs = init.retryAfterMs;
    this.provider = init.provider;
    this.function = init.function;
    this.step = init.step;
    this.details = init.details;
    Object.defineProperty(this, MARK, { value: true });
  }

  /** For `JSON.stringify`: with the message, and without the cause and the stack, which are for people. */
  toJSON(): JsonObject {
    const { name, code, message, retryable, retryAfterMs, provider, step, details } = this;
    const all = {
      name,
      code,
      message,
      retryable,
      retryAfterMs,
      provider,
      function: this.function,
      step,
      details,
    };
    const given: Record<string, JsonValue> = {};
    for (const [field, value] of Object.entries(all)) {
      if (value !== undefined) given[field] = value;
    }
    return given;
  }

  /** Works across duplicate installs of the library, where `instanceof` does not. */
  static isInstance(value: unknown): value is ServerlessError {
    return typeof value === 'object' && value !== null && MARK in value;
  }
}
