import { type FunctionRef, KeptFunctions, ServerlessError } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { callContext } from '../../support/call-context.ts';

const REF: FunctionRef = { app: 'shop', stage: 'dev', name: 'orders' };
const OTHER: FunctionRef = { ...REF, name: 'mails' };
const STALE = new Error('stale');
const isStale = (error: unknown): boolean => error === STALE;

/** Each reading gives the next number. */
function counting(keptMs?: number): {
  readonly kept: KeptFunctions<number>;
  readonly reads: number;
} {
  let reads = 0;
  const kept = new KeptFunctions(() => Promise.resolve((reads += 1)), keptMs);
  return {
    kept,
    get reads() {
      return reads;
    },
  };
}

describe('what is known of functions', () => {
  it('is read once, for each function, until it is old', async () => {
    const clock = new ManualClock(0);
    const { kept } = counting(1_000);
    const call = callContext(undefined, clock);
    expect(kept.peek(REF, call)).toBeUndefined();
    expect(await Promise.all([kept.get(REF, call), kept.get(REF, call)])).toEqual([1, 1]);
    expect(await kept.get(OTHER, call)).toBe(2);
    await clock.advance(999);
    expect(kept.peek({ ...REF }, call)).toBe(1);
    await clock.advance(1);
    expect(kept.peek(REF, call)).toBeUndefined();
    expect(await kept.get(REF, call)).toBe(3);
  });

  it('is not lost for all who wait because one of them gives up', async () => {
    let reads = 0;
    const answers: ((value: string) => void)[] = [];
    const kept = new KeptFunctions<string>((_, { signal }) => {
      reads += 1;
      return new Promise((resolve, reject) => {
        answers.push(resolve);
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    });
    const first = new AbortController();
    const given = kept.get(REF, callContext(first.signal)).catch(() => 'gave up');
    const others = Array.from({ length: 5 }, () => kept.get(REF, callContext()));
    // As operations are cancelled: with an error of the library's own.
    first.abort(new ServerlessError({ code: 'TIMEOUT', message: 'It took too long.' }));
    expect(await given).toBe('gave up');
    await new Promise((resolve) => setTimeout(resolve, 10));
    for (const answer of answers) answer('known');
    expect(await Promise.all(others)).toEqual(others.map(() => 'known'));
    expect(reads).toBe(2);
  });

  it('lets go of who gives up while somebody else reads', async () => {
    let answer: (value: string) => void = () => {};
    const kept = new KeptFunctions<string>(() => new Promise((resolve) => (answer = resolve)));
    const reading = kept.get(REF, callContext());
    const controller = new AbortController();
    const waiting = kept.get(REF, callContext(controller.signal));
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    answer('known');
    expect(await reading).toBe('known');
  });

  it('is not kept when it cannot be read', async () => {
    let reads = 0;
    const kept = new KeptFunctions(() => {
      reads += 1;
      return reads === 1 ? Promise.reject(new Error('away')) : Promise.resolve('known');
    });
    await expect(kept.get(REF, callContext())).rejects.toThrow('away');
    expect(await kept.get(REF, callContext())).toBe('known');
  });
});

describe('work with what is known', () => {
  it('is done once more, with what is read anew, when that was no longer true', async () => {
    const one = counting();
    const used: number[] = [];
    const work = (known: number): Promise<string> => {
      used.push(known);
      return known < 2 ? Promise.reject(STALE) : Promise.resolve(`with ${known}`);
    };
    expect(await one.kept.use(REF, callContext(), isStale, work)).toBe('with 2');
    expect(await one.kept.use(REF, callContext(), isStale, work)).toBe('with 2');
    expect(used).toEqual([1, 2, 2]);
  });

  it('fails when that helps nothing, and for all other reasons at once', async () => {
    const one = counting();
    const failing = (reason: Error) => (): Promise<never> => Promise.reject(reason);
    await expect(one.kept.use(REF, callContext(), isStale, failing(STALE))).rejects.toBe(STALE);
    expect(one.reads).toBe(2);
    const other = new Error('the handler threw');
    await expect(one.kept.use(REF, callContext(), isStale, failing(other))).rejects.toBe(other);
    expect(one.reads).toBe(2);
  });

  it('reads again once for all whom the same old knowledge failed, one after the other', async () => {
    const one = counting();
    await one.kept.get(REF, callContext());
    const failures: (() => void)[] = [];
    const work = (known: number): Promise<number> =>
      known > 1
        ? Promise.resolve(known)
        : new Promise((_, reject) => failures.push(() => reject(STALE)));
    const calls = [1, 2, 3].map(() => one.kept.use(REF, callContext(), isStale, work));
    while (failures.length < calls.length) await Promise.resolve();
    for (const failNext of failures) {
      failNext();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await Promise.all(calls)).toEqual([2, 2, 2]);
    expect(one.reads).toBe(2);
  });
});
