const DURATION = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** What services write for "for ever": the longest time span of .NET. */
export const FOREVER = 'P10675199DT2H48M5.4775807S';
export const FOREVER_MS = 10_675_199 * 86_400_000 + 10_085_478;

/** An ISO 8601 duration of days and less; undefined for another text. */
export function durationMs(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (!match || text === 'P') return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  const all = (days ?? 0) * 86_400 + (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
  return Math.round(all * 1000);
}
