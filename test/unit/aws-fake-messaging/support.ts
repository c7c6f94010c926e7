/** A small world around the services under test: a server, a clock, and a Lambda that answers as told. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { FakeTime } from '../../fakes/aws/core/clock.ts';
import type {
  InvokeOutcome,
  InvokeSource,
  SnsPort,
  SqsPort,
  StreamItem,
  StreamPort,
  World,
} from '../../fakes/aws/core/ports.ts';
import { FakeServer } from '../../fakes/aws/core/server.ts';
import { AwsFault } from '../../fakes/aws/core/service.ts';
import { Work } from '../../fakes/aws/core/work.ts';
import { createMappingsService, type MappingsService } from '../../fakes/aws/mappings/index.ts';
import { createSnsService } from '../../fakes/aws/sns/index.ts';
import { createSqsService, type SqsOptions } from '../../fakes/aws/sqs/index.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-central-1';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/worker`;
export const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:worker`;
export const ALIAS = `${FUNCTION}:live`;
export const STREAM = `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/clicks`;
export const TABLE_STREAM = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/rows/stream/2026-01-01T00:00:00.000`;

/** One accepted or refused invocation. */
export interface Delivery {
  readonly arn: string;
  readonly type: 'RequestResponse' | 'Event';
  readonly source: InvokeSource | undefined;
  readonly event: { readonly Records: readonly Readonly<Record<string, unknown>>[] };
  readonly at: number;
}

/** What the function answers: a value, a failure, or a refusal by the service. */
export type Answer = { readonly payload: unknown } | 'fail' | 'throttle' | Promise<unknown>;

/** Records what reaches the function, and answers as told; with null when it was not told. */
export class FakeLambda {
  readonly deliveries: Delivery[] = [];
  readonly answers: Answer[] = [];
  timeoutSeconds = 10;
  /** Functions that exist. */
  readonly functions = new Set([FUNCTION, ALIAS]);
  /** What sources may invoke: `principal arn`. */
  readonly allowed = new Set<string>();
  readonly #clock: FakeTime;

  constructor(clock: FakeTime) {
    this.#clock = clock;
  }

  describe(arn: string): { roleArn: string; timeoutSeconds: number; version: string } | undefined {
    if (!this.functions.has(arn)) return undefined;
    return { roleArn: ROLE, timeoutSeconds: this.timeoutSeconds, version: '1' };
  }

  allows(arn: string, source: InvokeSource): boolean {
    return this.functions.has(arn) && this.allowed.has(`${source.principal} ${source.sourceArn}`);
  }

  async invoke(call: {
    readonly arn: string;
    readonly payload: string;
    readonly type: 'RequestResponse' | 'Event';
    readonly source?: InvokeSource;
  }): Promise<InvokeOutcome> {
    if (!this.functions.has(call.arn)) {
      throw new AwsFault(404, 'ResourceNotFoundException', `Function not found: ${call.arn}`);
    }
    if (call.source && !this.allows(call.arn, call.source)) {
      throw new AwsFault(403, 'AccessDeniedException', 'Not allowed');
    }
    this.deliveries.push({
      arn: call.arn,
      type: call.type,
      source: call.source,
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what AWS sends has records
      event: JSON.parse(call.payload) as Delivery['event'],
      at: this.#clock.now(),
    });
    const answer = this.answers.shift() ?? { payload: null };
    if (answer instanceof Promise) await answer;
    if (answer === 'throttle') {
      throw new AwsFault(429, 'TooManyRequestsException', 'Rate Exceeded.');
    }
    const executedVersion = '1';
    if (call.type === 'Event') return { statusCode: 202, executedVersion };
    if (answer === 'fail') {
      const payload = JSON.stringify({ errorType: 'Error', errorMessage: 'told to fail' });
      return { statusCode: 200, payload, functionError: 'Unhandled', executedVersion };
    }
    const value = 'payload' in answer ? answer.payload : null;
    return { statusCode: 200, payload: JSON.stringify(value), executedVersion };
  }

  /** The records of each delivery, by one of their members. */
  batches(pick: (record: Readonly<Record<string, unknown>>) => unknown): readonly unknown[][] {
    return this.deliveries.map(({ event }) => event.Records.map(pick));
  }
}

/** A stream of one shard or more, filled by the test. */
export class FakeStream implements StreamPort {
  readonly #arn: string;
  readonly #clock: FakeTime;
  readonly #shards = new Map<string, StreamItem[]>([['shardId-000000000000', []]]);
  readonly #listeners: ((arn: string) => void)[] = [];
  #sequence = 100;

  constructor(arn: string, clock: FakeTime) {
    this.#arn = arn;
    this.#clock = clock;
  }

