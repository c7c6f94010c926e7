/** What a failed call says of its target, and whether another one may be called instead. */
import { ServerlessError, type ErrorCode } from '../errors/index.ts';
import { DirectTimeoutError } from '../spi/direct/errors.ts';

/** The target said no before anything ran. */
const REFUSED: ReadonlySet<ErrorCode> = new Set([
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'RATE_LIMITED',
  'QUOTA_EXCEEDED',
]);

/** The target's own trouble, after which nobody knows whether the handler ran. */
const BROKEN: ReadonlySet<ErrorCode> = new Set(['UNAVAILABLE', 'UNKNOWN']);

/** What an answer to a look says of the target: that there is somebody to answer, or nobody. */
const ANSWERED: ReadonlySet<ErrorCode> = new Set(['NOT_FOUND', 'FUNCTION_FAILED']);
const DOWN: ReadonlySet<ErrorCode> = new Set([
  'UNAVAILABLE',
  'TIMEOUT',
  'RATE_LIMITED',
  'QUOTA_EXCEEDED',
  'UNKNOWN',
]);

export interface Blame {
  /** It counts against the target. */
  readonly isTargets: boolean;
  /** Another target may be called: the handler did not run, or a repeat does no harm. */
  readonly mayGoOn: boolean;
}

const NOBODYS: Blame = { isTargets: false, mayGoOn: false };

/** @param isIdempotent the caller says that a repeat does no harm. */
export function blameOf(error: unknown, isIdempotent: boolean): Blame {
  if (!ServerlessError.isInstance(error)) return { isTargets: true, mayGoOn: isIdempotent };
  const { code, details } = error;
  // Not deployed there: that is no trouble of the platform's, and others may have it.
  if (code === 'NOT_FOUND') return { isTargets: false, mayGoOn: true };
  if (REFUSED.has(code)) return { isTargets: true, mayGoOn: true };
  const didNotRun = details?.['didNotRun'] === true;
  if (BROKEN.has(code)) return { isTargets: true, mayGoOn: didNotRun || isIdempotent };
  // Something else was going on there, and is not elsewhere.
  if (code === 'CONFLICT' && didNotRun) return { isTargets: false, mayGoOn: true };
  // The function's own slowness would be the same elsewhere; no answer at all, also long after, is the target's.
  const isSilence = error.cause instanceof DirectTimeoutError;
  const isFunctions = details?.['timeoutSeconds'] !== undefined && !isSilence;
  if (code === 'TIMEOUT' && !isFunctions) {
    return { isTargets: true, mayGoOn: didNotRun || isIdempotent };
  }
  return NOBODYS;
}

/** What a look at a target that gets no calls came to. */
export type Verdict = 'back' | 'down' | 'none';

/**
 * A function that is not deployed there, or does not start, has a platform that answers. Whoever may only invoke may not
 * look, and what the look itself did wrong says nothing of the platform either: that is no verdict.
 */
export function verdictOf(error: unknown): Verdict {
  if (!ServerlessError.isInstance(error)) return 'down';
  if (ANSWERED.has(error.code)) return 'back';
  return DOWN.has(error.code) ? 'down' : 'none';
}
