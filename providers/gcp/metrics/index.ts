/** The numbers of one function: those that Cloud Run keeps of every service in Cloud Monitoring. */
import {
  type CallContext,
  type FunctionMetrics,
  type FunctionRef,
  type MetricsQuery,
  notDeployed,
} from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { numberOf } from '../json.ts';
import { STATUS } from '../manifest.ts';
import type { GcpObserved } from '../model.ts';
import {
  distributionOf,
  largest,
  merged,
  percentilesOf,
  type Distribution,
} from './distribution.ts';
import { sumsOf, type MonitoredService, type Series } from './series.ts';

/** Cloud Run's metrics are sampled each minute, and can be read up to three minutes later ("Google Cloud metrics"). */
const LAG_MS = 240_000;

/**
 * Counts of a window, by the status codes of what the service answered: those that only warm or relay have codes of
 * their own (`STATUS`).
 *
 * @throws ServerlessError NOT_FOUND for a function that is not deployed; GoogleApiError when the numbers cannot be read.
 */
export async function readMetrics(
  gcp: GcpClients,
  ref: FunctionRef,
  observed: GcpObserved,
  query: MetricsQuery,
  call: CallContext,
): Promise<FunctionMetrics> {
  const { record } = observed;
  const live = record.versions.find(({ version }) => version === record.live);
  if (observed.function === null || observed.isStranger || live === undefined) {
    throw notDeployed('gcp', ref);
  }
  const service: MonitoredService = {
    projectId: await gcp.projectId(call.signal),
    location: gcp.location,
    service: observed.physicalName,
    from: query.from,
    to: query.to,
  };
  const read = (metric: string, groupBy: readonly string[] = []): Promise<readonly Series[]> =>
    sumsOf(gcp, metric, groupBy, service, call);
  const [requests, latencies, startups, memory] = await Promise.all([
    read('request_count', ['metric.labels.response_code']),
    read('request_latencies', ['metric.labels.response_code']),
    read('container/startup_latencies'),
    read('container/memory/utilizations', ['resource.labels.revision_name']),
  ]);
  const counts = countsOf(requests);
  const relays = record.bindings.some(({ event }) => event.type === 'table');
  const isCall = (code: number): boolean =>
    code !== STATUS.warmed && !(relays && code === STATUS.relayed);
  const sum = (isMeant: (code: number) => boolean): number =>
    [...counts].reduce((total, [code, count]) => total + (isMeant(code) ? count : 0), 0);
  const started = merged(startups.flatMap(distributionsOf));
  return {
    source: 'Cloud Monitoring (run.googleapis.com)',
    coverage: 'all',
    from: query.from,
    to: query.to,
    completeThrough: new Date(
      Math.min(Date.parse(query.to), call.clock.now() - LAG_MS),
    ).toISOString(),
    invocations: sum(isCall),
    errors: sum((code) => code >= 500),
    timeouts: sum((code) => code === STATUS.timedOut),
    // What reaches no instance is not among the requests that are counted; a 429 in there is the function's own.
    throttles: null,
    coldStarts: started.count,
    warmUps: sum((code) => code === STATUS.warmed),
    durationMs: percentilesOf(
      merged(latencies.filter((series) => isCall(codeOf(series))).flatMap(distributionsOf)),
    ),
    initDurationMs: percentilesOf(started),
    maxMemoryMb: maxMemoryMb(memory, record.versions),
  };
}

/** Null where nothing ran, or only revisions of which nobody knows any more how much memory they had. */
function maxMemoryMb(
  memory: readonly Series[],
  versions: GcpObserved['record']['versions'],
): number | null {
  const used = memory.flatMap((series) => {
    // What is told is a share of the revision's own limit.
    const { revision_name: name } = series.labels;
    const limitMb = versions.find(
      ({ revision }) => revision !== null && revision === name,
    )?.memoryMb;
    const shares = merged(distributionsOf(series));
    if (limitMb === undefined || shares.count === 0) return [];
    // The end of a bucket may lie beyond all there is.
    return [Math.min(1, largest(shares)) * limitMb];
  });
  return used.length === 0 ? null : Math.round(Math.max(...used));
}

function countsOf(series: readonly Series[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const one of series) {
    const count = one.values.reduce((sum, value) => sum + (numberOf(value['int64Value']) ?? 0), 0);
    counts.set(codeOf(one), (counts.get(codeOf(one)) ?? 0) + count);
  }
  return counts;
}

function codeOf({ labels }: Series): number {
  return Number(labels['response_code'] ?? 0);
}

function distributionsOf({ values }: Series): readonly Distribution[] {
  return values.map((value) => distributionOf(value['distributionValue']));
}
