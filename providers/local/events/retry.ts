import type { Random, RetryPolicy } from 'polyfaas/spi';

/**
 * How long to wait after a failed delivery. Pure.
 *
 * @param failedAttempts how many deliveries failed so far: 1 after the first.
 * @returns milliseconds, never above `maxDelaySeconds`; with jitter anything from 0 to that value.
 */
export function retryDelayMs(policy: RetryPolicy, failedAttempts: number, random: Random): number {
  const capSeconds = Math.min(
    policy.delaySeconds * GROWTH[policy.backoff](Math.max(1, failedAttempts)),
    policy.maxDelaySeconds,
  );
  return Math.round(capSeconds * 1_000 * (policy.jitter ? random() : 1));
}

const GROWTH = {
  // Far beyond any maximum, and short of infinity, which 0 seconds cannot be multiplied by.
  exponential: (failed) => 2 ** Math.min(failed - 1, 40),
  linear: (failed) => failed,
  fixed: () => 1,
} satisfies Record<RetryPolicy['backoff'], (failed: number) => number>;

/**
 * A delivery that the death of the process cut short is made again and not charged, so often beyond `maxAttempts` at
 * most. Other events that were under way with the one that brought the process down would be lost with it otherwise.
 * What no dead letter would keep is not given up for it at all: see {@link interruptionPauseMs}.
 */
export const INTERRUPTIONS_ALLOWED = 2;

const FIRST_ASIDE_MS = 1_000;
const LONGEST_ASIDE_MS = 5 * 60_000;

/** How long to leave a lane alone whose events cannot be taken: 1 s, doubled with each time in a row, 5 min at most. Pure. */
export function asidePauseMs(inRow: number): number {
  return Math.min(FIRST_ASIDE_MS * 2 ** Math.min(Math.max(0, inRow - 1), 40), LONGEST_ASIDE_MS);
}

/**
 * How long an event waits whose deliveries were cut short so often, where nothing bounds how often: one that brings
 * the process down would do it in a tight loop. Pure.
 */
export function interruptionPauseMs(interruptions: number): number {
  return interruptions <= INTERRUPTIONS_ALLOWED
    ? 0
    : asidePauseMs(interruptions - INTERRUPTIONS_ALLOWED);
}

const FIRST_THROTTLE_MS = 100;
const LONGEST_THROTTLE_MS = 2_000;

/**
 * How long to leave a function alone that said RATE_LIMITED. Pure. Doubles while it keeps saying so.
 *
 * @param inRow how often it said so since it last took a call: 1 the first time.
 * @param askedMs what the refusal itself asked for.
 * @returns between half of the delay and the whole, so that many bindings do not come back at once.
 */
export function throttleDelayMs(
  inRow: number,
  askedMs: number | undefined,
  random: Random,
): number {
  const delayMs = Math.min(FIRST_THROTTLE_MS * 2 ** Math.max(0, inRow - 1), LONGEST_THROTTLE_MS);
  return Math.max(askedMs ?? 0, Math.round(delayMs * (0.5 + random() / 2)));
}
