/** What a delivery came to, read from what the function answered or threw. Pure. */
import { ServerlessError } from 'polyfaas/spi';
import type { JsonValue } from 'polyfaas/spi';

/** Why a delivery failed. */
export interface Failure {
  readonly name: string;
  readonly message: string;
}

/** What a delivery came to. */
export type Outcome =
  | { readonly type: 'ok'; readonly output: JsonValue }
  | { readonly type: 'failed'; readonly failure: Failure }
  /** The function did not take the call (it is at its limit), or is there no more: no attempt is charged. */
  | { readonly type: 'refused'; readonly dueMs: number };

const LONGEST_MESSAGE = 1_000;

/** The process died, or was stopped, in the middle of a delivery that had begun. */
export const INTERRUPTED: Failure = {
  name: 'Interrupted',
  message: 'The process ended during the delivery.',
};

/** It was accepted, but the binding or the function that it was for is there no more. */
export const REMOVED = {
  binding: {
    name: 'Removed',
    message: 'The binding was removed before the event was handled.',
  },
  function: {
    name: 'Removed',
    message: 'The function was removed before the event was handled.',
  },
} satisfies Record<string, Failure>;

/** The retention of its stream or table ended. */
export const EXPIRED: Failure = {
  name: 'Expired',
  message: 'The record was kept for 24 hours and not handled within them.',
};

/** What was stored is damaged: no handler can get it. */
export const UNREADABLE: Failure = {
  name: 'Unreadable',
  message: 'What was stored of the event cannot be decoded.',
};

/** Not an error: the handler said so. */
export const ASKED_AGAIN: Failure = {
  name: 'Retry',
  message: 'The handler asked for another delivery.',
};

/** The handler's own error where there is one, else the code that says why it could not run. Never throws. */
export function failureOf(error: unknown): Failure {
  try {
    return read(error);
  } catch {
    return { name: 'Error', message: 'The handler threw a value that cannot be read.' };
  }
}

function read(error: unknown): Failure {
  if (ServerlessError.isInstance(error)) {
    return error.code === 'FUNCTION_FAILED' && isErrorLike(error.cause)
      ? read(error.cause)
      : cut({ name: error.code, message: error.message });
  }
  return isErrorLike(error)
    ? cut({ name: error.name, message: error.message })
    : cut({ name: 'Error', message: String(error) });
}

/** `TypeError: x is not a function`. */
export function describeFailure(failure: Failure): string {
  return `${failure.name}: ${failure.message}`;
}

/**
 * Which messages of a batch failed. An answer that cannot be understood fails the whole batch: delivering again is
 * safe, forgetting is not.
 */
export function failedMessages(
  output: JsonValue,
  ids: readonly string[],
): { readonly failed: ReadonlySet<string>; readonly failure: Failure } {
  const none: ReadonlySet<string> = new Set();
  const retry = fieldOf(output, 'retry');
  if (retry === undefined || retry === null) return { failed: none, failure: ASKED_AGAIN };
  if (!Array.isArray(retry)) return { failed: new Set(ids), failure: badAnswer('retry', 'a list') };
  const known = new Set(ids);
  const failed = new Set<string>();
  for (const id of retry) {
    if (typeof id !== 'string' || !known.has(id))
      return { failed: known, failure: badAnswer('retry', 'ids of messages of the batch') };
    failed.add(id);
  }
  return { failed, failure: ASKED_AGAIN };
}

/** The index of the record from which to deliver again; undefined when all were handled; -1 when nobody can tell. */
export function retryIndex(
  output: JsonValue,
  sequenceNumbers: readonly string[],
): { readonly index: number | undefined; readonly failure: Failure } {
  const from = fieldOf(output, 'retryFrom');
  if (from === undefined || from === null) return { index: undefined, failure: ASKED_AGAIN };
  const index = typeof from === 'string' ? sequenceNumbers.indexOf(from) : -1;
  return {
    index,
    failure: index >= 0 ? ASKED_AGAIN : badAnswer('retryFrom', 'a sequence number of the batch'),
  };
}

function fieldOf(output: JsonValue, field: 'retry' | 'retryFrom'): unknown {
  if (typeof output !== 'object' || output === null || Array.isArray(output)) return undefined;
  return Object.entries(output).find(([key]) => key === field)?.[1];
}

function badAnswer(field: string, expected: string): Failure {
  return {
    name: 'BadAnswer',
    message: `The handler answered with a "${field}" that is not ${expected}; everything is delivered again.`,
  };
}

function isErrorLike(value: unknown): value is { name: string; message: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    'message' in value &&
    typeof value.name === 'string' &&
    typeof value.message === 'string'
  );
}

function cut({ name, message }: Failure): Failure {
  return message.length <= LONGEST_MESSAGE
    ? { name, message }
    : { name, message: `${message.slice(0, LONGEST_MESSAGE)}...` };
}
