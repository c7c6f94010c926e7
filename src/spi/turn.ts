/** What executors keep from one turn of a step to the next: waiting itself is the engine's. */
import type { JsonObject, JsonValue } from '../function/json.types.ts';
import { numberAt, objectAt } from './json-at.ts';
import type { StepResult } from './plan.ts';
import type { CallContext } from './provider.ts';

/** The step is not done: the engine calls it again. */
export type Waiting = Extract<StepResult, { readonly done: false }>;

const FIRST_POLL_MS = 1_000;
const LONGEST_POLL_MS = 10_000;
const GROWTH = 1.5;

/** What an earlier turn kept, beside the number of `polls`; empty on the first. */
export function keptOf(call: Pick<CallContext, 'resume'>): JsonObject {
  return objectAt(call.resume);
}

/** Asks to be called again, less and less often. What is not in `keep` is forgotten. */
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
    /** How much longer each wait is than the one before. Default 1.5. */
    readonly growth?: number;
  },
): Waiting & { readonly resume: JsonObject } {
  const {
    stage,
    keep = {},
    firstMs = FIRST_POLL_MS,
    longestMs = LONGEST_POLL_MS,
    growth = GROWTH,
  } = parts;
  const polls = numberAt(keptOf(call), 'polls') ?? 0;
  return {
    done: false,
    pollAfterMs: Math.min(longestMs, Math.round(firstMs * growth ** polls)),
    resume: { ...keep, polls: polls + 1 },
    stage,
  };
}

/** The call as if an earlier turn had kept this; with nothing, its first turn. */
export function turnOf(call: CallContext, resume: JsonValue | undefined): CallContext {
  const { resume: _, ...fresh } = call;
  return resume === undefined || resume === null ? fresh : { ...fresh, resume };
}
