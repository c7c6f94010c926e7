import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deadlines, type Timed } from '../../../providers/local/runtime/deadlines.ts';
import { until } from './harness.ts';

function timed(onExpire: () => void): Timed {
  return { deadlineMs: 0, previous: undefined, next: undefined, expire: onExpire };
}

describe('Deadlines', () => {
  it('expires what is left, in the order in which it was added, and nothing that was removed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 30 }), async (keeps) => {
        const deadlines = new Deadlines(2);
        const expired: number[] = [];
        const all = keeps.map((_, index) => timed(() => expired.push(index)));
        for (const one of all) deadlines.add(one);
        all.forEach((one, index) => {
          if (keeps[index] === true) return;
          deadlines.remove(one);
          // Once more does no harm.
          deadlines.remove(one);
        });
        const expected = keeps.flatMap((keep, index) => (keep ? [index] : []));
        await until(() => expired.length >= expected.length);
        expect(expired).toEqual(expected);
        deadlines.close();
      }),
      { numRuns: 25 },
    );
  });

  it('watches what is added after all else has ended', async () => {
    const deadlines = new Deadlines(2);
    let expired = 0;
    for (let round = 1; round <= 3; round += 1) {
      deadlines.add(timed(() => (expired += 1)));
      await until(() => expired === round);
    }
    expect(expired).toBe(3);
    deadlines.close();
  });
});
