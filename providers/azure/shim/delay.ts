import type { RetryPolicy } from 'polyfaas/spi';

/** A message of Azure Storage is hidden for at most 7 days (Put Message, `visibilitytimeout`). */
const MAX_DELAY_SECONDS = 604_800;

/**
 * How long a message rests after a failed delivery.
 *
 * @param failed how many deliveries failed so far: 1 after the first.
 * @param random 0 <= value < 1.
 * @returns whole seconds, at most `maxDelaySeconds`; with jitter anything from 0 to that.
 */
export function retryDelaySeconds(
  policy: Omit<RetryPolicy, 'maxAttempts'>,
  failed: number,
  random: number,
): number {
  const { backoff, delaySeconds, maxDelaySeconds, jitter } = policy;
  const growth = { exponential: 2 ** Math.min(failed - 1, 40), linear: failed, fixed: 1 }[backoff];
  const seconds = Math.min(delaySeconds * growth, maxDelaySeconds, MAX_DELAY_SECONDS);
  return Math.round(jitter ? seconds * random : seconds);
}
