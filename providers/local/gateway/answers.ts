/** What the gateway itself answers. Says what the client did, and nothing of the inside. */
import { ANSWERS as COMMON, type Answer } from 'polyfaas/http';
import { ServerlessError } from 'polyfaas/spi';

export type { Answer };

export const ANSWERS = {
  ...COMMON,
  badHost: { status: 400, error: 'The Host header is missing or malformed.' },
  foreignHost: {
    status: 421,
    error: 'This Host name is not served here. Add it to allowedHosts to serve it.',
  },
  unknownCoding: {
    status: 501,
    error:
      'The transfer coding of the body is not understood. Send it chunked, or with its length.',
  },
  unavailable: { status: 503, error: 'The function is not available now.' },
  replyTooLarge: { status: 413, error: 'The payload is too large.' },
} as const satisfies Record<string, Answer>;

/** @param waitMs until a request would be taken again. */
export function tooManyRequests(waitMs: number): Answer {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return { status: 429, error: 'Too many requests.', headers: ['retry-after', String(seconds)] };
}

/** What the client learns of a call that failed. */
export function answerFor(error: unknown): Answer {
  if (!ServerlessError.isInstance(error)) return ANSWERS.failed;
  switch (error.code) {
    case 'RATE_LIMITED':
      return tooManyRequests(error.retryAfterMs ?? 1_000);
    case 'TIMEOUT':
      return ANSWERS.timedOut;
    case 'PAYLOAD_TOO_LARGE':
      return ANSWERS.replyTooLarge;
    // Cancelled while the client still waits: the function is being stopped or replaced.
    case 'CANCELLED':
    case 'UNAVAILABLE':
    case 'NOT_FOUND':
      return ANSWERS.unavailable;
    default:
      return ANSWERS.failed;
  }
}
