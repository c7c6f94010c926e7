/** Refusals as Google sends them. */
import { apiError } from '../../../providers/gcp/clients/answer.ts';
import type { GoogleApiError } from '../../../providers/gcp/clients/error.ts';

/** The answer of a REST API, read as the clients read it. */
export function refused(
  code: number,
  status: string,
  message: string,
  details: readonly object[] = [],
): GoogleApiError {
  const error = { code, message, status, ...(details.length > 0 && { details }) };
  return answered(code, { error });
}

/** The JSON API of Cloud Storage. */
export function storageRefused(code: number, reason: string, message: string): GoogleApiError {
  const errors = [{ message, domain: 'global', reason }];
  return answered(code, { error: { code, message, errors } });
}

export function answered(status: number, body: unknown): GoogleApiError {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return apiError({ status, headers: {}, text }, 'GET /v1/x', 0);
}

/** `google.rpc.ErrorInfo` */
export function errorInfo(reason: string, metadata: Readonly<Record<string, string>>): object {
  return {
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    reason,
    domain: 'googleapis.com',
    metadata,
  };
}

/** What the vendor's client makes of an answer, or of the error of an operation. */
export function vendorError(code: number, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { code, ...more });
}
