import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  UpdateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import {
  CreateQueueCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNT, ALIAS, lambdaClient, REGION, Scene, sqsClient } from './support.ts';

let scene: Scene;
let lambda: LambdaClient;
let sqs: SQSClient;
let start: number;

const arn = (name: string): string => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
const QUEUE = arn('orders');

beforeEach(async () => {
  scene = await new Scene().start();
  start = scene.clock.now();
  lambda = lambdaClient(scene);
  sqs = sqsClient(scene);
});
afterEach(async () => {
  lambda.destroy();
  sqs.destroy();
  await scene.stop();
});

async function queue(name = 'orders', Attributes: Record<string, string> = {}): Promise<string> {
  const made = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  return made.QueueUrl ?? '';
}

/** Makes the mapping and waits until it is enabled. */
async function map(
  settings: Partial<CreateEventSourceMappingCommandInput> = {},
): Promise<string | undefined> {
  const made = await lambda.send(
    new CreateEventSourceMappingCommand({
      EventSourceArn: QUEUE,
      FunctionName: ALIAS,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ...settings,
    }),
  );
  await scene.advance(1000);
  return made.UUID;
}

async function send(...bodies: readonly string[]): Promise<void> {
  for (const body of bodies) scene.sqs.send(QUEUE, body);
  await scene.settle();
}

const bodies = (): unknown => scene.lambda.batches((record) => record['body']);

/** Says that the messages with these bodies failed, once the batch is known. */
function failuresOf(...wanted: readonly string[]): { readonly payload: unknown } {
  return {
    get payload() {
      const records = scene.lambda.deliveries.at(-1)?.event.Records ?? [];
      const failed = records.filter((record) => wanted.includes(String(record['body'])));
      return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    },
  };
}

