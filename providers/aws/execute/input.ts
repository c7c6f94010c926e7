/** What executors keep from one turn to the next. */
import type { CallContext, JsonObject, StepResult } from 'polyfaas/spi';

/** What an earlier turn kept; empty on the first. */
export function keptOf(call: CallContext): JsonObject {
  const { resume } = call;
  return isObject(resume) ? resume : {};
}

export function numberOf(kept: JsonObject, key: string): number {
  const value = kept[key];
  return typeof value === 'number' ? value : 0;
}

/** Asks to be called again, less and less often. */
export function again(
  call: CallContext,
  parts: {
    readonly stage: string;
    readonly keep?: JsonObject;
    readonly firstMs: number;
    readonly longestMs: number;
  },
): StepResult {
  const polls = numberOf(keptOf(call), 'polls');
  return {
    done: false,
    pollAfterMs: Math.min(parts.longestMs, Math.round(parts.firstMs * 1.6 ** polls)),
    resume: { ...parts.keep, polls: polls + 1 },
    stage: parts.stage,
  };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
