import {
  CreateEventSourceMappingCommand,
  UpdateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ALIAS,
  FUNCTION,
  kinesisRecord,
  lambdaClient,
  REGION,
  ROLE,
  Scene,
  snsClient,
  sqsClient,
  STREAM,
} from './support.ts';

let scene: Scene;
let lambda: LambdaClient;

beforeEach(async () => {
  scene = await new Scene().start();
  lambda = lambdaClient(scene);
});
afterEach(async () => {
  lambda.destroy();
  await scene.stop();
});

type Settings = Partial<CreateEventSourceMappingCommandInput>;

async function map(settings: Settings = {}): Promise<string | undefined> {
  const made = await lambda.send(
    new CreateEventSourceMappingCommand({
      EventSourceArn: STREAM,
      FunctionName: ALIAS,
      StartingPosition: 'LATEST',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ...settings,
    }),
  );
  await scene.advance(1000);
  return made.UUID;
}

async function put(...data: readonly string[]): Promise<readonly string[]> {
  const numbers = data.map((item) => scene.kinesis.put(kinesisRecord(item)));
  await scene.settle();
  return numbers;
}

function dataOf(record: Readonly<Record<string, unknown>>): unknown {
  const kinesis = record['kinesis'];
  const data = typeof kinesis === 'object' && kinesis && 'data' in kinesis ? kinesis.data : '';
  return Buffer.from(String(data), 'base64').toString('utf8');
}

const batches = (): unknown => scene.lambda.batches(dataOf);

const failedFrom = (sequenceNumber: string | undefined): { readonly payload: unknown } => ({
  payload: { batchItemFailures: [{ itemIdentifier: sequenceNumber }] },
});

async function queue(): Promise<string> {
  const sqs = sqsClient(scene);
  await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
  sqs.destroy();
  return scene.sqs.arnOf('dead');
}

const deadLetters = (arn: string): readonly unknown[] =>
  scene.sqs.peek(arn).map(({ body }): unknown => JSON.parse(body));

