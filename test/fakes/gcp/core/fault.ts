/** An error as Google's APIs send it: `{"error":{"code":404,"status":"NOT_FOUND","message":"...","details":[...]}}`. */
export class GoogleFault extends Error {
  /** HTTP. */
  readonly status: number;
  /** `NOT_FOUND` */
  readonly code: string;
  /** With `@type`. */
  readonly details: readonly object[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: CanonicalCode,
    message: string,
    extra: {
      readonly details?: readonly object[];
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = HTTP_STATUS[code];
    this.details = extra.details ?? [];
    this.headers = extra.headers ?? {};
  }
}

/** Canonical codes (google.rpc.Code) and the HTTP status that goes with each. */
export const HTTP_STATUS = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  INTERNAL: 500,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
} as const;

export type CanonicalCode = keyof typeof HTTP_STATUS;
