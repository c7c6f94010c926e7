/** Cloud Monitoring: `timeSeries.list` over what Cloud Run measured. */
import { GoogleFault } from '../core/fault.ts';
import type { ApiService, RestCall, WireReply, World } from '../core/ports.ts';
import { parseFilter } from './filter.ts';
import { distributionOf, METRICS, type MetricKind, type Sample } from './samples.ts';

const PREFIX = 'run.googleapis.com/';
const MINUTE_MS = 60_000;
/** Sampled every minute; then a sample takes so long until it can be read. */
const LAG_MS = 120_000;

const KNOWN = new Set([
  'filter',
  'interval.startTime',
  'interval.endTime',
  'aggregation.alignmentPeriod',
  'aggregation.perSeriesAligner',
  'aggregation.crossSeriesReducer',
  'aggregation.groupByFields',
  'orderBy',
  'view',
  'pageSize',
  'pageToken',
  '$alt',
]);

/** `google.rpc.Status` */
export interface ExecutionError {
  readonly code: number;
  readonly message: string;
}

/**
 * @param troubles by metric, without `run.googleapis.com/`: what the next answer for it says of errors, instead of values
 */
export function createMonitoring(
  world: World,
  samples: readonly Sample[],
  troubles: Map<string, ExecutionError>,
): ApiService {
  return {
    api: 'monitoring',
    handle: (call) => Promise.resolve(answer(call)),
    inventory: () => [],
  };

  function answer({ method, path, query }: RestCall): WireReply | undefined {
    if (method !== 'GET' || path !== `/v3/projects/${world.projectId}/timeSeries`) return undefined;
    for (const name of query.keys()) {
      if (!KNOWN.has(name)) {
        throw invalid(
          `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter. Field '${name}' could not be found in request message.`,
        );
      }
    }
    const asked = askedOf(query);
    const { kind, metric, startMs, endMs, periodMs, groupBy } = asked;
    if (!samples.some((sample) => sample.metric === metric)) throw notWritten(PREFIX + metric);
    const trouble = troubles.get(metric);
    // A trouble is over once it is told.
    troubles.delete(metric);
    if (trouble) return { status: 200, body: { executionErrors: [trouble] } };
    const now = world.clock.now();
    const filter = parseFilter(asked.filter);
    const groups = new Map<string, { labels: Labels; values: Map<number, number[]> }>();
    for (const sample of samples) {
      if (sample.metric !== metric) continue;
      // A value counts for the minute that ends at or behind it.
      const minuteEnd = Math.ceil((sample.timeMs + 1) / MINUTE_MS) * MINUTE_MS;
      if (minuteEnd <= startMs || minuteEnd > endMs || minuteEnd + LAG_MS > now) continue;
      if (!filter((field) => fieldOf(world, sample, field))) continue;
      const labels = labelsOf(groupBy, (field) => fieldOf(world, sample, field) ?? '');
      const key = JSON.stringify(labels);
      const group = groups.get(key) ?? { labels, values: new Map<number, number[]>() };
      groups.set(key, group);
      // Periods are counted back from the end of the interval.
      const pointEnd = endMs - Math.floor((endMs - minuteEnd) / periodMs) * periodMs;
      const values = group.values.get(pointEnd) ?? [];
      values.push(sample.value);
      group.values.set(pointEnd, values);
    }
    const timeSeries = [...groups.values()].map(({ labels, values }) => ({
      metric: {
        type: `${PREFIX}${metric}`,
        ...(Object.keys(labels.metric).length > 0 && { labels: labels.metric }),
      },
      resource: {
        type: 'cloud_run_revision',
        labels: { project_id: world.projectId, ...labels.resource },
      },
      metricKind: 'DELTA',
      valueType: kind.valueType,
      points: [...values]
        .toSorted(([one], [other]) => other - one)
        .map(([pointEnd, numbers]) => ({
          interval: {
            startTime: new Date(pointEnd - periodMs).toISOString(),
            endTime: new Date(pointEnd).toISOString(),
          },
          value: valueOf(kind, numbers),
        })),
    }));
    return {
      status: 200,
      body: {
        ...(timeSeries.length > 0 && { timeSeries }),
        executionErrors: [],
        unit: kind.valueType === 'INT64' ? '1' : 'ms',
      },
    };
  }
}

interface Asked {
  readonly filter: string;
  readonly metric: string;
  readonly kind: MetricKind;
  readonly startMs: number;
  readonly endMs: number;
  readonly periodMs: number;
  /** `metric.labels.NAME` or `resource.labels.NAME` */
  readonly groupBy: readonly string[];
}

