/** What executors keep from one turn to the next, and how a step is made of several that take their time. */
import {
  again as later,
  type CallContext,
  type JsonObject,
  keptOf,
  turnOf,
  type Waiting,
} from 'polyfaas/spi';

export { keptOf, turnOf };

const LONGEST_POLL_MS = 15_000;
const GROWTH = 1.6;

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
): ReturnType<typeof later> {
  return later(call, { longestMs: LONGEST_POLL_MS, growth: GROWTH, ...parts });
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
