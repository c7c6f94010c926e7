import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QueueScene, arn } from './sqs-calls.ts';
import { ACCOUNT, REGION } from './support.ts';

let on: QueueScene;

beforeEach(async () => {
  on = await QueueScene.start();
});
afterEach(() => on.stop());

describe('the port', () => {
  it('tells when something becomes visible', async () => {
    const QueueUrl = await on.create('orders', { VisibilityTimeout: '3' });
    const seen: number[] = [];
    const start = on.scene.clock.now();
    on.scene.sqs.onMessage(() => seen.push(on.scene.clock.now() - start));
    on.scene.sqs.send(arn('orders'), 'now', { attributes: { a: 'b' } });
    on.scene.sqs.send(arn('orders'), 'later', { delaySeconds: 2 });
    expect(on.scene.sqs.visibleCount(arn('orders'))).toBe(1);
    expect(on.scene.sqs.nextVisibleAt(arn('orders'))).toBe(start + 2000);
    await on.receive(QueueUrl);
    await on.scene.advance(10_000);
    expect(seen).toEqual([0, 2000, 3000]);
    expect(on.scene.sqs.drain(arn('orders')).map(({ body }) => body)).toEqual(['now', 'later']);
    expect(on.scene.sqs.visibleCount(arn('orders'))).toBe(0);
  });

  it('tells when the next of a group may follow', async () => {
    await on.create('orders.fifo', { FifoQueue: 'true' });
    const queue = arn('orders.fifo');
    for (const body of ['1', '2']) on.scene.sqs.send(queue, body, { groupId: 'a' });
    const [first] = on.scene.sqs.receive(queue, 1);
    expect(on.scene.sqs.visibleCount(queue)).toBe(0);
    const seen: string[] = [];
    on.scene.sqs.onMessage((each) => seen.push(each));
    on.scene.sqs.delete(queue, first?.receiptHandle ?? '');
    expect(seen).toEqual([queue]);
    expect(on.scene.sqs.receive(queue, 10).map(({ body }) => body)).toEqual(['2']);
  });

  it('reads policies', async () => {
    const topic = `arn:aws:sns:${REGION}:${ACCOUNT}:news`;
    const QueueUrl = await on.create('orders');
    const allows = (): boolean =>
      on.scene.sqs.allowsService(arn('orders'), 'sns.amazonaws.com', topic);
    expect(allows()).toBe(false);
    const allow = {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: arn('orders'),
      Condition: { ArnEquals: { 'aws:SourceArn': topic } },
    };
    const set = (...Statement: readonly object[]): Promise<unknown> =>
      on.client.send(
        new SetQueueAttributesCommand({
          QueueUrl,
          Attributes: { Policy: JSON.stringify({ Version: '2012-10-17', Statement }) },
        }),
      );
    await set(allow);
    expect(allows()).toBe(true);
    await set({ ...allow, Condition: { ArnEquals: { 'aws:SourceArn': `${topic}x` } } });
    expect(allows()).toBe(false);
    await set(allow, { ...allow, Effect: 'Deny' });
    expect(allows()).toBe(false);
  });
});