describe('messages of a queue', () => {
  it('arrive in the form that AWS gives them, and are deleted', async () => {
    const QueueUrl = await queue();
    await map();
    await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: '{"id":7}',
        MessageAttributes: {
          tenant: { DataType: 'String', StringValue: 'blue' },
          raw: { DataType: 'Binary', BinaryValue: Buffer.from('x') },
        },
      }),
    );
    await scene.settle();
    const [delivery] = scene.lambda.deliveries;
    expect(delivery).toMatchObject({ arn: ALIAS, type: 'RequestResponse', source: undefined });
    expect(delivery?.event).toEqual({
      Records: [
        {
          messageId: expect.stringMatching(/^[\da-f-]{36}$/),
          receiptHandle: expect.any(String),
          body: '{"id":7}',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: String(start + 1000),
            SenderId: expect.any(String),
            ApproximateFirstReceiveTimestamp: String(start + 1000),
          },
          messageAttributes: {
            tenant: {
              stringValue: 'blue',
              stringListValues: [],
              binaryListValues: [],
              dataType: 'String',
            },
            raw: {
              binaryValue: 'eA==',
              stringListValues: [],
              binaryListValues: [],
              dataType: 'Binary',
            },
          },
          md5OfBody: expect.stringMatching(/^[\da-f]{32}$/),
          eventSource: 'aws:sqs',
          eventSourceARN: QUEUE,
          awsRegion: REGION,
        },
      ],
    });
    expect(scene.sqs.peek(QUEUE)).toEqual([]);
    expect(scene.mappings.port.busy()).toBe(false);
  });

  it('wait until the mapping is enabled, and while it is disabled', async () => {
    await queue();
    const UUID = await map({ Enabled: false });
    await send('early');
    await scene.advance(60_000);
    expect(bodies()).toEqual([]);
    expect(scene.mappings.port.busy()).toBe(false);
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true }));
    await scene.settle();
    expect(bodies()).toEqual([]);
    await scene.advance(1000);
    expect(bodies()).toEqual([['early']]);
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
    await send('late');
    await scene.advance(1000);
    expect(bodies()).toEqual([['early']]);
  });

  it('go on while the mapping is changed', async () => {
    await queue();
    const UUID = await map();
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, BatchSize: 1 }));
    await send('a', 'b');
    expect(bodies()).toEqual([['a'], ['b']]);
  });

  it('that are sent together arrive together, up to the batch size', async () => {
    const QueueUrl = await queue();
    await map({ BatchSize: 3 });
    const Entries = Array.from({ length: 7 }, (_, at) => ({ Id: `${at}`, MessageBody: `m${at}` }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    await scene.settle();
    expect(bodies()).toEqual([['m0', 'm1', 'm2'], ['m3', 'm4', 'm5'], ['m6']]);
  });

  it('gather for the window, or until the batch is full', async () => {
    await queue();
    await map({ BatchSize: 3, MaximumBatchingWindowInSeconds: 5 });
    await send('a');
    await scene.advance(4000);
    await send('b');
    expect(bodies()).toEqual([]);
    expect(scene.mappings.port.busy()).toBe(false);
    await scene.advance(1000);
    expect(bodies()).toEqual([['a', 'b']]);
    await send('c', 'd', 'e', 'f');
    expect(bodies()).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
    await scene.advance(5000);
    expect(bodies()).toEqual([['a', 'b'], ['c', 'd', 'e'], ['f']]);
  });

  it('come again after the visibility timeout when the function fails or is busy', async () => {
    await queue('orders', { VisibilityTimeout: '30' });
    await map();
    scene.lambda.answers.push('fail', 'throttle');
    await send('again');
    await scene.advance(29_000);
    expect(scene.lambda.deliveries).toHaveLength(1);
    await scene.advance(1000);
    await scene.advance(30_000);
    expect(scene.lambda.batches((record) => record['attributes'])).toMatchObject([
      [{ ApproximateReceiveCount: '1' }],
      [{ ApproximateReceiveCount: '2' }],
      [{ ApproximateReceiveCount: '3' }],
    ]);
    expect(scene.sqs.peek(QUEUE)).toEqual([]);
  });

  it('that the function names come again, the others do not', async () => {
    await queue();
    await map();
    scene.lambda.answers.push(failuresOf('b'));
    await send('a', 'b', 'c');
    await scene.advance(30_000);
    expect(bodies()).toEqual([['a', 'b', 'c'], ['b']]);
  });

  it.each<[string, unknown]>([
    ['an unknown id', { batchItemFailures: [{ itemIdentifier: 'nobody' }] }],
    ['an empty id', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['no id', { batchItemFailures: [{}] }],
    ['no list', { batchItemFailures: 'all' }],
  ])('all come again after %s', async (_what, payload) => {
    await queue();
    await map();
    scene.lambda.answers.push({ payload });
    await send('a', 'b');
    await scene.advance(30_000);
    expect(bodies()).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['an empty list', { batchItemFailures: [] }],
    ['a list of null', { batchItemFailures: null }],
    ['anything else', 'done'],
  ])('are done after %s', async (_what, payload) => {
    await queue();
    await map();
    scene.lambda.answers.push({ payload });
    await send('a');
    await scene.advance(60_000);
    expect(bodies()).toEqual([['a']]);
  });

  it('are done whatever the function names when the mapping does not ask', async () => {
    await queue();
    await map({ FunctionResponseTypes: [] });
    scene.lambda.answers.push(failuresOf('a'));
    await send('a');
    await scene.advance(60_000);
    expect(bodies()).toEqual([['a']]);
  });

  it('end in the dead-letter queue after their last delivery', async () => {
    await queue('dead');
    await queue('orders', {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 2 }),
    });
    await map({ BatchSize: 1 });
    scene.lambda.answers.push('fail', 'fail');
    await send('poison');
    await scene.advance(120_000);
    expect(bodies()).toEqual([['poison'], ['poison']]);
    expect(scene.sqs.peek(arn('dead')).map(({ body }) => body)).toEqual(['poison']);
    expect(scene.sqs.peek(QUEUE)).toEqual([]);
  });

  it('that the filter does not let through are deleted', async () => {
    await queue();
    const Filters = [
      { Pattern: '{"body":{"type":["order"]}}' },
      { Pattern: '{"body":[{"prefix":"plain"}]}' },
    ];
    await map({ FilterCriteria: { Filters } });
    await send('{"type":"order"}', '{"type":"other"}', 'plain text', 'other text');
    expect(bodies()).toEqual([['{"type":"order"}', 'plain text']]);
    expect(scene.sqs.peek(QUEUE)).toEqual([]);
  });

  it('keep no more functions busy than the cap says', async () => {
    await queue();
    await map({ BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } });
    const gates = [Promise.withResolvers(), Promise.withResolvers()];
    scene.lambda.answers.push(...gates.map((gate) => gate.promise));
    for (const body of ['a', 'b', 'c']) scene.sqs.send(QUEUE, body);
    await scene.clock.advance(0);
    expect(bodies()).toEqual([['a'], ['b']]);
    expect(scene.mappings.port.busy()).toBe(true);
    gates[0]?.resolve(null);
    await scene.clock.advance(0);
    expect(bodies()).toEqual([['a'], ['b'], ['c']]);
    gates[1]?.resolve(null);
    await scene.settle();
    expect(scene.mappings.port.busy()).toBe(false);
  });

  it('keep the order of their group in a FIFO queue', async () => {
    await queue('orders.fifo', { FifoQueue: 'true' });
    await map({ EventSourceArn: arn('orders.fifo'), BatchSize: 1 });
    scene.lambda.answers.push('fail');
    for (const body of ['a1', 'a2', 'b1']) {
      scene.sqs.send(arn('orders.fifo'), body, { groupId: body.slice(0, 1) });
    }
    await scene.settle();
    expect(bodies()).toEqual([['a1'], ['b1']]);
    await scene.advance(30_000);
    expect(bodies()).toEqual([['a1'], ['b1'], ['a1'], ['a2']]);
  });

  it('wait while the role has lost its rights', async () => {
    await queue();
    await map();
    scene.denied.add('sqs:ReceiveMessage');
    await send('a');
    expect(bodies()).toEqual([]);
    expect(scene.mappings.port.busy()).toBe(false);
    scene.denied.clear();
    await scene.advance(1000);
    expect(bodies()).toEqual([['a']]);
  });

  it('are left alone once the mapping is deleted', async () => {
    await queue();
    const UUID = await map();
    await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
    await send('a');
    await scene.advance(60_000);
    expect(bodies()).toEqual([]);
    expect(scene.sqs.visibleCount(QUEUE)).toBe(1);
  });
});
