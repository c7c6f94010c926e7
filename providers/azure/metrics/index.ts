/** The numbers of one function: from the lines that its own entry leaves in the log, else from Azure Monitor. */
import type { CallContext, FunctionMetrics, FunctionRef, MetricsQuery } from 'polyfaas/spi';
import type { AzureClients } from '../clients/index.ts';
import type { AzureObserved } from '../model.ts';
import { telemetryPlace } from '../telemetry/place.ts';
import { readCallLines } from './call-lines.ts';
import { readMonitor } from './monitor.ts';

/** Log Analytics has a line, and Azure Monitor a number, after two to five minutes. */
const LAG_MS = 300_000;

/**
 * Counts of a window.
 *
 * @throws ServerlessError NOT_FOUND for a function that is not deployed; AzureError when the numbers cannot be read.
 */
export async function readMetrics(
  azure: AzureClients,
  ref: FunctionRef,
  observed: AzureObserved,
  query: MetricsQuery,
  call: CallContext,
): Promise<FunctionMetrics> {
  const place = await telemetryPlace(azure, ref, observed, call);
  const window = { fromMs: Date.parse(query.from), toMs: Date.parse(query.to) };
  const completeThrough = Math.min(window.toMs, call.clock.now() - LAG_MS);
  const counts =
    place.workspace === null
      ? await readMonitor(azure, place, window, call)
      : await readCallLines(azure, place.workspace, place.siteName, window, call);
  return {
    ...counts,
    coverage: 'all',
    from: query.from,
    to: query.to,
    completeThrough: new Date(completeThrough).toISOString(),
  };
}