  put(record: Readonly<Record<string, unknown>>, shard = 'shardId-000000000000'): string {
    this.#sequence += 1;
    const sequenceNumber = String(this.#sequence);
    const items = this.#shards.get(shard) ?? [];
    this.#shards.set(shard, [
      ...items,
      { sequenceNumber, arrivedAt: this.#clock.now(), record: withNumber(record, sequenceNumber) },
    ]);
    for (const listener of this.#listeners) listener(this.#arn);
    return sequenceNumber;
  }

  exists(arn: string): boolean {
    return arn === this.#arn;
  }

  shards(): readonly string[] {
    return [...this.#shards.keys()];
  }

  read(_arn: string, shard: string, after: string | undefined, max: number): StreamItem[] {
    const items = this.#shards.get(shard) ?? [];
    return items.filter((item) => Number(item.sequenceNumber) > Number(after ?? 0)).slice(0, max);
  }

  newest(_arn: string, shard: string): string | undefined {
    return this.#shards.get(shard)?.at(-1)?.sequenceNumber;
  }

  onItem(listener: (arn: string) => void): void {
    this.#listeners.push(listener);
  }
}

function withNumber(
  record: Readonly<Record<string, unknown>>,
  sequenceNumber: string,
): Readonly<Record<string, unknown>> {
  const kinesis = record['kinesis'];
  return typeof kinesis === 'object'
    ? { ...record, kinesis: { ...kinesis, sequenceNumber } }
    : record;
}

/** A Kinesis record as the stream's own service makes it. */
export function kinesisRecord(data: string): Readonly<Record<string, unknown>> {
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: 'a',
      data: Buffer.from(data).toString('base64'),
      approximateArrivalTimestamp: 1,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventName: 'aws:kinesis:record',
  };
}

export class Scene {
  readonly clock = new FakeTime();
  readonly work = new Work();
  readonly lambda = new FakeLambda(this.clock);
  readonly kinesis = new FakeStream(STREAM, this.clock);
  readonly table = new FakeStream(TABLE_STREAM, this.clock);
  /** Actions that the function's role may not do. */
  readonly denied = new Set<string>();
  /** The caller is the function's role instead of the deployer. */
  isRole = false;
  readonly objects = new Map<string, string>();
  endpoint = '';
  #server: FakeServer | undefined;
  #mappings: MappingsService | undefined;
  #sqsPort: SqsPort | undefined;
  #snsPort: SnsPort | undefined;

  get sqs(): SqsPort {
    if (!this.#sqsPort) throw new Error('not started');
    return this.#sqsPort;
  }

  get sns(): SnsPort {
    if (!this.#snsPort) throw new Error('not started');
    return this.#snsPort;
  }

  get mappings(): MappingsService {
    if (!this.#mappings) throw new Error('not started');
    return this.#mappings;
  }

  readonly inventories: (() => readonly string[])[] = [];

  async start(options: SqsOptions = {}): Promise<this> {
    const server = await FakeServer.start({
      authenticate: () =>
        this.isRole
          ? {
              caller: { kind: 'role', arn: `${ROLE}/x`, roleName: 'worker' },
              allows: (action) => !this.denied.has(action),
            }
          : { caller: { kind: 'user', arn: `arn:aws:iam::${ACCOUNT}:user/deployer` } },
    });
    this.#server = server;
    this.endpoint = server.endpoint;
    const mappings = createMappingsService(this.#world(options, server));
    this.#mappings = mappings;
    server.add({ ...mappings, id: 'lambda' });
    return this;
  }

  #world(options: SqsOptions, server: FakeServer): World {
    const sqsPort = (): SqsPort => this.sqs;
    const snsPort = (): SnsPort => this.sns;
    const partial = {
      clock: this.clock,
      account: ACCOUNT,
      region: REGION,
      endpoint: this.endpoint,
      work: this.work,
      lambda: this.lambda,
      kinesis: this.kinesis,
      dynamodb: this.table,
      iam: {
        roleAllows: (role: string, action: string) => role === ROLE && !this.denied.has(action),
      },
      s3: {
        put: (bucket: string, key: string, body: Buffer) =>
          void this.objects.set(`${bucket}/${key}`, body.toString('utf8')),
        bucketExists: () => true,
      },
      get sqs() {
        return sqsPort();
      },
      get sns() {
        return snsPort();
      },
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts that these services use
    const world = partial as unknown as World;
    const sqs = createSqsService(world, options);
    const sns = createSnsService(world);
    this.#sqsPort = sqs.port;
    this.#snsPort = sns.port;
    for (const service of [sqs, sns]) {
      server.add(service);
      this.inventories.push(() => service.inventory());
    }
    return world;
  }

  /** Lets everything that is due happen. */
  async settle(): Promise<void> {
    await this.clock.advance(0);
    await this.work.idle();
    await this.clock.advance(0);
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.settle();
  }

  /** Ends everything, and tells of what went wrong in the background. */
  async stop(): Promise<void> {
    await this.#server?.stop();
    if (this.work.failures.length > 0) throw new AggregateError(this.work.failures);
  }
}

function settings(endpoint: string): {
  region: string;
  endpoint: string;
  maxAttempts: number;
  credentials: { accessKeyId: string; secretAccessKey: string };
} {
  return {
    region: REGION,
    endpoint,
    maxAttempts: 1,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x' },
  };
}

export function sqsClient(scene: Scene): SQSClient {
  return new SQSClient(settings(scene.endpoint));
}

export function snsClient(scene: Scene): SNSClient {
  return new SNSClient(settings(scene.endpoint));
}

export function lambdaClient(scene: Scene): LambdaClient {
  return new LambdaClient(settings(scene.endpoint));
}

/** How a refused call is told by the SDK. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ readonly name: string; readonly message: string; readonly status: number }> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const metadata = '$metadata' in error ? error.$metadata : undefined;
    const status =
      typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
        ? Number(metadata.httpStatusCode)
        : 0;
    return { name: error.name, message: error.message, status };
  }
  throw new Error('the call was not refused');
}
