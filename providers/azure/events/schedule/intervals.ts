/** Intervals that the timer of Azure Functions can keep, and how people write them. */

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

const WEEK = 7 * 86_400;

/** All of them in seconds, in order: divisors of 60 in seconds and in minutes, of 24 in hours, a day and a week. */
export const INTERVALS: readonly number[] = [
  ...divisors(60),
  ...divisors(60).map((minutes) => minutes * 60),
  ...divisors(24).map((hours) => hours * 3600),
  86_400,
  WEEK,
].toSorted((a, b) => a - b);

function divisors(whole: number): readonly number[] {
  const below = Array.from({ length: whole - 1 }, (_, index) => index + 1);
  return below.filter((value) => whole % value === 0);
}

/** The next shorter one and the next longer one, where there is one. */
export function nearestIntervals(
  seconds: number,
): readonly [below: number | undefined, above: number | undefined] {
  return [
    INTERVALS.findLast((value) => value < seconds),
    INTERVALS.find((value) => value > seconds),
  ];
}

/** `5 minutes` */
export function describeEvery(seconds: number): string {
  const [unit, size] = UNITS.find((one) => seconds % one[1] === 0) ?? ['second', 1];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