/** Those that were grouped by: all others are reduced away. */
interface Labels {
  readonly metric: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
}

function labelsOf(groupBy: readonly string[], valueOfField: (field: string) => string): Labels {
  const of = (kind: keyof Labels): Readonly<Record<string, string>> =>
    Object.fromEntries(
      groupBy
        .filter((field) => field.startsWith(`${kind}.`))
        .map((field) => [field.split('.').at(-1) ?? '', valueOfField(field)]),
    );
  return { metric: of('metric'), resource: of('resource') };
}

/** Of `cloud_run_revision`. */
const RESOURCE_LABELS = [
  'project_id',
  'service_name',
  'revision_name',
  'location',
  'configuration_name',
];

function askedOf(query: URLSearchParams): Asked {
  const filter = query.get('filter') ?? '';
  const type = /metric\.type\s*=\s*"([^"]+)"/.exec(filter)?.[1];
  if (type === undefined) {
    throw invalid('Field filter had an invalid value: The filter must specify a metric type.');
  }
  const metric = type.startsWith(PREFIX) ? type.slice(PREFIX.length) : '';
  const kind = METRICS[metric];
  if (kind === undefined) throw notWritten(type);
  const endMs = Date.parse(query.get('interval.endTime') ?? '');
  if (Number.isNaN(endMs))
    throw invalid('Field interval.endTime had an invalid value: it is required.');
  const start = query.get('interval.startTime');
  const startMs = start === null ? endMs : Date.parse(start);
  if (Number.isNaN(startMs) || startMs > endMs) {
    throw invalid(
      'Field interval had an invalid value: the start time must not be after the end time.',
    );
  }
  const period = /^(\d+)s$/.exec(query.get('aggregation.alignmentPeriod') ?? '')?.[1];
  if (period === undefined || Number(period) < 60) {
    throw invalid(
      'Field aggregation.alignmentPeriod had an invalid value: it must be at least 60 seconds.',
    );
  }
  if (query.get('aggregation.perSeriesAligner') !== 'ALIGN_DELTA') {
    throw invalid('Field aggregation.perSeriesAligner had an invalid value: it is not known here.');
  }
  if (query.get('aggregation.crossSeriesReducer') !== 'REDUCE_SUM') {
    throw invalid(
      'Field aggregation.crossSeriesReducer had an invalid value: it is not known here.',
    );
  }
  const groupBy = (query.get('aggregation.groupByFields') ?? '')
    .split(',')
    .filter((field) => field !== '')
    .map((field) => {
      const [, of, name = ''] = /^(metric|resource)\.labels\.(\w+)$/.exec(field) ?? [];
      const known = of === 'metric' ? kind.labels : of === 'resource' ? RESOURCE_LABELS : [];
      if (!known.includes(name)) {
        throw invalid(`Field aggregation.groupByFields had an invalid value of "${field}".`);
      }
      return field;
    });
  return { filter, metric, kind, startMs, endMs, periodMs: Number(period) * 1_000, groupBy };
}

/** Of a type that is none, or that nothing in the project has written yet. */
function notWritten(type: string): GoogleFault {
  return new GoogleFault(
    'NOT_FOUND',
    `Cannot find metric(s) that match type = "${type}". If a metric was created recently, it could take up to 10 minutes to become available. Please try again soon.`,
  );
}

function valueOf({ buckets }: MetricKind, numbers: readonly number[]): object {
  if (buckets === undefined) {
    return { int64Value: String(numbers.reduce((sum, number) => sum + number, 0)) };
  }
  return { distributionValue: distributionOf(numbers, buckets) };
}

function fieldOf(world: World, sample: Sample, field: string): string | undefined {
  const resource: Readonly<Record<string, string>> = {
    service_name: sample.service,
    revision_name: sample.revision,
    configuration_name: sample.service,
    location: world.location,
    project_id: world.projectId,
  };
  if (field === 'metric.type') return `${PREFIX}${sample.metric}`;
  if (field === 'resource.type') return 'cloud_run_revision';
  const [, kind, name = ''] = /^(metric|resource)\.labels?\.(\w+)$/.exec(field) ?? [];
  return kind === 'metric' ? sample.labels[name] : kind === 'resource' ? resource[name] : undefined;
}

function invalid(message: string): GoogleFault {
  return new GoogleFault('INVALID_ARGUMENT', message);
}
