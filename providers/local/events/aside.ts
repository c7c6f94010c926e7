import { ServerlessError } from 'polyfaas/spi';
import { describeLane, originOf } from './lane.ts';
import type { EventParts, Lane } from './lane.ts';
import { failureOf } from './outcomes.ts';
import { asidePauseMs } from './retry.ts';

/**
 * Leaves a lane alone for a while whose events cannot be taken, or whose outcomes cannot be written down, and says so.
 * Several errors of one lane in one run are one.
 */
export function setAside({ warn }: EventParts, lane: Lane, error: unknown, nowMs: number): void {
  if (lane.asideUntilMs > nowMs) return;
  lane.asideInRow += 1;
  const retryAfterMs = asidePauseMs(lane.asideInRow);
  lane.asideUntilMs = nowMs + retryAfterMs;
  const { name, message } = failureOf(error);
  warn(
    `Events of ${originOf(lane)} for the function "${lane.ref.name}" wait because of an error in the local provider: ${message} They are tried again in ${retryAfterMs / 1_000} s; other events go on.`,
    { ...describeLane(lane), error: name, retryAfterMs },
  );
}

/** True for an error of the store as a whole: no lane can get further than this one did. */
export function isStoreFailure(error: unknown): boolean {
  return ServerlessError.isInstance(error) && STORE_CODES.has(error.code);
}

const STORE_CODES: ReadonlySet<string> = new Set([
  'QUOTA_EXCEEDED',
  'UNAVAILABLE',
  'PERMISSION_DENIED',
]);
