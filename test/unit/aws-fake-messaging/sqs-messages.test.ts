import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QueueScene, arn, bodies } from './sqs-calls.ts';
import { refusal } from './support.ts';

let on: QueueScene;

beforeEach(async () => {
  on = await QueueScene.start();
});
afterEach(() => on.stop());

async function attribute(QueueUrl: string, name: 'All' | 'VisibilityTimeout' | 'Policy') {
  const got = await on.client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] }),
  );
  return got.Attributes ?? {};
}

describe('messages', () => {
  it('arrive whole, with sums that the SDK verifies', async () => {
    const QueueUrl = await on.create('orders');
    await on.client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'Grüße 𝄞',
        MessageAttributes: {
          tenant: { DataType: 'String', StringValue: 'blue' },
          size: { DataType: 'Number.int', StringValue: '7' },
          raw: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2, 3]) },
        },
        MessageSystemAttributes: {
          AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a9' },
        },
      }),
    );
    const [message] = await on.receive(QueueUrl);
    expect(message).toMatchObject({
      Body: 'Grüße 𝄞',
      Attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: String(on.scene.clock.now()),
        AWSTraceHeader: 'Root=1-5759e988-bd862e3fe1be46a9',
      },
      MessageAttributes: {
        tenant: { DataType: 'String', StringValue: 'blue' },
        raw: { BinaryValue: new Uint8Array([1, 2, 3]) },
      },
    });
  });

  it('have the attribute sums of the service itself', async () => {
    const QueueUrl = await on.create('orders');
    const sent = await on.client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'msg',
        MessageAttributes: {
          Help: { DataType: 'String', StringValue: 'Me' },
          Hello: { DataType: 'String', StringValue: 'There' },
          General: { DataType: 'String', StringValue: 'Kenobi' },
        },
      }),
    );
    expect(sent.MD5OfMessageBody).toBe('6e2baaf3b97dbeef01c0043275f9a0e7');
    const got = await on.client.send(
      new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['Hello', 'General', 'none'] }),
    );
    // Recorded from the service.
    expect(got.Messages?.[0]?.MD5OfMessageAttributes).toBe('fca026605781cb4126a1e9044df24232');
  });

  it('hide when received and come back until they are deleted', async () => {
    const QueueUrl = await on.create('orders', { VisibilityTimeout: '20' });
    await on.send(QueueUrl, 'a');
    const [first] = await on.receive(QueueUrl);
    expect(await on.receive(QueueUrl)).toEqual([]);
    await on.scene.advance(19_000);
    expect(await on.receive(QueueUrl)).toEqual([]);
    await on.scene.advance(1000);
    const [second] = await on.receive(QueueUrl);
    expect(second?.MessageId).toBe(first?.MessageId);
    expect(second?.Attributes?.['ApproximateReceiveCount']).toBe('2');
    // An old receipt handle is taken, and does nothing.
    await on.client.send(
      new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }),
    );
    await on.scene.advance(20_000);
    const [third] = await on.receive(QueueUrl);
    await on.client.send(
      new DeleteMessageCommand({ QueueUrl, ReceiptHandle: third?.ReceiptHandle }),
    );
    await on.client.send(
      new DeleteMessageCommand({ QueueUrl, ReceiptHandle: third?.ReceiptHandle }),
    );
    await on.scene.advance(20_000);
    expect(await on.receive(QueueUrl)).toEqual([]);
  });

  it('change how long they hide', async () => {
    const QueueUrl = await on.create('orders');
    await on.send(QueueUrl, 'a');
    const [message] = await on.receive(QueueUrl);
    const change = (seconds: number, ReceiptHandle = message?.ReceiptHandle): Promise<unknown> =>
      on.client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl,
          ReceiptHandle,
          VisibilityTimeout: seconds,
        }),
      );
    await change(100);
    await on.scene.advance(99_000);
    expect(await on.receive(QueueUrl)).toEqual([]);
    await change(0);
    const [again] = await on.receive(QueueUrl);
    expect(again?.Body).toBe('a');
    expect(await refusal(change(43_201))).toMatchObject({ name: 'InvalidParameterValue' });
    expect(await refusal(change(1, 'gibberish'))).toMatchObject({ name: 'ReceiptHandleIsInvalid' });
    await change(0, again?.ReceiptHandle);
    expect(await refusal(change(1, again?.ReceiptHandle))).toMatchObject({
      name: 'MessageNotInflight',
    });
  });

  it('wait for their delay, and leave when they get too old', async () => {
    const QueueUrl = await on.create('orders', { DelaySeconds: '5', MessageRetentionPeriod: '60' });
    await on.send(QueueUrl, 'slow');
    await on.client.send(
      new SendMessageCommand({ QueueUrl, MessageBody: 'slower', DelaySeconds: 10 }),
    );
    expect(await attribute(QueueUrl, 'All')).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesDelayed: '2',
    });
    await on.scene.advance(5000);
    expect(bodies(await on.receive(QueueUrl))).toEqual(['slow']);
    await on.scene.advance(5000);
    expect(bodies(await on.receive(QueueUrl))).toEqual(['slower']);
    await on.scene.advance(50_000);
    expect(await on.receive(QueueUrl)).toEqual([]);
  });

  it('are given up after maxReceiveCount deliveries, and go back on demand', async () => {
    const dead = await on.create('dead');
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 2 });
    const QueueUrl = await on.create('orders', { RedrivePolicy, VisibilityTimeout: '1' });
    const sources = await on.client.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead }));
    expect(sources.queueUrls).toEqual([QueueUrl]);
    await on.send(QueueUrl, 'poison');
    for (let round = 0; round < 2; round += 1) {
      expect(bodies(await on.receive(QueueUrl))).toEqual(['poison']);
      await on.scene.advance(1000);
    }
    expect(await on.receive(QueueUrl)).toEqual([]);
    const [letter] = on.scene.sqs.peek(arn('dead'));
    expect(letter).toMatchObject({
      body: 'poison',
      attributes: { DeadLetterQueueSourceArn: arn('orders'), ApproximateReceiveCount: '2' },
    });

    await on.client.send(new StartMessageMoveTaskCommand({ SourceArn: arn('dead') }));
    await on.scene.advance(2000);
    const tasks = await on.client.send(new ListMessageMoveTasksCommand({ SourceArn: arn('dead') }));
    expect(tasks.Results).toMatchObject([
      { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 1, SourceArn: arn('dead') },
    ]);
    expect(on.scene.sqs.peek(arn('dead'))).toEqual([]);
    const [back] = await on.receive(QueueUrl);
    expect(back).toMatchObject({ Body: 'poison', Attributes: { ApproximateReceiveCount: '1' } });
  });

  it('move only out of a dead-letter queue', async () => {
    await on.create('orders');
    const start = (SourceArn: string): Promise<unknown> =>
      on.client.send(new StartMessageMoveTaskCommand({ SourceArn }));
    expect(await refusal(start(arn('orders')))).toMatchObject({
      message: 'Source queue must be configured as a Dead Letter Queue.',
    });
    expect(await refusal(start(arn('none')))).toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('go in batches, each entry on its own', async () => {
    const QueueUrl = await on.create('orders');
    const sent = await on.client.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', MessageBody: 'one' },
          { Id: 'b', MessageBody: '\u0000' },
          { Id: 'c', MessageBody: 'three', DelaySeconds: 0 },
        ],
      }),
    );
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(sent.Failed).toMatchObject([
      { Id: 'b', Code: 'InvalidMessageContents', SenderFault: true },
    ]);
    const [one, three] = await on.receive(QueueUrl);
    const removed = await on.client.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: '1', ReceiptHandle: one?.ReceiptHandle },
          { Id: '2', ReceiptHandle: 'gibberish' },
        ],
      }),
    );
    expect(removed.Successful).toEqual([{ Id: '1' }]);
    expect(removed.Failed).toMatchObject([{ Id: '2', Code: 'ReceiptHandleIsInvalid' }]);
    expect(on.scene.sqs.peek(arn('orders')).map(({ body }) => body)).toEqual([three?.Body]);
  });

  it.each([
    ['EmptyBatchRequest', []],
    ['BatchEntryIdsNotDistinct', [{ Id: 'a' }, { Id: 'a' }]],
    ['InvalidBatchEntryId', [{ Id: 'a b' }]],
    ['TooManyEntriesInBatchRequest', Array.from({ length: 11 }, (_, at) => ({ Id: `${at}` }))],
  ])('are refused as a batch: %s', async (name, entries) => {
    const QueueUrl = await on.create('orders');
    const Entries = entries.map((entry) => ({ MessageBody: 'x', ...entry }));
    const refused = await refusal(
      on.client.send(new SendMessageBatchCommand({ QueueUrl, Entries })),
    );
    expect(refused.name).toBe(name);
  });

  it('are refused when they are too large, or empty, or ask for what there is not', async () => {
    const QueueUrl = await on.create('orders', { MaximumMessageSize: '1024' });
    expect(await refusal(on.send(QueueUrl, 'x'.repeat(1025)))).toMatchObject({
      name: 'InvalidParameterValue',
      message:
        'One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.',
    });
    expect(await refusal(on.send(QueueUrl, ''))).toMatchObject({
      name: 'MissingParameter',
    });
    expect(await refusal(on.receive(QueueUrl, 11))).toMatchObject({
      name: 'InvalidParameterValue',
    });
    const named = new SendMessageCommand({
      QueueUrl,
      MessageBody: 'x',
      MessageDeduplicationId: 'a',
    });
    expect((await refusal(on.client.send(named))).name).toBe('InvalidParameterValue');
  });

  it('are purged once a minute', async () => {
    const QueueUrl = await on.create('orders');
    await on.send(QueueUrl, 'a');
    await on.client.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await on.receive(QueueUrl)).toEqual([]);
    expect(await refusal(on.client.send(new PurgeQueueCommand({ QueueUrl })))).toMatchObject({
      name: 'PurgeQueueInProgress',
      status: 403,
    });
  });

  it('are closed to a role without the right', async () => {
    const QueueUrl = await on.create('orders');
    on.scene.isRole = true;
    on.scene.denied.add('sqs:SendMessage');
    const batch = new SendMessageBatchCommand({
      QueueUrl,
      Entries: [{ Id: 'a', MessageBody: 'x' }],
    });
    expect(await refusal(on.client.send(batch))).toMatchObject({
      name: 'AccessDeniedException',
      status: 403,
    });
    expect(await on.receive(QueueUrl)).toEqual([]);
  });
});
