/** What executors keep from one turn to the next. */
import type { CallContext, JsonObject, StepResult } from 'polyfaas/spi';
import { numberAt, objectAt } from 'polyfaas/spi';

export type Waiting = Extract<StepResult, { readonly done: false }>;

const FIRST_POLL_MS = 1_000;
const LONGEST_POLL_MS = 10_000;

/** What an earlier turn kept; empty on the first. */
export function keptOf(call: Pick<CallContext, 'resume'>): JsonObject {
  return objectAt(call.resume);
}

/** Asks to be called again, less and less often. */
export function again(
  call: Pick<CallContext, 'resume'>,
  parts: {
    /** For the progress display: `building`. */
    readonly stage: string;
    readonly keep?: JsonObject;
    /** Default 1 s. */
    readonly firstMs?: number;
    /** Default 10 s. */
    readonly longestMs?: number;
  },
): Waiting {
  const { stage, keep = {}, firstMs = FIRST_POLL_MS, longestMs = LONGEST_POLL_MS } = parts;
  const polls = numberAt(keptOf(call), 'polls') ?? 0;
  return {
    done: false,
    pollAfterMs: Math.min(longestMs, Math.round(firstMs * 1.5 ** polls)),
    resume: { ...keep, polls: polls + 1 },
    stage,
  };
}
