/** An answer of Azure that says no. */
export class AzureError extends Error {
  override readonly name = 'AzureError';
  readonly status: number;
  /** The vendor's own word: `ResourceNotFound`, `Conflict`, `QueueAlreadyExists`; empty where there is none. */
  readonly code: string;
  readonly retryAfterMs: number | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    options: { readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}
