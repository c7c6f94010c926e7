/** When a failed attempt is repeated. https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs#RetryConfig */

export interface Retries {
  readonly count: number;
  /** 0: no limit. */
  readonly maxDurationMs: number;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly maxDoublings: number;
}

/**
 * Whether there is one more attempt. With a limit of time beside the count, both have to be reached.
 *
 * @param done retries so far
 * @param sinceMs the first attempt
 */
export function isRetried(
  { count, maxDurationMs }: Retries,
  done: number,
  sinceMs: number,
): boolean {
  if (count === 0) return false;
  return done < count || (maxDurationMs > 0 && sinceMs < maxDurationMs);
}

/**
 * The pause before a retry: it doubles some times, then grows by the last of these, up to the maximum.
 *
 * @param retry from 0
 */
export function pauseBefore(
  { minBackoffMs, maxBackoffMs, maxDoublings }: Retries,
  retry: number,
): number {
  const doubled = minBackoffMs * 2 ** Math.min(retry, maxDoublings);
  const steps = 1 + Math.max(0, retry - maxDoublings);
  return Math.min(doubled * steps, maxBackoffMs);
}
