/** Retry policies as Pub/Sub has them ("Subscription retry policy", "Dead-letter topics"). */
import type { RetryPolicy } from 'polyfaas/spi';

/** The longest delay that a retry policy takes. */
export const LONGEST_DELAY_SECONDS = 600;
/**
 * When Pub/Sub itself gives a message up: as late as it has it ("Dead-letter topics": 5 to 100). It counts deliveries too
 * that never reached the code, refused while a grant spread, or because no instance was free; which attempt is the last is
 * therefore decided by the code inside, and only a message that ends the process every time is delivered so often.
 */
export const MOST_DELIVERIES = 100;
/** The last attempt is the code's own, so one less than Pub/Sub's. */
export const MOST_POLICY_ATTEMPTS = MOST_DELIVERIES - 1;

/** The delays of a subscription, in seconds. JSON. */
export interface Backoff {
  readonly minimumSeconds: number;
  readonly maximumSeconds: number;
}

/**
 * Pub/Sub's delays grow exponentially from the least to the longest. With both alike they are fixed; those that would grow
 * evenly end where the last of them would.
 */
export function backoffOf(retry: RetryPolicy): Backoff {
  const { backoff, delaySeconds, maxDelaySeconds, maxAttempts } = retry;
  const minimumSeconds = bounded(delaySeconds);
  const last = {
    exponential: maxDelaySeconds,
    linear: Math.min(maxDelaySeconds, delaySeconds * Math.max(1, maxAttempts - 1)),
    fixed: delaySeconds,
  }[backoff];
  return { minimumSeconds, maximumSeconds: Math.max(minimumSeconds, bounded(last)) };
}

function bounded(seconds: number): number {
  return Math.min(LONGEST_DELAY_SECONDS, Math.max(0, seconds));
}
