import type { JsonValue } from 'polyfaas/spi';

/** An answer of a Google API that says no: `{"error":{"code","status","message","details"}}`. */
export class GoogleApiError extends Error {
  override readonly name = 'GoogleApiError';
  /** HTTP. */
  readonly status: number;
  /** `NOT_FOUND`, `PERMISSION_DENIED`, ...; of older APIs (Cloud Storage) their `reason`. Empty when not told. */
  readonly code: string;
  /** Of `google.rpc.ErrorInfo`: `SERVICE_DISABLED`, ... Empty when not told. */
  readonly reason: string;
  readonly details: JsonValue;
  readonly retryAfterMs: number | undefined;

  constructor(
    status: number,
    parts: {
      readonly code: string;
      readonly message: string;
      readonly reason?: string;
      readonly details?: JsonValue;
      readonly retryAfterMs?: number | undefined;
    },
  ) {
    super(parts.message);
    this.status = status;
    this.code = parts.code;
    this.reason = parts.reason ?? '';
    this.details = parts.details ?? null;
    this.retryAfterMs = parts.retryAfterMs;
  }
}
