/** One event source mapping, and how it is told of. */
import type { FakeClock } from '../core/ports.ts';
import type { Settings } from './settings.ts';
import type { SourceKind } from './source.ts';

/** How long each change of state takes. */
export const TRANSITION_MS = 1000;

export type Transition = 'Creating' | 'Enabling' | 'Updating' | 'Disabling' | 'Deleting';

export interface StartingPoint {
  readonly position: string;
  /** Milliseconds since the epoch, for AT_TIMESTAMP. */
  readonly timestamp?: number;
}

export class Mapping {
  readonly uuid: string;
  readonly arn: string;
  readonly source: string;
  readonly kind: SourceKind;
  readonly start: StartingPoint | undefined;
  readonly tags: Map<string, string>;
  readonly createdAt: number;
  settings: Settings;
  /** What a stream's last batch came to. */
  lastResult = 'No records processed';
  readonly #clock: FakeClock;
  #modifiedAt: number;
  #transition: { readonly name: Transition; readonly endsAt: number };

  constructor(
    clock: FakeClock,
    made: Pick<Mapping, 'uuid' | 'arn' | 'source' | 'kind' | 'start' | 'tags' | 'settings'>,
  ) {
    this.uuid = made.uuid;
    this.arn = made.arn;
    this.source = made.source;
    this.kind = made.kind;
    this.start = made.start;
    this.tags = made.tags;
    this.settings = made.settings;
    this.#clock = clock;
    this.createdAt = clock.now();
    this.#modifiedAt = this.createdAt;
    this.#transition = { name: 'Creating', endsAt: this.createdAt + TRANSITION_MS };
  }

  get state(): string {
    if (this.#clock.now() < this.#transition.endsAt || this.#transition.name === 'Deleting') {
      return this.#transition.name;
    }
    return this.settings.enabled ? 'Enabled' : 'Disabled';
  }

  get isInTransition(): boolean {
    return this.state !== 'Enabled' && this.state !== 'Disabled';
  }

  /** Whether batches go out now. An update does not interrupt them. */
  get isDelivering(): boolean {
    return this.settings.enabled && (this.state === 'Enabled' || this.state === 'Updating');
  }

  begin(name: Transition): void {
    this.#modifiedAt = this.#clock.now();
    this.#transition = { name, endsAt: this.#modifiedAt + TRANSITION_MS };
  }

  /** As the API tells of it. */
  told(): object {
    const { settings } = this;
    const isQueue = this.kind === 'sqs';
    return {
      UUID: this.uuid,
      BatchSize: settings.batchSize,
      MaximumBatchingWindowInSeconds: settings.windowSeconds,
      EventSourceArn: this.source,
      EventSourceMappingArn: this.arn,
      FunctionArn: settings.functionArn,
      LastModified: this.#modifiedAt / 1000,
      State: this.state,
      StateTransitionReason: isQueue ? 'USER_INITIATED' : 'User action',
      FunctionResponseTypes: settings.reportsFailures ? ['ReportBatchItemFailures'] : [],
      ...(settings.filters.length > 0 && {
        FilterCriteria: { Filters: settings.filters.map((Pattern) => ({ Pattern })) },
      }),
      ...(settings.maxConcurrency !== undefined && {
        ScalingConfig: { MaximumConcurrency: settings.maxConcurrency },
      }),
      ...(!isQueue && this.#toldOfStream()),
    };
  }

  #toldOfStream(): object {
    const { settings } = this;
    const destination = settings.onFailure;
    return {
      StartingPosition: this.start?.position,
      ...(this.start?.timestamp !== undefined && {
        StartingPositionTimestamp: this.start.timestamp / 1000,
      }),
      ParallelizationFactor: settings.parallelization,
      DestinationConfig: {
        OnFailure: destination === undefined ? {} : { Destination: destination },
      },
      MaximumRecordAgeInSeconds: settings.maxAgeSeconds,
      BisectBatchOnFunctionError: settings.bisects,
      MaximumRetryAttempts: settings.maxRetries,
      TumblingWindowInSeconds: settings.tumblingSeconds,
      LastProcessingResult: this.lastResult,
    };
  }
}
