/** How deliveries that failed are spread, where the platform leaves that to its shim. */

/** A retry policy, as far as delays go. */
export interface DelayPolicy {
  readonly backoff: 'exponential' | 'linear' | 'fixed';
  readonly delaySeconds: number;
  readonly maxDelaySeconds: number;
  readonly jitter: boolean;
}

/**
 * How long a message rests after a failed delivery.
 *
 * @param failed how many deliveries failed so far: 1 after the first.
 * @param random 0 <= value < 1.
 * @param platformMaxSeconds the longest that the platform can hold a message back.
 * @returns whole seconds, at most `maxDelaySeconds`; with jitter anything from 0 to that.
 */
export function retryDelaySeconds(
  { backoff, delaySeconds, maxDelaySeconds, jitter }: DelayPolicy,
  failed: number,
  random: number,
  platformMaxSeconds: number,
): number {
  const growth = { exponential: 2 ** Math.min(failed - 1, 40), linear: failed, fixed: 1 }[backoff];
  const seconds = Math.min(delaySeconds * growth, maxDelaySeconds, platformMaxSeconds);
  return Math.round(jitter ? seconds * random : seconds);
}
