/** Durations of proto3 JSON: `1.5s`. */

export function millisecondsOf(duration: unknown): number | undefined {
  if (typeof duration !== 'string') return undefined;
  const seconds = Number(duration.replace(/s$/, ''));
  return Number.isFinite(seconds) ? Math.round(seconds * 1000) : undefined;
}
