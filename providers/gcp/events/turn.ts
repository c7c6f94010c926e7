/** What executors keep from one turn to the next. */
import type { CallContext, JsonObject, StepResult } from 'polyfaas/spi';
import { objectAt } from '../clients/json.ts';

const FIRST_POLL_MS = 1000;
const LONGEST_POLL_MS = 15_000;

/** What an earlier turn kept; empty on the first. */
export function keptOf(call: CallContext): JsonObject {
  return objectAt(call.resume);
}

/** Asks to be called again, less and less often. */
export function again(
  call: CallContext,
  stage: string,
  keep: JsonObject = {},
): Extract<StepResult, { readonly done: false }> {
  const { polls } = keptOf(call);
  const count = typeof polls === 'number' ? polls : 0;
  return {
    done: false,
    pollAfterMs: Math.min(LONGEST_POLL_MS, Math.round(FIRST_POLL_MS * 1.6 ** count)),
    resume: { ...keep, polls: count + 1 },
    stage,
  };
}
