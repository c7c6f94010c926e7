import { ManualClock } from 'polyfaas/local';
import { expect, it } from 'vitest';

const START = Date.UTC(2026, 0, 1);

/** As a program without types would have it. */
const clockAt = (...given: readonly unknown[]): unknown => Reflect.construct(ManualClock, given);
const moved = (clock: ManualClock, ...given: readonly unknown[]): Promise<unknown> =>
  Promise.resolve(Reflect.apply(clock.advance, clock, given));

it.each([
  ['2026-01-01', 'now: "2026-01-01" is not a time in milliseconds since 1970'],
  [new Date(0), 'Write date.getTime(), or Date.parse(text).'],
  [Number.NaN, 'now: NaN is not'],
  [Number.POSITIVE_INFINITY, 'now: Infinity is not'],
  [8.7e15, 'from -8.64e15 to 8.64e15'],
  [null, 'now: null is not'],
])('a manual clock does not begin at %s', (now, message) => {
  expect(() => clockAt(now)).toThrow(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(message),
    }),
  );
});

it.each([
  [[Number.NaN], 'ms: NaN is not a number of milliseconds from 0 on.'],
  [['1h'], 'ms: "1h" is not a number of milliseconds from 0 on. Three hours are 3 * 3_600_000.'],
  [[-5], 'ms: -5 is not'],
  [[Number.POSITIVE_INFINITY], 'ms: Infinity is not'],
  [[9e15], 'ms: 9000000000000000 is not'],
  [[], 'ms: undefined is not'],
])('a manual clock does not move on by %j, and stays where it is', async (given, message) => {
  const clock = new ManualClock(START);
  await expect(moved(clock, ...given)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining(message),
  });
  expect(clock.now()).toBe(START);
});

it('a manual clock begins at any time there is, and moves on by nothing', async () => {
  const clock = new ManualClock(-1);
  await clock.advance(0);
  expect(clock.now()).toBe(-1);
  await clock.advance(1.5);
  expect(clock.now()).toBe(0.5);
});
