/** The mathematics of retries. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Attempts, isLastAttempt } from '../../../providers/aws/shim/retry/attempts.ts';
import { queueDelaySeconds } from '../../../providers/aws/shim/retry/delay.ts';
import { decide, withFollowers } from '../../../providers/aws/shim/retry/queue.ts';
import type { RetryPolicy } from '../../../src/spi/index.ts';

const POLICY: RetryPolicy = {
  maxAttempts: 3,
  backoff: 'exponential',
  delaySeconds: 10,
  maxDelaySeconds: 60,
  jitter: false,
};

describe('the delay', () => {
  it.each([
    ['exponential', [10, 20, 40, 60, 60]],
    ['linear', [10, 20, 30, 40, 50]],
    ['fixed', [10, 10, 10, 10, 10]],
  ] as const)('grows %s', (backoff, expected) => {
    const policy = { ...POLICY, backoff };
    expect([1, 2, 3, 4, 5].map((failed) => queueDelaySeconds(policy, failed, 1))).toEqual(expected);
  });

  it('is a whole number that SQS takes, whatever the policy', () => {
    fc.assert(
      fc.property(
        fc.record({
          maxAttempts: fc.integer({ min: 1, max: 1_000 }),
          backoff: fc.constantFrom('exponential', 'linear', 'fixed'),
          delaySeconds: fc.double({ min: 0, max: 1e9, noNaN: true }),
          maxDelaySeconds: fc.double({ min: 0, max: 1e9, noNaN: true }),
          jitter: fc.boolean(),
        }),
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (policy, failed, random) => {
          const delay = queueDelaySeconds(policy, failed, random);
          return Number.isInteger(delay) && delay >= 0 && delay <= 43_200;
        },
      ),
    );
  });
});

describe('failed messages', () => {
  const messages = [1, 2, 3, 4].map((attempt) => ({
    id: `m-${attempt}`,
    receiptHandle: `h-${attempt}`,
    attempt,
  }));

  it('are dropped after the last attempt where there is no dead-letter queue', () => {
    const policy = { bindingId: 'b', retry: POLICY, deadLetter: undefined };
    const { redeliver, drop } = decide(messages, policy, () => 1);
    expect(redeliver.map(({ id, delaySeconds }) => [id, delaySeconds])).toEqual([
      ['m-1', 10],
      ['m-2', 20],
    ]);
    expect(drop).toEqual(['m-3', 'm-4']);
  });

  it('go to the dead-letter queue without delay where there is one', () => {
    const policy = { bindingId: 'b', retry: POLICY, deadLetter: 'dead' };
    const { redeliver, drop } = decide(messages, policy, () => 1);
    expect(redeliver.map(({ delaySeconds }) => delaySeconds)).toEqual([10, 20, 0, 0]);
    expect(drop).toEqual([]);
  });

  it('take those behind them in their group along', () => {
    const message = (id: string, group?: string) => ({
      id,
      data: null,
      attributes: {},
      time: '',
      attempt: 1,
      ...(group === undefined ? {} : { group }),
    });
    const batch = {
      source: 'orders.fifo',
      messages: [
        message('a1', 'a'),
        message('b1', 'b'),
        message('a2', 'a'),
        message('b2', 'b'),
        message('a3', 'a'),
        message('free'),
      ],
    };
    expect([...withFollowers(batch, new Set(['a2']))]).toEqual(['a2', 'a3']);
    expect([...withFollowers(batch, new Set())]).toEqual([]);
  });
});

describe('attempts', () => {
  it('are counted for each event, and forgotten with it', () => {
    const attempts = new Attempts();
    expect([attempts.begin('a'), attempts.begin('b'), attempts.begin('a')]).toEqual([1, 1, 2]);
    attempts.end('a');
    expect(attempts.begin('a')).toBe(1);
    for (let other = 0; other < 1_000; other += 1) attempts.begin(`other ${other}`);
    expect(attempts.begin('b')).toBe(1);
  });

  it.each([
    [3, 1, 0, false],
    [3, 2, 65_000, false],
    [3, 3, 0, true],
    [3, 1, 185_000, true],
    [2, 1, 61_000, true],
    [2, 1, 1_000, false],
    [1, 1, 0, true],
    [10, 3, 185_000, true],
  ])('of %i: the one counted %i after %i ms is the last: %s', (most, counted, ageMs, isLast) => {
    expect(isLastAttempt(most, counted, ageMs)).toBe(isLast);
  });
});
