/** How each plane says no: errors of the APIs, and what the wire itself has to say. */
import { GoogleFault } from './fault.ts';
import { hostOf, isApi } from './api-names.ts';
import type { ApiName, WireReply } from './ports.ts';

/** `google.rpc.Code` */
const NUMBERS: Readonly<Record<string, number>> = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
};

/** Cloud Storage's JSON API has reasons of its own: https://cloud.google.com/storage/docs/json_api/v1/status-codes */
const STORAGE_REASONS: Readonly<Record<string, string>> = {
  INVALID_ARGUMENT: 'invalid',
  FAILED_PRECONDITION: 'failedPrecondition',
  UNAUTHENTICATED: 'authError',
  PERMISSION_DENIED: 'forbidden',
  NOT_FOUND: 'notFound',
  ABORTED: 'conflict',
  ALREADY_EXISTS: 'conflict',
  RESOURCE_EXHAUSTED: 'rateLimitExceeded',
  INTERNAL: 'backendError',
  UNAVAILABLE: 'backendError',
};

/** The `google.rpc.Status` that an operation ends with. */
export function statusOf(error: unknown): {
  readonly code: number;
  readonly message: string;
  readonly details?: readonly object[];
} {
  const { code, message, details } = faultOf(error);
  return { code: NUMBERS[code] ?? 2, message, ...(details.length > 0 && { details }) };
}

/** The answer for what was thrown. What is no `GoogleFault` is a mistake of the fake itself, and is told loudly. */
export function faultReply(plane: string, error: unknown): WireReply {
  const { status, code, message, details, headers } = faultOf(error);
  if (!isApi(plane)) return { status, headers, body: message };
  if (plane === 'storage') {
    const errors = [{ message, domain: 'global', reason: STORAGE_REASONS[code] ?? 'invalid' }];
    return {
      status,
      headers,
      body: { error: { code: status, message, errors, ...(details.length > 0 && { details }) } },
    };
  }
  return {
    status,
    headers,
    body: {
      error: { code: status, message, status: code, ...(details.length > 0 && { details }) },
    },
  };
}

function faultOf(error: unknown): GoogleFault {
  if (error instanceof GoogleFault) return error;
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new GoogleFault('INTERNAL', `The fake failed: ${told}`);
}

/** What a plane answers instead of doing anything. */
export function plainFault(
  plane: string,
  kind: 'throttled' | 'failed',
  projectNumber: string,
): WireReply {
  if (isApi(plane)) return faultReply(plane, apiFault(plane, kind, projectNumber));
  const isUpload = /upload/i.test(plane);
  if (isUpload) return kind === 'throttled' ? SLOW_DOWN : UPLOAD_FAILED;
  return kind === 'throttled' ? RATE_EXCEEDED : SERVER_ERROR;
}

function apiFault(api: ApiName, kind: 'throttled' | 'failed', projectNumber: string): GoogleFault {
  if (kind === 'failed') {
    return api === 'storage'
      ? new GoogleFault('INTERNAL', 'We encountered an internal error. Please try again.')
      : new GoogleFault('INTERNAL', 'Internal error encountered.');
  }
  if (api === 'storage') {
    return new GoogleFault(
      'RESOURCE_EXHAUSTED',
      'The project exceeded the rate limit for creating and deleting buckets.',
    );
  }
  return quotaFault(api, projectNumber, {
    metric: `${hostOf(api)}/default_requests`,
    limit: 'DefaultRequestsPerMinutePerProject',
  });
}

/**
 * 429 as Service Control says it: https://cloud.google.com/docs/quotas/troubleshoot. What is counted in things has another
 * reason than what is counted by the minute (`google/api/error_reason.proto`).
 */
export function quotaFault(
  api: ApiName,
  projectNumber: string,
  quota: { readonly metric: string; readonly limit: string },
): GoogleFault {
  const service = hostOf(api);
  const consumer = `projects/${projectNumber}`;
  const message = `Quota exceeded for quota metric '${quota.metric}' and limit '${quota.limit}' of service '${service}' for consumer 'project_number:${projectNumber}'.`;
  return new GoogleFault('RESOURCE_EXHAUSTED', message, {
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: quota.metric.endsWith('_count') ? 'RESOURCE_QUOTA_EXCEEDED' : 'RATE_LIMIT_EXCEEDED',
        domain: 'googleapis.com',
        metadata: {
          service,
          consumer,
          quota_metric: quota.metric,
          quota_limit: quota.limit,
          quota_location: 'global',
        },
      },
      {
        '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
        violations: [{ subject: consumer, description: message }],
      },
    ],
  });
}

/** What the front of all APIs says of a path that none has. */
export function noSuchPath(path: string): WireReply {
  const shown = path.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return {
    status: 404,
    headers: { 'content-type': 'text/html; charset=UTF-8' },
    body: `<!DOCTYPE html>\n<html lang=en>\n  <title>Error 404 (Not Found)!!1</title>\n  <p><b>404.</b> <ins>That’s an error.</ins>\n  <p>The requested URL <code>${shown}</code> was not found on this server.  <ins>That’s all we know.</ins>\n`,
  };
}

const XML = { 'content-type': 'application/xml; charset=UTF-8' };
/** Signed URLs are Cloud Storage's XML API. */
const SLOW_DOWN: WireReply = {
  status: 429,
  headers: XML,
  body: "<?xml version='1.0' encoding='UTF-8'?><Error><Code>SlowDown</Code><Message>The rate of requests to the object exceeds the limit. Please reduce your request rate.</Message></Error>",
};
const UPLOAD_FAILED: WireReply = {
  status: 500,
  headers: XML,
  body: "<?xml version='1.0' encoding='UTF-8'?><Error><Code>InternalError</Code><Message>We encountered an internal error. Please try again.</Message></Error>",
};
/** Cloud Run's front. */
const RATE_EXCEEDED: WireReply = {
  status: 429,
  headers: { 'content-type': 'text/html' },
  body: 'Rate exceeded.',
};
const SERVER_ERROR: WireReply = {
  status: 500,
  headers: { 'content-type': 'text/html; charset=UTF-8' },
  body: '\n<html><head>\n<meta http-equiv="content-type" content="text/html;charset=utf-8">\n<title>500 Server Error</title>\n</head>\n<body text=#000000 bgcolor=#ffffff>\n<h1>Error: Server Error</h1>\n<h2>The server encountered an error and could not complete your request.<p>Please try again in 30 seconds.</h2>\n<h2></h2>\n</body></html>\n',
};