describe('records of a Kinesis stream', () => {
  it('arrive in the form that AWS gives them', async () => {
    await map();
    const [sequenceNumber] = await put('hello');
    expect(scene.lambda.deliveries[0]).toMatchObject({ arn: ALIAS, type: 'RequestResponse' });
    expect(scene.lambda.deliveries[0]?.event).toEqual({
      Records: [
        {
          kinesis: {
            kinesisSchemaVersion: '1.0',
            partitionKey: 'a',
            sequenceNumber,
            data: 'aGVsbG8=',
            approximateArrivalTimestamp: 1,
          },
          eventSource: 'aws:kinesis',
          eventVersion: '1.0',
          eventID: `shardId-000000000000:${sequenceNumber}`,
          eventName: 'aws:kinesis:record',
          invokeIdentityArn: ROLE,
          awsRegion: REGION,
          eventSourceARN: STREAM,
        },
      ],
    });
  });

  it('arrive from the moment the mapping was made, or from the oldest', async () => {
    await put('before');
    await map();
    expect(batches()).toEqual([]);
    await put('after');
    expect(batches()).toEqual([['after']]);
    await map({ FunctionName: FUNCTION, StartingPosition: 'TRIM_HORIZON' });
    expect(batches()).toEqual([['after'], ['before', 'after']]);
  });

  it('arrive from a given time on', async () => {
    await put('old');
    await scene.advance(10_000);
    await put('new');
    const StartingPositionTimestamp = new Date(scene.clock.now() - 5000);
    await map({ StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp });
    expect(batches()).toEqual([['new']]);
  });

  it('that come while the mapping is being made are not missed', async () => {
    const made = map();
    await expect.poll(() => scene.mappings.inventory()).toHaveLength(1);
    scene.kinesis.put(kinesisRecord('meanwhile'));
    await made;
    await scene.advance(1000);
    expect(batches()).toEqual([['meanwhile']]);
  });

  it('come in order, up to the batch size, and per shard', async () => {
    await map({ BatchSize: 2 });
    scene.kinesis.put(kinesisRecord('other shard'), 'shardId-000000000001');
    await put('1', '2', '3', '4', '5');
    const all = scene.lambda.deliveries.map(({ event }) => event.Records);
    const of = (shard: string): unknown =>
      all
        .filter(([first]) => String(first?.['eventID']).startsWith(shard))
        .map((records) => records.map(dataOf));
    expect(of('shardId-000000000000')).toEqual([['1', '2'], ['3', '4'], ['5']]);
    expect(of('shardId-000000000001')).toEqual([['other shard']]);
  });

  it('gather for the window, or until the batch is full', async () => {
    await map({ BatchSize: 3, MaximumBatchingWindowInSeconds: 5 });
    await put('1');
    await scene.advance(4000);
    await put('2');
    expect(batches()).toEqual([]);
    expect(scene.mappings.port.busy()).toBe(false);
    await scene.advance(1000);
    expect(batches()).toEqual([['1', '2']]);
    await put('3', '4', '5');
    expect(batches()).toEqual([
      ['1', '2'],
      ['3', '4', '5'],
    ]);
  });

  it('that come while the function runs follow', async () => {
    await map();
    const gate = Promise.withResolvers();
    scene.lambda.answers.push(gate.promise);
    scene.kinesis.put(kinesisRecord('1'));
    await scene.clock.advance(0);
    scene.kinesis.put(kinesisRecord('2'));
    await scene.clock.advance(0);
    expect(batches()).toEqual([['1']]);
    expect(scene.mappings.port.busy()).toBe(true);
    gate.resolve(null);
    await scene.settle();
    expect(batches()).toEqual([['1'], ['2']]);
  });

  it('that fail hold back those behind them', async () => {
    await map({ BatchSize: 1 });
    scene.lambda.answers.push('fail', 'throttle', 'fail');
    await put('1', '2');
    expect(batches()).toEqual([['1']]);
    expect(scene.mappings.port.busy()).toBe(false);
    await scene.advance(3000);
    expect(batches()).toEqual([['1'], ['1'], ['1'], ['1'], ['2']]);
  });

  it('go on from the lowest that the function names', async () => {
    await map();
    scene.lambda.answers.push({
      get payload() {
        const { event } = scene.lambda.deliveries[0] ?? { event: { Records: [] } };
        const ids = event.Records.map(({ eventID }) => String(eventID).split(':')[1]);
        return {
          batchItemFailures: [{ itemIdentifier: ids[2] }, { itemIdentifier: ids[1] }],
        };
      },
    });
    await put('1', '2', '3');
    await scene.advance(1000);
    expect(batches()).toEqual([
      ['1', '2', '3'],
      ['2', '3'],
    ]);
  });

  it('fail as a whole when the function names something else', async () => {
    await map({ MaximumRetryAttempts: 1 });
    scene.lambda.answers.push(failedFrom('nobody'));
    await put('1', '2');
    await scene.advance(1000);
    expect(batches()).toEqual([
      ['1', '2'],
      ['1', '2'],
    ]);
  });

  it('are given up after the last attempt, which is told to a queue', async () => {
    const Destination = await queue();
    await map({ MaximumRetryAttempts: 1, DestinationConfig: { OnFailure: { Destination } } });
    scene.lambda.answers.push('fail', 'fail');
    const [first] = await put('1', '2');
    await scene.advance(2000);
    await put('3');
    expect(batches()).toEqual([['1', '2'], ['1', '2'], ['3']]);
    expect(deadLetters(Destination)).toEqual([
      {
        requestContext: {
          requestId: expect.stringMatching(/^[\da-f-]{36}$/),
          functionArn: ALIAS,
          condition: 'RetryAttemptsExhausted',
          approximateInvokeCount: 2,
        },
        responseContext: { statusCode: 200, executedVersion: '1', functionError: 'Unhandled' },
        version: '1.0',
        timestamp: expect.stringMatching(/^2026-01-01T00:00:0\d.000Z$/),
        KinesisBatchInfo: {
          shardId: 'shardId-000000000000',
          startSequenceNumber: first,
          endSequenceNumber: String(Number(first) + 1),
          approximateArrivalOfFirstRecord: '2026-01-01T00:00:01.000Z',
          approximateArrivalOfLastRecord: '2026-01-01T00:00:01.000Z',
          batchSize: 2,
          streamArn: STREAM,
        },
      },
    ]);
  });

  it('are told to a bucket with the batch itself, and to a topic', async () => {
    await map({
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::letters' } },
    });
    scene.lambda.answers.push('fail');
    await put('1');
    const [key = '', body = ''] = [...scene.objects].at(0) ?? [];
    expect(key).toMatch(
      /^letters\/aws\/lambda\/[\da-f-]{36}\/shardId-000000000000\/2026\/01\/01\/2026-01-01T00\.00\.01-/,
    );
    expect(JSON.parse(body)).toMatchObject({ payload: expect.stringContaining('"MQ=="') });

    const sns = snsClient(scene);
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'letters' }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'lambda', Endpoint: FUNCTION }));
    sns.destroy();
    scene.lambda.allowed.add(`sns.amazonaws.com ${TopicArn}`);
    await map({
      FunctionName: FUNCTION,
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: TopicArn } },
    });
    scene.lambda.answers.push({ payload: null }, 'fail');
    await put('2');
    const told = scene.lambda.deliveries.filter(({ type }) => type === 'Event');
    expect(told).toHaveLength(1);
  });

  it('are lost in silence when the role may not write to the destination', async () => {
    const Destination = await queue();
    await map({ MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination } } });
    scene.denied.add('sqs:SendMessage');
    scene.lambda.answers.push('fail');
    await put('1', '2');
    expect(deadLetters(Destination)).toEqual([]);
    await put('3');
    expect(batches()).toEqual([['1', '2'], ['3']]);
  });

  it('are given up unseen when they waited for too long', async () => {
    const Destination = await queue();
    const UUID = await map({
      Enabled: false,
      MaximumRecordAgeInSeconds: 60,
      DestinationConfig: { OnFailure: { Destination } },
    });
    await put('old');
    await scene.advance(60_000);
    await put('new');
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true }));
    await scene.advance(1000);
    expect(batches()).toEqual([['new']]);
    expect(deadLetters(Destination)).toMatchObject([
      { requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 0 } },
    ]);
  });

  it('are split to find the one that fails', async () => {
    const Destination = await queue();
    await map({
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination } },
    });
    scene.lambda.answers.push('fail', 'fail', { payload: null }, 'fail');
    await put('1', 'poison', '3', '4');
    await scene.advance(5000);
    await put('5');
    expect(batches()).toEqual([
      ['1', 'poison', '3', '4'],
      ['1', 'poison'],
      ['1'],
      ['poison'],
      ['3', '4'],
      ['5'],
    ]);
    expect(deadLetters(Destination)).toMatchObject([{ KinesisBatchInfo: { batchSize: 1 } }]);
  });

  it('that the filter does not let through are skipped', async () => {
    await map({
      BatchSize: 2,
      FilterCriteria: { Filters: [{ Pattern: '{"data":{"type":["order"]}}' }] },
    });
    await put('{"type":"x"}', '{"type":"x"}', '{"type":"order"}', 'text');
    expect(batches()).toEqual([['{"type":"order"}']]);
  });

  it('are kept for a disabled mapping, which goes on where it was', async () => {
    const UUID = await map({ BatchSize: 1 });
    await put('1');
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
    await put('2');
    await scene.advance(10_000);
    expect(batches()).toEqual([['1']]);
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true }));
    await scene.advance(1000);
    expect(batches()).toEqual([['1'], ['2']]);
  });
});
