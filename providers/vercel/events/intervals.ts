/** Intervals that five cron fields can keep, and how people write them. */

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;

/** All of them in seconds, in order: divisors of 60 in minutes, of 24 in hours, a day and a week. */
export const INTERVALS: readonly number[] = [
  ...divisors(60).map((minutes) => minutes * MINUTE),
  ...divisors(24).map((hours) => hours * HOUR),
  DAY,
  WEEK,
];

/** Below the whole itself, in order. */
function divisors(whole: number): readonly number[] {
  const below = Array.from({ length: whole - 1 }, (_, index) => index + 1);
  return below.filter((value) => whole % value === 0);
}

/** The next shorter one and the next longer one, where there is one. */
export function nearestIntervals(seconds: number): readonly number[] {
  const below = INTERVALS.findLast((value) => value < seconds);
  const above = INTERVALS.find((value) => value > seconds);
  return [below, above].flatMap((value) => (value === undefined ? [] : [value]));
}

/** `5 minutes` */
export function describeEvery(seconds: number): string {
  const [unit, size] = UNITS.find((one) => seconds % one[1] === 0) ?? ['second', 1];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
