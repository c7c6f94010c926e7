/** CloudWatch keeps old data in coarser steps, and rounds what it is asked for: the answer tells of which window it is. */
import { describe, expect, it } from 'vitest';
import { cloudWatchOnly, NOW } from './cloudwatch.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const at = (agoMs: number): string => new Date(NOW - agoMs).toISOString();

describe.each([
  ['more than 15 days', 20 * DAY_MS, 5 * MINUTE_MS],
  ['more than 63 days', 70 * DAY_MS, 60 * MINUTE_MS],
  // Rounded down, they would be older than the next limit.
  ['nearly 63 days', 63 * DAY_MS, 60 * MINUTE_MS],
  ['nearly 15 days', 15 * DAY_MS, 5 * MINUTE_MS],
])('a window that begins %s ago', (_name, ageMs, stepMs) => {
  it('is as wide as what is counted', async () => {
    const cloudwatch = await cloudWatchOnly();
    // Whole days before noon: a step begins there. The window begins a minute into it, and ends a minute into the next.
    const outside = [ageMs + MINUTE_MS, ageMs - 2 * stepMs];
    const inside = [ageMs, ageMs - 2 * MINUTE_MS, ageMs - 2 * stepMs + MINUTE_MS];
    for (const agoMs of [...outside, ...inside]) cloudwatch.called(agoMs);
    const seen = await cloudwatch.read(ageMs - MINUTE_MS, ageMs - stepMs - MINUTE_MS);
    expect(seen).toMatchObject({
      from: at(ageMs),
      to: at(ageMs - 2 * stepMs),
      completeThrough: at(ageMs - 2 * stepMs),
      invocations: inside.length,
    });
  });
});

it('a younger window is taken to the minute', async () => {
  const cloudwatch = await cloudWatchOnly();
  const ageMs = 14 * DAY_MS;
  for (const minutes of [0, 1, 2, 3, 4]) cloudwatch.called(ageMs - minutes * MINUTE_MS);
  expect(await cloudwatch.read(ageMs - MINUTE_MS, ageMs - 3 * MINUTE_MS)).toMatchObject({
    from: at(ageMs - MINUTE_MS),
    to: at(ageMs - 3 * MINUTE_MS),
    invocations: 2,
  });
});
