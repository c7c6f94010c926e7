import type { IssueReport, RetryPolicy } from 'polyfaas/spi';
import { KEPT_SECONDS, MAX_DELAY_SECONDS } from '../limits.ts';

/** Delays are kept by the lease of a message. */
export function checkRetry(report: IssueReport, retry: RetryPolicy): void {
  const { maxAttempts, delaySeconds, maxDelaySeconds } = retry;
  if (delaySeconds > MAX_DELAY_SECONDS) {
    report.issue(
      'retry.delaySeconds',
      `${delaySeconds} is more than the ${MAX_DELAY_SECONDS} s that Vercel Queues can put a message off. Set it to 0 to ${MAX_DELAY_SECONDS}; for longer pauses, have a schedule work off a dead-letter queue.`,
    );
    return;
  }
  if (maxAttempts === 1) return;
  const delays = delaysOf(retry);
  const longest = Math.max(...delays);
  if (longest > MAX_DELAY_SECONDS) {
    report.warn(
      'rounded',
      'retry.maxDelaySeconds',
      `delays of up to ${Math.min(longest, maxDelaySeconds)} s are cut to ${MAX_DELAY_SECONDS} s, the longest that Vercel Queues can put a message off.`,
    );
  }
  const whole = delays.reduce((sum, delay) => sum + Math.min(delay, MAX_DELAY_SECONDS), 0);
  if (whole > KEPT_SECONDS) {
    report.warn(
      'limit',
      'retry.maxAttempts',
      `${maxAttempts} attempts with these delays take ${Math.round(whole / 3600)} hours, and Vercel Queues keep a message ${KEPT_SECONDS / 3600} hours, unless its sender says otherwise: what is too old is dropped, also without a dead letter. Lower retry.maxAttempts, or retry.maxDelaySeconds.`,
    );
  }
}

/** Without jitter, which only shortens them. */
function delaysOf({ backoff, delaySeconds, maxDelaySeconds, maxAttempts }: RetryPolicy): number[] {
  return Array.from({ length: maxAttempts - 1 }, (_, index) => {
    const growth = { exponential: 2 ** index, linear: index + 1, fixed: 1 }[backoff];
    return Math.min(maxDelaySeconds, delaySeconds * growth);
  });
}
