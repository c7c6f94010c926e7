/** The metrics that a function app has (Azure Monitor reference: Microsoft.Web/sites). */
import type { TelemetryPort } from '../core/ports.ts';
import type { Aggregation } from './metric-aggregation.ts';

export type Sample = Parameters<TelemetryPort['execution']>[0] & {
  readonly at: number;
  readonly seenFrom: number;
};

export interface MetricDefinition {
  readonly name: string;
  readonly unit: 'Count' | 'Seconds' | 'Bytes' | 'MegabyteMilliseconds' | 'Percent';
  /** What comes without a wish. */
  readonly primary: Aggregation;
  /** The values of an interval. */
  readonly valuesOf: (samples: readonly Sample[]) => readonly number[];
}

const MB = 1024 * 1024;
/** On demand, a run costs a second at least. */
const LEAST_MS = 1000;

function http(name: string, isWanted: (status: number) => boolean): MetricDefinition {
  return {
    name,
    unit: 'Count',
    primary: 'total',
    valuesOf: (samples) =>
      samples.flatMap(({ httpStatus }) =>
        httpStatus !== undefined && isWanted(httpStatus) ? [1] : [],
      ),
  };
}

function runs(name: string, isWanted: (sample: Sample) => boolean): MetricDefinition {
  return {
    name,
    unit: 'Count',
    primary: 'total',
    valuesOf: (samples) => samples.filter((sample) => isWanted(sample)).map(() => 1),
  };
}

function units(
  name: string,
  isWanted: (sample: Sample) => boolean,
  leastMs: number,
): MetricDefinition {
  return {
    name,
    unit: 'MegabyteMilliseconds',
    primary: 'total',
    valuesOf: (samples) =>
      samples
        .filter((sample) => isWanted(sample))
        .map(
          ({ durationMs, instanceMemoryMb, memoryMb }) =>
            Math.max(leastMs, Math.ceil(durationMs)) * (instanceMemoryMb ?? memoryMb),
        ),
  };
}

function memory(name: string): MetricDefinition {
  return {
    name,
    unit: 'Bytes',
    primary: 'average',
    valuesOf: (samples) => samples.map(({ memoryMb }) => Math.round(memoryMb * MB)),
  };
}

const of = (hundred: number) => (status: number) => Math.floor(status / 100) === hundred;

const SHARED: readonly MetricDefinition[] = [
  http('Requests', () => true),
  http('Http2xx', of(2)),
  http('Http3xx', of(3)),
  http('Http4xx', of(4)),
  http('Http5xx', of(5)),
  {
    name: 'HttpResponseTime',
    unit: 'Seconds',
    primary: 'average',
    valuesOf: (samples) =>
      samples.flatMap(({ httpStatus, durationMs }) =>
        httpStatus === undefined ? [] : [durationMs / 1000],
      ),
  },
  memory('MemoryWorkingSet'),
  memory('AverageMemoryWorkingSet'),
  {
    name: 'InstanceCount',
    unit: 'Count',
    primary: 'average',
    valuesOf: (samples) => [new Set(samples.map(({ instanceId }) => instanceId)).size],
  },
];

const isReady = ({ isAlwaysReady }: Sample): boolean => isAlwaysReady === true;
const isOnDemand = (sample: Sample): boolean => !isReady(sample);

const FLEX: readonly MetricDefinition[] = [
  ...SHARED,
  runs('OnDemandFunctionExecutionCount', isOnDemand),
  units('OnDemandFunctionExecutionUnits', isOnDemand, LEAST_MS),
  runs('AlwaysReadyFunctionExecutionCount', isReady),
  units('AlwaysReadyFunctionExecutionUnits', isReady, LEAST_MS),
  units('AlwaysReadyUnits', isReady, 0),
  { name: 'CpuPercentage', unit: 'Percent', primary: 'average', valuesOf: () => [] },
];

const OTHERS: readonly MetricDefinition[] = [
  ...SHARED,
  runs('FunctionExecutionCount', () => true),
  units('FunctionExecutionUnits', () => true, 100),
];

/** Only apps of the other plans have the setting: Flex Consumption refuses it. */
export function metricsOf(settings: Readonly<Record<string, string>>): readonly MetricDefinition[] {
  return settings['FUNCTIONS_EXTENSION_VERSION'] === undefined ? FLEX : OTHERS;
}
