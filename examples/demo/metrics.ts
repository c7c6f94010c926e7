/** What the functions did, as a table. */
import type { ServerlessManager } from 'polyfaas';
import { table } from './progress.ts';

/** What a platform does not know is shown as a dash, not as 0. */
const shown = (value: number | null | undefined, digits = 0): string =>
  value === null || value === undefined ? '–' : value.toFixed(digits);

export async function metricsTable(manager: ServerlessManager): Promise<string> {
  const rows = await Promise.all(
    manager.functions.map(async (name) => {
      const metrics = await manager.metrics(name, { last: '1h' });
      return [
        name,
        shown(metrics.invocations),
        shown(metrics.errors),
        shown(metrics.coldStarts),
        shown(metrics.warmUps),
        shown(metrics.durationMs?.p50, 1),
        shown(metrics.durationMs?.p95, 1),
        shown(metrics.initDurationMs?.p50, 1),
        shown(metrics.maxMemoryMb),
      ];
    }),
  );
  const head = ['function', 'calls', 'errors', 'cold', 'warm-ups', 'p50 ms', 'p95 ms'];
  return table([[...head, 'init ms', 'memory MB'], ...rows]);
}
