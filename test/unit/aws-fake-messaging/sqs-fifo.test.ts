import { DeleteMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QueueScene, arn, bodies } from './sqs-calls.ts';
import { refusal } from './support.ts';

let on: QueueScene;

beforeEach(async () => {
  on = await QueueScene.start();
});
afterEach(() => on.stop());

describe('FIFO queues', () => {
  const fifo = (): Promise<string> =>
    on.create('orders.fifo', { FifoQueue: 'true', VisibilityTimeout: '5' });

  async function put(QueueUrl: string, group: string, body: string, id = body): Promise<unknown> {
    return on.client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: body,
        MessageGroupId: group,
        MessageDeduplicationId: id,
      }),
    );
  }

  it('keep the order of a group while one of it is out', async () => {
    const QueueUrl = await fifo();
    for (const body of ['a1', 'a2', 'a3']) await put(QueueUrl, 'a', body);
    await put(QueueUrl, 'b', 'b1');
    const first = await on.receive(QueueUrl, 1);
    expect(bodies(first)).toEqual(['a1']);
    const second = await on.receive(QueueUrl);
    expect(bodies(second)).toEqual(['b1']);
    await on.client.send(
      new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first[0]?.ReceiptHandle }),
    );
    expect(bodies(await on.receive(QueueUrl))).toEqual(['a2', 'a3']);
    await on.scene.advance(5000);
    expect(bodies(await on.receive(QueueUrl))).toEqual(['a2', 'a3', 'b1']);
    await on.scene.advance(5000);
    const late = new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second[0]?.ReceiptHandle });
    await expect(on.client.send(late)).resolves.toBeDefined();
  });

  it('accept a message once in five minutes', async () => {
    const QueueUrl = await fifo();
    const one = await put(QueueUrl, 'a', 'first', 'id');
    const two = await put(QueueUrl, 'a', 'second', 'id');
    expect(two).toMatchObject({
      MessageId: one && typeof one === 'object' && 'MessageId' in one ? one.MessageId : '',
    });
    expect(bodies(await on.receive(QueueUrl))).toEqual(['first']);
    await on.scene.advance(300_000);
    await put(QueueUrl, 'b', 'third', 'id');
    expect(bodies(await on.receive(QueueUrl))).toEqual(['first', 'third']);
  });

  it('need a group, an id, and a name that says so', async () => {
    const QueueUrl = await fifo();
    const bare = new SendMessageCommand({ QueueUrl, MessageBody: 'x' });
    expect((await refusal(on.client.send(bare))).name).toBe('MissingParameter');
    const noId = new SendMessageCommand({ QueueUrl, MessageBody: 'x', MessageGroupId: 'a' });
    expect((await refusal(on.client.send(noId))).name).toBe('InvalidParameterValue');
    const named = await refusal(on.create('orders', { FifoQueue: 'true' }));
    expect(named.name).toBe('InvalidParameterValue');
    await on.create('dead');
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 2 });
    const mixed = await refusal(on.create('x.fifo', { FifoQueue: 'true', RedrivePolicy }));
    expect(mixed.message).toMatch(/Dead-letter queue must be same type/);
  });
});
