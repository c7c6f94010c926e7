/** What Lambda answers when a function fails by itself, in Lambda's words. */
import { AwsFault } from '../../core/service.ts';
import type { Outcome } from './instance.ts';
import type { Exit } from './transport.ts';

/** A failure, as the caller and the report get it. */
export interface Failure {
  readonly payload: string;
  readonly status: 'error' | 'timeout';
  /** Of the platform's own failures; those of the code have their own. */
  readonly errorType?: string;
  /** What the log says of it in text form. */
  readonly lines: readonly string[];
}

const SIGNALS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGABRT: 'aborted',
  SIGTERM: 'terminated',
  SIGSEGV: 'segmentation fault',
  SIGINT: 'interrupt',
};
const EXIT_ERROR = 'Runtime.ExitError';
/** 6 MB and a little for what is around it (AWS Lambda quotas). */
const RESPONSE_BYTES = 6_291_556;

/** Undefined when all went well. */
export function failureOf(
  outcome: Outcome,
  about: { readonly requestId: string; readonly timeoutSeconds: number; readonly time: string },
): Failure | undefined {
  switch (outcome.kind) {
    case 'done':
      return tooLong(outcome.body);
    case 'error':
      return { payload: outcome.body, status: 'error', lines: [] };
    case 'timeout': {
      const text = `Task timed out after ${about.timeoutSeconds.toFixed(2)} seconds`;
      return {
        payload: describe('Sandbox.Timedout', `RequestId: ${about.requestId} Error: ${text}`),
        status: 'timeout',
        lines: [`${about.time} ${about.requestId} ${text}`],
      };
    }
    case 'memory':
      return exitFailure('Runtime exited with error: signal: killed', about.requestId);
    case 'no-entrypoint':
      return platformFailure('Runtime.InvalidEntrypoint', about.requestId, outcome.reason);
    case 'exit':
      break;
  }
  return exitFailure(exitReason(outcome.exit), about.requestId);
}

export function throttled(reason: string): AwsFault {
  return new AwsFault(429, 'TooManyRequestsException', 'Rate Exceeded.', {
    fields: { Reason: reason, Type: 'User' },
    headers: { 'retry-after': '1' },
  });
}

/** @param limit in bytes */
export function payloadTooLarge(limit: number): AwsFault {
  return new AwsFault(
    413,
    'RequestTooLargeException',
    `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
    { fields: { Type: 'User' } },
  );
}

function tooLong(body: string): Failure | undefined {
  if (body.length * 3 <= RESPONSE_BYTES || Buffer.byteLength(body) <= RESPONSE_BYTES)
    return undefined;
  const errorType = 'Function.ResponseSizeTooLarge';
  const message = `Response payload size exceeded maximum allowed payload size (${RESPONSE_BYTES} bytes).`;
  return { payload: describe(errorType, message), status: 'error', errorType, lines: [] };
}

function exitFailure(reason: string, requestId: string): Failure {
  return platformFailure(EXIT_ERROR, requestId, reason);
}

function platformFailure(errorType: string, requestId: string, reason: string): Failure {
  const message = `RequestId: ${requestId} Error: ${reason}`;
  return {
    payload: describe(errorType, message),
    status: 'error',
    errorType,
    lines: [message, errorType],
  };
}

function exitReason({ code, signal }: Exit): string {
  if (signal !== null)
    return `Runtime exited with error: signal: ${SIGNALS[signal] ?? signal.toLowerCase()}`;
  return code === 0 || code === null
    ? 'Runtime exited without providing a reason'
    : `Runtime exited with error: exit status ${code}`;
}

function describe(errorType: string, errorMessage: string): string {
  return JSON.stringify({ errorType, errorMessage });
}
