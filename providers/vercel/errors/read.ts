/** Reads what went wrong, in each of the forms in which it comes. */
import { VercelApiError } from '../clients/error.ts';

export interface RawError {
  readonly name: string;
  /** `not_found`, `ENV_CONFLICT`; of sockets `ECONNRESET`. Empty when not told. */
  readonly code: string;
  readonly message: string;
  /** HTTP; undefined when there was no answer. */
  readonly status: number | undefined;
  /** See `VercelApiError.reason`. */
  readonly reason: string;
  readonly retryAfterMs: number | undefined;
}

/** `VercelApiError`, the vendor client's `DeploymentError`, and anything of their shape. */
export function readError(cause: unknown): RawError {
  if (cause instanceof VercelApiError) {
    const { name, code, message, status, reason, retryAfterMs } = cause;
    return { name, code, message, status, reason, retryAfterMs };
  }
  const isObject = typeof cause === 'object' && cause !== null;
  const status: unknown = isObject ? Reflect.get(cause, 'status') : undefined;
  return {
    name: isObject ? textIn(cause, 'name') : '',
    code: isObject ? textIn(cause, 'code') : '',
    message: isObject ? textIn(cause, 'message') : typeof cause === 'string' ? cause : '',
    status: typeof status === 'number' && status >= 100 && status < 600 ? status : undefined,
    reason: '',
    retryAfterMs: undefined,
  };
}

function textIn(value: object, name: string): string {
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'string' ? found : '';
}
