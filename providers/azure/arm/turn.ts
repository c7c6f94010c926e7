/** What executors keep from one turn to the next, and how a step is made of several that take their time. */
import type { CallContext, JsonObject, JsonValue, StepResult } from 'polyfaas/spi';
import { objectAt } from './json.ts';

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

/** Asks to be called again, less and less often. */
export function again(
  call: CallContext,
  parts: {
    readonly stage: string;
    readonly keep?: JsonObject;
    /** Default 1 s. */
    readonly firstMs?: number;
    /** Default 15 s. */
    readonly longestMs?: number;
  },
): Waiting & { readonly resume: JsonObject } {
  const { stage, keep = {}, firstMs = FIRST_POLL_MS, longestMs = LONGEST_POLL_MS } = parts;
  const polls = numberIn(keptOf(call), 'polls');
  return {
    done: false,
    pollAfterMs: Math.min(longestMs, Math.round(firstMs * 1.6 ** polls)),
    resume: { ...keep, polls: polls + 1 },
    stage,
  };
}

/** The turn of a part of a step: the call with what that part kept. */
export function turnOf(call: CallContext, resume: JsonValue | undefined): CallContext {
  const { resume: _, ...fresh } = call;
  return resume === undefined || resume === null ? fresh : { ...fresh, resume };
}

/** The call as the part that {@link ofPart} kept sees it. */
export function partOf(call: CallContext): CallContext {
  return turnOf(call, keptOf(call)['inner']);
}

/** What a part waits for, as the whole step does; `keep` tells which part it was. */
export function ofPart(waiting: Waiting, keep: JsonObject): Waiting {
  return { ...waiting, resume: { ...keep, inner: waiting.resume ?? null } };
}

/** The call with nothing kept. */
export function afresh(call: CallContext): CallContext {
  return turnOf(call, undefined);
}
