import type { FunctionMetrics } from '../spi/provider.ts';

/**
 * Adds up what several targets count. What one of them does not know, nobody knows of the whole; percentiles cannot be
 * added: they are those of the one target that had calls, else null.
 *
 * @param targets at least one, by target
 */
export function mergeMetrics(targets: Readonly<Record<string, FunctionMetrics>>): FunctionMetrics {
  const all = Object.values(targets);
  const [first] = all;
  if (first === undefined) throw new TypeError('There is no target.');
  const sum = (read: (metrics: FunctionMetrics) => number | null): number | null =>
    all.reduce<number | null>((total, metrics) => {
      const value = read(metrics);
      return total === null || value === null ? null : total + value;
    }, 0);
  const busy = all.filter(({ invocations }) => invocations !== 0);
  const only = busy.length === 1 ? busy[0] : undefined;
  const memories = all.map(({ maxMemoryMb }) => maxMemoryMb).filter((value) => value !== null);
  return {
    source: Object.entries(targets)
      .map(([target, { source }]) => `${target}: ${source}`)
      .join('; '),
    coverage: all.every(({ coverage }) => coverage === 'all') ? 'all' : 'own-calls',
    from: first.from,
    to: first.to,
    // RFC 3339 in UTC: the earlier is the smaller text.
    completeThrough: all.map(({ completeThrough }) => completeThrough).toSorted()[0] ?? first.to,
    invocations: sum(({ invocations }) => invocations),
    errors: sum(({ errors }) => errors),
    timeouts: sum(({ timeouts }) => timeouts),
    throttles: sum(({ throttles }) => throttles),
    coldStarts: sum(({ coldStarts }) => coldStarts),
    warmUps: sum(({ warmUps }) => warmUps),
    durationMs: only?.durationMs ?? null,
    initDurationMs: only?.initDurationMs ?? null,
    maxMemoryMb: memories.length === 0 ? null : Math.max(...memories),
  };
}
