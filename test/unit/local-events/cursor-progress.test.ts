import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterFailure,
  afterInterruption,
  afterPartial,
  afterRefusal,
  afterSuccess,
  startAt,
} from '../../../providers/local/events/cursor-progress.ts';
import type { CursorState } from '../../../providers/local/events/cursor-progress.ts';

/** Runs one shard of records 1..count to its end, with a handler that cannot handle the `bad` ones. */
function run(options: {
  readonly count: number;
  readonly bad: ReadonlySet<number>;
  readonly batchSize: number;
  readonly maxAttempts: number;
  /** Whether the handler says where it stopped. */
  readonly tells: boolean;
  /** Chooses, for each delivery, whether the function is at its limit. */
  readonly refuses: (delivery: number) => boolean;
  /** Chooses, for each delivery, whether the process dies in it: twice in a row at most. */
  readonly dies: (delivery: number) => boolean;
}): { handled: number[]; givenUp: number[]; deliveries: number } {
  const { count, bad, batchSize, maxAttempts } = options;
  let state: CursorState = startAt(0);
  const handled: number[] = [];
  const givenUp: number[] = [];
  let deliveries = 0;
  let deaths = 0;
  while (state.position < count) {
    deliveries += 1;
    if (deliveries > 100_000) throw new Error('does not end');
    const limit = Math.min(batchSize, state.splitSize ?? batchSize);
    const end = Math.min(state.batchEnd ?? count, state.position + limit, count);
    const sequences: number[] = [];
    for (let next = state.position + 1; next <= end; next += 1) sequences.push(next);
    const begun = { ...state, attempts: state.attempts + 1, batchEnd: state.batchEnd ?? end };
    if (options.refuses(deliveries)) {
      state = afterRefusal(begun, 0);
      continue;
    }
    if (deaths < 2 && options.dies(deliveries)) {
      deaths += 1;
      const delivery = { state: begun, sequences, maxAttempts, nowMs: 0, isKept: true };
      const verdict = afterInterruption(delivery);
      if (verdict.givenUp !== undefined) givenUp.push(verdict.givenUp);
      state = verdict.state;
      continue;
    }
    deaths = 0;
    const index = sequences.findIndex((sequence) => bad.has(sequence));
    if (index < 0) {
      handled.push(...sequences);
      state = afterSuccess(begun, sequences);
      continue;
    }
    const delivery = { state: begun, sequences, maxAttempts, nowMs: 0, delayMs: () => 1 };
    if (options.tells) handled.push(...sequences.slice(0, index));
    const verdict = options.tells ? afterPartial(delivery, index) : afterFailure(delivery);
    if (verdict.givenUp !== undefined) givenUp.push(verdict.givenUp);
    state = verdict.state;
  }
  return { handled, givenUp, deliveries };
}

describe('progress in a shard', () => {
  it('gives up exactly the bad records, and handles the rest in order, once each', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        fc.array(fc.boolean(), { maxLength: 20 }),
        fc.array(fc.boolean(), { maxLength: 200 }),
        (count, badList, batchSize, maxAttempts, tells, refusals, kills) => {
          const bad = new Set(badList.filter((sequence) => sequence <= count));
          const all = Array.from({ length: count }, (_, index) => index + 1);
          const refuses = (delivery: number): boolean => refusals[delivery] ?? false;
          const dies = (delivery: number): boolean => kills[delivery] ?? false;
          const result = run({ count, bad, batchSize, maxAttempts, tells, refuses, dies });
          expect(result.givenUp).toEqual(all.filter((sequence) => bad.has(sequence)));
          expect(result.handled).toEqual(all.filter((sequence) => !bad.has(sequence)));
        },
      ),
    );
  });

  it('needs no more deliveries than its attempts and the splitting of one batch', () => {
    const options = {
      count: 64,
      batchSize: 64,
      maxAttempts: 3,
      refuses: () => false,
      dies: () => false,
    };
    expect(run({ ...options, bad: new Set(), tells: false }).deliveries).toBe(1);
    expect(run({ ...options, bad: new Set([1]), tells: true }).deliveries).toBe(4);
    expect(run({ ...options, bad: new Set([1]), tells: false }).deliveries).toBeLessThanOrEqual(
      3 + 6 + 6,
    );
  });
});
