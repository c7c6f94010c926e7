/** What executors keep from one turn to the next, and how a step is made of several that take their time. */
import type { CallContext, JsonObject, JsonValue, StepResult } from 'polyfaas/spi';
import { objectAt } from '../arm/json.ts';

type Waiting = Extract<StepResult, { readonly done: false }>;

const FIRST_POLL_MS = 1000;
const LONGEST_POLL_MS = 15_000;

/** What an earlier turn kept; empty on the first. */
export function keptOf(call: CallContext): JsonObject {
  return objectAt(call.resume);
}

export function numberIn(kept: JsonObject, key: string): number {
  const value = kept[key];
  return typeof value === 'number' ? value : 0;
}

/** Asks to be called again: after 1 s, then 2 s, 4 s, ... up to 15 s. */
export function again(call: CallContext, stage: string, keep: JsonObject = {}): Waiting {
  const polls = numberIn(keptOf(call), 'polls');
  return {
    done: false,
    pollAfterMs: Math.min(LONGEST_POLL_MS, FIRST_POLL_MS * 2 ** polls),
    resume: { ...keep, polls: polls + 1 },
    stage,
  };
}

/** The call as a part of the step sees it: with what that part kept. */
export function partOf(call: CallContext): CallContext {
  return resumed(call, keptOf(call)['inner']);
}

/** What a part waits for, as the whole step does; `keep` tells which part it was. */
export function ofPart(waiting: Waiting, keep: JsonObject): Waiting {
  return { ...waiting, resume: { ...keep, inner: waiting.resume ?? null } };
}

/** The call with nothing kept. */
export function afresh(call: CallContext): CallContext {
  return resumed(call, undefined);
}

function resumed(call: CallContext, resume: JsonValue | undefined): CallContext {
  const { resume: _, ...fresh } = call;
  return resume === undefined || resume === null ? fresh : { ...fresh, resume };
}
