/** What Google's words for failures mean, where no more is said. */
import type { Classification } from 'polyfaas/spi';

const NOT_TAKEN =
  'Google did not take the credentials. Sign in again (`gcloud auth application-default login`), or check the ones in providerOptions.gcp.auth, and that the clock of this machine is right.';

/** By canonical code. Source: `google/rpc/code.proto`. */
const CANONICAL: Readonly<Record<string, Classification>> = {
  CANCELLED: { code: 'CANCELLED', retryable: false },
  UNKNOWN: { code: 'UNAVAILABLE', retryable: true },
  INVALID_ARGUMENT: { code: 'INVALID_ARGUMENT', retryable: false },
  DEADLINE_EXCEEDED: {
    code: 'UNAVAILABLE',
    retryable: true,
    message: 'Google did not answer in time. Check the network, and try again.',
  },
  NOT_FOUND: { code: 'NOT_FOUND', retryable: false },
  ALREADY_EXISTS: { code: 'ALREADY_EXISTS', retryable: false },
  PERMISSION_DENIED: { code: 'PERMISSION_DENIED', retryable: false },
  RESOURCE_EXHAUSTED: { code: 'RATE_LIMITED', retryable: true, didNotRun: true },
  FAILED_PRECONDITION: { code: 'CONFLICT', retryable: false },
  // Another operation is running, or somebody else wrote meanwhile.
  ABORTED: { code: 'CONFLICT', retryable: true },
  OUT_OF_RANGE: { code: 'INVALID_ARGUMENT', retryable: false },
  UNIMPLEMENTED: { code: 'UNSUPPORTED', retryable: false },
  INTERNAL: { code: 'UNAVAILABLE', retryable: true },
  UNAVAILABLE: { code: 'UNAVAILABLE', retryable: true },
  DATA_LOSS: { code: 'UNKNOWN', retryable: false },
  UNAUTHENTICATED: { code: 'UNAUTHENTICATED', retryable: false, message: NOT_TAKEN },
};

/** Of Cloud Storage ("HTTP status and error codes for JSON"), and of its upload URLs ("... for XML"). */
const STORAGE: Readonly<Record<string, Classification>> = {
  notFound: { code: 'NOT_FOUND', retryable: false },
  conflict: { code: 'ALREADY_EXISTS', retryable: false },
  conditionNotMet: { code: 'CONFLICT', retryable: true },
  forbidden: { code: 'PERMISSION_DENIED', retryable: false },
  insufficientPermissions: { code: 'PERMISSION_DENIED', retryable: false },
  authError: { code: 'UNAUTHENTICATED', retryable: false, message: NOT_TAKEN },
  invalid: { code: 'INVALID_ARGUMENT', retryable: false },
  invalidArgument: { code: 'INVALID_ARGUMENT', retryable: false },
  invalidParameter: { code: 'INVALID_ARGUMENT', retryable: false },
  parseError: { code: 'INVALID_ARGUMENT', retryable: false },
  badRequest: { code: 'INVALID_ARGUMENT', retryable: false },
  rateLimitExceeded: { code: 'RATE_LIMITED', retryable: true, didNotRun: true },
  userRateLimitExceeded: { code: 'RATE_LIMITED', retryable: true, didNotRun: true },
  backendError: { code: 'UNAVAILABLE', retryable: true },
  internalError: { code: 'UNAVAILABLE', retryable: true },
  uploadTooLarge: { code: 'PAYLOAD_TOO_LARGE', retryable: false },
  accountDisabled: {
    code: 'PERMISSION_DENIED',
    retryable: false,
    message:
      'The billing account of the project is closed or missing. Link one (`gcloud billing projects link PROJECT --billing-account=ID`), then run the same operation again.',
  },
  ExpiredToken: {
    code: 'UNAVAILABLE',
    retryable: true,
    message: 'The URL for the upload of the source has ended. Run the same operation again.',
  },
  EntityTooLarge: { code: 'PAYLOAD_TOO_LARGE', retryable: false },
};

export const BY_CODE: Readonly<Record<string, Classification>> = { ...STORAGE, ...CANONICAL };

export function byStatus(status: number | undefined): Classification | undefined {
  if (status === undefined) return undefined;
  if (status === 429) return CANONICAL['RESOURCE_EXHAUSTED'];
  if (status === 408 || status >= 500) return CANONICAL['UNAVAILABLE'];
  if (status === 401) return CANONICAL['UNAUTHENTICATED'];
  if (status === 403) return CANONICAL['PERMISSION_DENIED'];
  if (status === 404) return CANONICAL['NOT_FOUND'];
  if (status === 409) return { code: 'CONFLICT', retryable: false };
  if (status === 412) return { code: 'CONFLICT', retryable: true };
  if (status === 413) return { code: 'PAYLOAD_TOO_LARGE', retryable: false };
  if (status >= 400) return CANONICAL['INVALID_ARGUMENT'];
  // A success that could not be read: cut off on its way, or not Google's.
  return {
    code: 'UNAVAILABLE',
    retryable: true,
    message:
      "An answer of Google could not be read: it was cut off, or is not Google's. Check the network between (a proxy?), and try again.",
  };
}

/** By `error.code` of Node's own, and of the transports: nothing reached Google, or no answer came back. */
export const BY_SOCKET_CODE: Readonly<Record<string, Classification>> = {
  ECONNRESET: { code: 'UNAVAILABLE', retryable: true },
  EPIPE: { code: 'UNAVAILABLE', retryable: true },
  ETIMEDOUT: { code: 'UNAVAILABLE', retryable: true },
  ECONNABORTED: { code: 'UNAVAILABLE', retryable: true },
  ERR_STREAM_PREMATURE_CLOSE: { code: 'UNAVAILABLE', retryable: true },
  UND_ERR_SOCKET: { code: 'UNAVAILABLE', retryable: true },
  UND_ERR_HEADERS_TIMEOUT: { code: 'UNAVAILABLE', retryable: true },
  UND_ERR_BODY_TIMEOUT: { code: 'UNAVAILABLE', retryable: true },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: { code: 'UNAVAILABLE', retryable: true },
  UND_ERR_CONNECT_TIMEOUT: { code: 'UNAVAILABLE', retryable: true, didNotRun: true },
  EHOSTUNREACH: { code: 'UNAVAILABLE', retryable: true, didNotRun: true },
  ENETUNREACH: { code: 'UNAVAILABLE', retryable: true, didNotRun: true },
  ENETDOWN: { code: 'UNAVAILABLE', retryable: true, didNotRun: true },
  ECONNREFUSED: {
    code: 'UNAVAILABLE',
    retryable: true,
    didNotRun: true,
    message:
      'Nobody answers where Google should be. Check the network, and providerOptions.gcp.endpoints.',
  },
  EAI_AGAIN: { code: 'UNAVAILABLE', retryable: true, didNotRun: true },
  ENOTFOUND: {
    code: 'UNAVAILABLE',
    retryable: true,
    didNotRun: true,
    message:
      'The name of a Google service could not be found. Check the network, and providerOptions.gcp.endpoints.',
  },
};
