/** What a mapping can be told, at its creation and later; the ranges are those of the API reference. */
import {
  optionalFlag,
  optionalInteger,
  optionalObject,
  optionalText,
  optionalTexts,
  type Input,
} from '../core/operation.ts';
import { invalidValue, unsupported } from './faults.ts';
import { readFilters } from './filter.ts';
import type { SourceKind } from './source.ts';

export interface Settings {
  /** Qualified, when the mapping was given an alias or a version. */
  readonly functionArn: string;
  readonly enabled: boolean;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly filters: readonly string[];
  readonly reportsFailures: boolean;
  /** Queues only. */
  readonly maxConcurrency: number | undefined;
  /** Streams only, like all that follows. */
  readonly onFailure: string | undefined;
  /** -1 for ever. */
  readonly maxRetries: number;
  /** -1 for ever. */
  readonly maxAgeSeconds: number;
  readonly bisects: boolean;
  readonly parallelization: number;
  readonly tumblingSeconds: number;
}

const COMMON = [
  'FunctionName',
  'Enabled',
  'BatchSize',
  'FilterCriteria',
  'MaximumBatchingWindowInSeconds',
  'FunctionResponseTypes',
];
const OF_CREATE = ['EventSourceArn', 'Tags', 'StartingPosition', 'StartingPositionTimestamp'];
const OF_QUEUES = ['ScalingConfig'];
const OF_STREAMS = [
  'DestinationConfig',
  'MaximumRecordAgeInSeconds',
  'BisectBatchOnFunctionError',
  'MaximumRetryAttempts',
  'ParallelizationFactor',
  'TumblingWindowInSeconds',
];

export function defaultSettings(kind: SourceKind, functionArn: string): Settings {
  return {
    functionArn,
    enabled: true,
    batchSize: kind === 'sqs' ? 10 : 100,
    windowSeconds: 0,
    filters: [],
    reportsFailures: false,
    maxConcurrency: undefined,
    onFailure: undefined,
    maxRetries: -1,
    maxAgeSeconds: -1,
    bisects: false,
    parallelization: 1,
    tumblingSeconds: 0,
  };
}

/** What is told, over what was. Members that are left out stay as they are. */
export function readSettings(
  kind: SourceKind,
  isFifo: boolean,
  body: Input,
  before: Settings,
  isNew: boolean,
): Settings {
  checkMembers(kind, body, isNew);
  const responses = optionalTexts(body, 'FunctionResponseTypes', { max: 1 });
  if (responses?.some((each) => each !== 'ReportBatchItemFailures')) {
    throw invalidValue(
      'FunctionResponseTypes: Member must satisfy enum value set: [ReportBatchItemFailures]',
    );
  }
  const criteria = optionalObject(body, 'FilterCriteria');
  const after: Settings = {
    functionArn: before.functionArn,
    enabled: optionalFlag(body, 'Enabled') ?? before.enabled,
    batchSize: optionalInteger(body, 'BatchSize', { min: 1, max: 10_000 }) ?? before.batchSize,
    windowSeconds:
      optionalInteger(body, 'MaximumBatchingWindowInSeconds', { min: 0, max: 300 }) ??
      before.windowSeconds,
    filters: criteria ? readFilters(criteria) : before.filters,
    reportsFailures: responses ? responses.length > 0 : before.reportsFailures,
    maxConcurrency: readConcurrency(body, before),
    ...readStreamSettings(body, before),
  };
  if (kind === 'sqs') checkBatch(after, isFifo);
  return after;
}

function checkMembers(kind: SourceKind, body: Input, isNew: boolean): void {
  const known = [...COMMON, ...(isNew ? OF_CREATE : [])];
  const own = kind === 'sqs' ? OF_QUEUES : OF_STREAMS;
  for (const [name, value] of Object.entries(body)) {
    if (known.includes(name) || own.includes(name) || value === null) continue;
    throw unsupported(name);
  }
}

/** An empty structure takes the cap away. */
function readConcurrency(body: Input, before: Settings): number | undefined {
  const scaling = optionalObject(body, 'ScalingConfig');
  if (!scaling) return before.maxConcurrency;
  return optionalInteger(scaling, 'MaximumConcurrency', { min: 2, max: 1000 });
}

type StreamSettings = Pick<
  Settings,
  'onFailure' | 'maxRetries' | 'maxAgeSeconds' | 'bisects' | 'parallelization' | 'tumblingSeconds'
>;

function readStreamSettings(body: Input, before: Settings): StreamSettings {
  const maxAgeSeconds =
    optionalInteger(body, 'MaximumRecordAgeInSeconds', { min: -1, max: 604_800 }) ??
    before.maxAgeSeconds;
  if (maxAgeSeconds !== -1 && maxAgeSeconds < 60) {
    throw invalidValue('Maximum record age in seconds must be -1, or between 60 and 604800.');
  }
  return {
    onFailure: readDestination(body, before),
    maxRetries:
      optionalInteger(body, 'MaximumRetryAttempts', { min: -1, max: 10_000 }) ?? before.maxRetries,
    maxAgeSeconds,
    bisects: optionalFlag(body, 'BisectBatchOnFunctionError') ?? before.bisects,
    parallelization:
      optionalInteger(body, 'ParallelizationFactor', { min: 1, max: 10 }) ?? before.parallelization,
    tumblingSeconds:
      optionalInteger(body, 'TumblingWindowInSeconds', { min: 0, max: 900 }) ??
      before.tumblingSeconds,
  };
}

/** An empty ARN, or an empty structure, takes the destination away. */
function readDestination(body: Input, before: Settings): string | undefined {
  const config = optionalObject(body, 'DestinationConfig');
  if (!config) return before.onFailure;
  if (optionalText(optionalObject(config, 'OnSuccess') ?? {}, 'Destination')) {
    throw unsupported('OnSuccess');
  }
  const failure = optionalObject(config, 'OnFailure') ?? {};
  const destination = optionalText(failure, 'Destination', { max: 350 }) ?? '';
  return destination === '' ? undefined : destination;
}

function checkBatch(settings: Settings, isFifo: boolean): void {
  const { batchSize, windowSeconds } = settings;
  if (isFifo && windowSeconds > 0) {
    throw invalidValue('Batching window is not supported for FIFO queues');
  }
  if (isFifo && batchSize > 10) {
    throw invalidValue('Batch size must not exceed 10 for FIFO queues');
  }
  if (batchSize > 10 && windowSeconds < 1) {
    throw invalidValue(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    );
  }
}
