/** What Vercel's words for failures mean, where no more is said. */
import type { Classification } from 'polyfaas/spi';

const RATE_LIMITED: Classification = { code: 'RATE_LIMITED', retryable: true, didNotRun: true };
const UNAVAILABLE: Classification = { code: 'UNAVAILABLE', retryable: true };

/** By `error.code`, in lower case. Source: "Vercel REST API", errors. */
const API: Readonly<Record<string, Classification>> = {
  bad_request: { code: 'INVALID_ARGUMENT', retryable: false },
  invalid_request: { code: 'INVALID_ARGUMENT', retryable: false },
  missing_project_settings: { code: 'INVALID_ARGUMENT', retryable: false },
  not_found: { code: 'NOT_FOUND', retryable: false },
  deployment_not_found: { code: 'NOT_FOUND', retryable: false },
  project_not_found: { code: 'NOT_FOUND', retryable: false },
  rate_limited: RATE_LIMITED,
  too_many_requests: RATE_LIMITED,
  internal_server_error: UNAVAILABLE,
  internal_error: UNAVAILABLE,
  service_unavailable: UNAVAILABLE,
  // "Environment variables": seen with 400, 403 and 409.
  env_conflict: { code: 'ALREADY_EXISTS', retryable: false },
  env_already_exists: { code: 'ALREADY_EXISTS', retryable: false },
  project_already_exists: { code: 'ALREADY_EXISTS', retryable: false },
  name_already_exists: { code: 'ALREADY_EXISTS', retryable: false },
  deployment_not_ready: { code: 'CONFLICT', retryable: true },
  conflict: { code: 'CONFLICT', retryable: false },
  unprocessable_entity: { code: 'CONFLICT', retryable: false },
  missing_files: {
    code: 'CONFLICT',
    retryable: false,
    message:
      'Vercel no longer has all files of this version. Deploy the function again, which uploads them.',
  },
  request_entity_too_large: { code: 'PAYLOAD_TOO_LARGE', retryable: false },
  file_too_large: { code: 'PAYLOAD_TOO_LARGE', retryable: false },
};

export function byCode(code: string): Classification | undefined {
  const name = code.toLowerCase();
  return Object.hasOwn(API, name) ? API[name] : undefined;
}

/** For what says no more than a status. */
export function byStatus(status: number | undefined): Classification | undefined {
  if (status === undefined) return undefined;
  if (status === 429) return RATE_LIMITED;
  if (status === 408 || status === 425 || status >= 500) return UNAVAILABLE;
  if (status === 404 || status === 410) return { code: 'NOT_FOUND', retryable: false };
  if (status === 409 || status === 412 || status === 422) {
    return { code: 'CONFLICT', retryable: false };
  }
  if (status === 413) return { code: 'PAYLOAD_TOO_LARGE', retryable: false };
  if (status >= 400) return { code: 'INVALID_ARGUMENT', retryable: false };
  // A success, or a way elsewhere, that could not be read: cut off on its way, or not Vercel's.
  return {
    ...UNAVAILABLE,
    message:
      "An answer of Vercel could not be read: it was cut off, or is not Vercel's. Check the network between (a proxy?), and providerOptions.vercel.endpoints, and try again.",
  };
}

const NOT_SENT: Classification = { code: 'UNAVAILABLE', retryable: true, didNotRun: true };

/** By `error.code` of Node's own, and of the transports: nothing reached Vercel, or no answer came back. */
export const BY_SOCKET_CODE: Readonly<Record<string, Classification>> = {
  ECONNRESET: UNAVAILABLE,
  EPIPE: UNAVAILABLE,
  ETIMEDOUT: UNAVAILABLE,
  ECONNABORTED: UNAVAILABLE,
  ERR_STREAM_PREMATURE_CLOSE: UNAVAILABLE,
  UND_ERR_SOCKET: UNAVAILABLE,
  UND_ERR_HEADERS_TIMEOUT: UNAVAILABLE,
  UND_ERR_BODY_TIMEOUT: UNAVAILABLE,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: UNAVAILABLE,
  UND_ERR_CONNECT_TIMEOUT: NOT_SENT,
  EHOSTUNREACH: NOT_SENT,
  ENETUNREACH: NOT_SENT,
  ENETDOWN: NOT_SENT,
  EAI_AGAIN: NOT_SENT,
  EAI_FAIL: NOT_SENT,
  ECONNREFUSED: {
    ...NOT_SENT,
    message:
      'Nobody answers where Vercel should be. Check the network, and providerOptions.vercel.endpoints.',
  },
  ENOTFOUND: {
    ...NOT_SENT,
    message:
      'The name of a Vercel service could not be found. Check the network, and providerOptions.vercel.endpoints.',
  },
};

/** The adapter's own bound on a call ended it. */
export const TOO_SLOW: Classification = {
  ...UNAVAILABLE,
  message: 'Vercel did not answer in time. Check the network, and try again.',
};
