/** Every code an error can have. Append-only: a code, once published, keeps its meaning. */
export const ERROR_CODES = [
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'CONFLICT',
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'QUOTA_EXCEEDED',
  'RATE_LIMITED',
  'UNSUPPORTED',
  'PAYLOAD_TOO_LARGE',
  'FUNCTION_FAILED',
  'TIMEOUT',
  'CANCELLED',
  'UNAVAILABLE',
  'UNKNOWN',
] as const;

/** What went wrong, in one word. Branch on this, never on a message. */
export type ErrorCode = (typeof ERROR_CODES)[number];
