const UNIT_SECONDS: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 3_600,
  day: 86_400,
};
const LONGEST_SECONDS = 365 * 86_400;

/**
 * Reads `5 minutes`, `1 hour`, `30 seconds`, `2 days`, also inside `rate(...)`.
 * @returns seconds, or undefined for any other text.
 */
export function parseEvery(text: string): number | undefined {
  const match = /^(?:rate\()?\s?(\d{1,8})\s(second|minute|hour|day)s?\s?(\))?$/.exec(text.trim());
  if (match === null || text.trim().startsWith('rate(') !== (match[3] !== undefined)) {
    return undefined;
  }
  const seconds = Number(match[1]) * (UNIT_SECONDS[match[2] ?? ''] ?? Number.NaN);
  return seconds >= 1 && seconds <= LONGEST_SECONDS ? seconds : undefined;
}

/** What is wrong with an `every` text, or undefined. */
export function everyProblem(text: string): string | undefined {
  if (parseEvery(text) !== undefined) return undefined;
  return 'is no interval. Write a number and a unit, from "1 second" to "365 days", such as "5 minutes", "1 hour", "30 seconds" or "2 days".';
}
