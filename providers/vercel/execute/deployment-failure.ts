/** Why Vercel did not make a deployment. */
import type { ErrorCode, ServerlessError } from 'polyfaas/spi';
import { byMessage } from '../errors/messages.ts';
import type { Deployment } from '../observe/deployments.ts';
import { refusal } from './refusals.ts';

interface Meaning {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly next: string;
  readonly retryable?: boolean;
}

const PASSING: Meaning = {
  pattern: /internal|unexpected|unavailable|timeout|timed_out|provisioning/i,
  code: 'UNAVAILABLE',
  next: 'Run the same operation again.',
  retryable: true,
};

/** By the words of `errorCode`; the first that fits. Vercel lists its codes nowhere in full. */
const MEANINGS: readonly Meaning[] = [
  PASSING,
  {
    pattern: /limit|quota|exceeded|too_many|too_large|max_|size|payment|plan/i,
    code: 'QUOTA_EXCEEDED',
    next: 'Ask for less (a smaller package, less memory, a shorter timeout, fewer regions or crons), or use a plan that has more.',
  },
  {
    pattern: /invalid|bad_request|not_supported|unsupported|config/i,
    code: 'INVALID_ARGUMENT',
    next: 'Correct what it names in the declaration of the function.',
  },
];

const OTHER: Meaning = {
  pattern: /(?:)/,
  code: 'FUNCTION_FAILED',
  next: 'See the deployment in the dashboard of Vercel, and run the same operation again.',
};

/** What a deployment that ended as `ERROR`, `CANCELED` or the like is told as. */
export function deploymentFailure({
  state,
  errorCode,
  errorMessage,
}: Omit<Deployment, 'digest'>): ServerlessError {
  if (state === 'CANCELED') {
    return refusal(
      'CONFLICT',
      'Somebody cancelled the deployment at Vercel while this ran. Run the same operation again.',
    );
  }
  const coded = errorCode === '' ? '' : ` (${errorCode})`;
  const details = { errorCode, state };
  // The same words as in an answer to a call: which field, and what the plan of the account has.
  const known = PASSING.pattern.test(errorCode) ? undefined : wordsOf(errorMessage);
  if (known?.message !== undefined) {
    const text = `Vercel did not make the deployment${coded}. ${known.message}`;
    return refusal(known.code, text, { details });
  }
  const {
    code,
    next,
    retryable = false,
  } = MEANINGS.find(({ pattern }) => pattern.test(errorCode)) ?? OTHER;
  const said = errorMessage === '' ? 'It told no reason.' : ended(errorMessage);
  const text = `Vercel did not make the deployment${coded}: ${said} ${next}`;
  return refusal(code, text, { retryable, details });
}

function wordsOf(message: string): ReturnType<typeof byMessage> {
  const said = { message: ended(message), status: 400, name: '', code: '', reason: '' };
  return byMessage({ ...said, retryAfterMs: undefined });
}

function ended(sentence: string): string {
  const text = sentence.trim();
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
