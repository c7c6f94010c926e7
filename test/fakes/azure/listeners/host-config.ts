/** Reading host.json, as it is with the settings that override it. */

/** A member of host.json by its path, without regard to case: `['extensions', 'queues', 'batchSize']`. */
export function hostOption(
  config: Readonly<Record<string, unknown>>,
  path: readonly string[],
): unknown {
  let found: unknown = config;
  for (const name of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Object.entries(found).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  }
  return found;
}

/** `hh:mm:ss`, or seconds, in milliseconds. Overrides by settings come as texts. */
export function spanMs(value: unknown): number | undefined {
  if (typeof value === 'number') return value * 1000;
  if (typeof value !== 'string') return undefined;
  const match = /^(?:(\d+)\.)?(\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d+)?)$/.exec(value.trim());
  if (!match) return /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) * 1000 : undefined;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  return (
    ((Number(days) * 24 + Number(hours)) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
  );
}

export function countOf(value: unknown): number | undefined {
  const count = typeof value === 'string' ? Number(value) : value;
  return typeof count === 'number' && Number.isFinite(count) ? count : undefined;
}
