import { describe, expect, it } from 'vitest';
import { again, keptOf } from 'polyfaas/spi';

function waits(count: number, options: Omit<Parameters<typeof again>[1], 'stage'>): number[] {
  const found: number[] = [];
  let call: Parameters<typeof again>[0] = {};
  for (let turn = 0; turn < count; turn += 1) {
    const { pollAfterMs, resume } = again(call, { stage: 'building', ...options });
    found.push(pollAfterMs);
    call = { resume };
  }
  return found;
}

describe('waiting', () => {
  it('grows longer from turn to turn, up to a bound', () => {
    expect(waits(8, {})).toStrictEqual([1000, 1500, 2250, 3375, 5063, 7594, 10_000, 10_000]);
    expect(waits(4, { firstMs: 10, longestMs: 35, growth: 2 })).toStrictEqual([10, 20, 35, 35]);
  });

  it('keeps what it is given, and nothing of before', () => {
    const { resume } = again(
      { resume: { old: true, polls: 1 } },
      { stage: 'x', keep: { id: 'a' } },
    );
    expect(keptOf({ resume })).toStrictEqual({ id: 'a', polls: 2 });
  });
});
