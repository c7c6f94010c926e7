import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryDelayMs, throttleDelayMs } from '../../../providers/local/events/retry.ts';

const half = (): number => 0.5;

describe('retryDelayMs', () => {
  it.each([
    ['exponential', [2_000, 4_000, 8_000, 10_000, 10_000]],
    ['linear', [2_000, 4_000, 6_000, 8_000, 10_000]],
    ['fixed', [2_000, 2_000, 2_000, 2_000, 2_000]],
  ] as const)('grows as %s says, up to the maximum', (backoff, expected) => {
    const policy = { maxAttempts: 9, backoff, delaySeconds: 2, maxDelaySeconds: 10, jitter: false };
    expect([1, 2, 3, 4, 5].map((failed) => retryDelayMs(policy, failed, half))).toEqual(expected);
    const jittered = { ...policy, jitter: true };
    expect(retryDelayMs(jittered, 2, half)).toBe((expected[1] ?? 0) / 2);
  });

  it('is never negative, infinite, or above the maximum', () => {
    fc.assert(
      fc.property(
        fc.record({
          maxAttempts: fc.integer({ min: 1, max: 100 }),
          backoff: fc.constantFrom('exponential', 'linear', 'fixed'),
          delaySeconds: fc.integer({ min: 0, max: 43_200 }),
          maxDelaySeconds: fc.integer({ min: 0, max: 43_200 }),
          jitter: fc.boolean(),
        }),
        fc.integer({ min: 0, max: 2_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (policy, failed, random) => {
          const delayMs = retryDelayMs(policy, failed, () => random);
          expect(delayMs).toBeGreaterThanOrEqual(0);
          expect(delayMs).toBeLessThanOrEqual(policy.maxDelaySeconds * 1_000);
        },
      ),
    );
  });
});

describe('throttleDelayMs', () => {
  it('doubles up to two seconds, and is not shorter than what was asked for', () => {
    const delays = [1, 2, 3, 6, 1_000].map((inRow) => throttleDelayMs(inRow, undefined, () => 1));
    expect(delays).toEqual([100, 200, 400, 2_000, 2_000]);
    expect(throttleDelayMs(1, undefined, () => 0)).toBe(50);
    expect(throttleDelayMs(1, 7_000, () => 0)).toBe(7_000);
  });
});
