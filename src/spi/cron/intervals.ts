const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/**
 * All intervals that five cron fields can keep, in seconds and in order: divisors of 60 in minutes, of 24 in hours, a day
 * and a week. An expression names moments of the clock, so only what divides the next larger unit comes evenly.
 */
export const CRON_INTERVALS: readonly number[] = [
  ...divisors(60).map((minutes) => minutes * MINUTE),
  ...divisors(24).map((hours) => hours * HOUR),
  DAY,
  WEEK,
];

/** The same with a field of seconds in front: divisors of 60 in seconds as well. */
export const SECONDS_CRON_INTERVALS: readonly number[] = [...divisors(60), ...CRON_INTERVALS];

/** Below the whole itself, in order. */
function divisors(whole: number): readonly number[] {
  const below = Array.from({ length: whole - 1 }, (_, index) => index + 1);
  return below.filter((value) => whole % value === 0);
}

/** `*\/5 * * * *` for 300 s; a week begins on Sunday. Undefined for what is none of {@link CRON_INTERVALS}. Pure. */
export function cronOfInterval(seconds: number): string | undefined {
  if (!CRON_INTERVALS.includes(seconds)) return undefined;
  if (seconds < HOUR) return `${stepOf(seconds / MINUTE)} * * * *`;
  if (seconds < DAY) return `0 ${stepOf(seconds / HOUR)} * * *`;
  return seconds === DAY ? '0 0 * * *' : '0 0 * * 0';
}

/** `*\/30 * * * * *` for 30 s: the field of seconds comes first. Undefined for what is none of {@link SECONDS_CRON_INTERVALS}. Pure. */
export function secondsCronOfInterval(seconds: number): string | undefined {
  if (!SECONDS_CRON_INTERVALS.includes(seconds)) return undefined;
  const cron = cronOfInterval(seconds);
  return cron === undefined ? `${stepOf(seconds)} * * * * *` : `0 ${cron}`;
}

function stepOf(count: number): string {
  return count === 1 ? '*' : `*/${count}`;
}

/**
 * The next shorter interval and the next longer one, where there is one, for a message: `"6 minutes" or "10 minutes"`.
 *
 * @param intervals in seconds and in order.
 */
export function nearIntervals(seconds: number, intervals: readonly number[]): string {
  const near = [
    intervals.findLast((value) => value < seconds),
    intervals.find((value) => value > seconds),
  ];
  return near
    .flatMap((value) => (value === undefined ? [] : [`"${describeEvery(value)}"`]))
    .join(' or ');
}

/** Seconds as people write them, in the largest unit that is whole: `5 minutes`. */
export function describeEvery(seconds: number): string {
  const [unit, size] = UNITS.find((one) => seconds % one[1] === 0) ?? ['second', 1];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
