/** An answer of Vercel's API that says no: `{"error":{"code","message"}}`. */
export class VercelApiError extends Error {
  override readonly name = 'VercelApiError';
  /** HTTP. */
  readonly status: number;
  /** `forbidden`, `not_found`, `missing_files`, `ENV_CONFLICT`, ... Empty when not told. */
  readonly code: string;
  /** What was called: `POST /v13/deployments`. Ids are not in it. */
  readonly call: string;
  /** What a 403 says beside its code: `missingToken`, `invalidToken`, `saml`, `scope`. Empty when not told. */
  readonly reason: string;
  readonly retryAfterMs: number | undefined;

  constructor(
    status: number,
    parts: {
      readonly code: string;
      readonly message: string;
      readonly call?: string;
      readonly reason?: string;
      readonly retryAfterMs?: number | undefined;
    },
  ) {
    super(parts.message);
    this.status = status;
    this.code = parts.code;
    this.call = parts.call ?? '';
    this.reason = parts.reason ?? '';
    this.retryAfterMs = parts.retryAfterMs;
  }
}
