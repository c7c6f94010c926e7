import {
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QueueScene, arn } from './sqs-calls.ts';
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

describe('queues', () => {
  it('are made, found, listed and told of', async () => {
    expect(await on.create('orders', { VisibilityTimeout: '60' }, { team: 'blue' })).toBe(
      on.url('orders'),
    );
    await on.create('other');
    const found = await on.client.send(new GetQueueUrlCommand({ QueueName: 'orders' }));
    expect(found.QueueUrl).toBe(on.url('orders'));
    const listed = await on.client.send(new ListQueuesCommand({ QueueNamePrefix: 'or' }));
    expect(listed.QueueUrls).toEqual([on.url('orders')]);
    const page = await on.client.send(new ListQueuesCommand({ MaxResults: 1 }));
    const next = await on.client.send(
      new ListQueuesCommand({ MaxResults: 1, NextToken: page.NextToken }),
    );
    expect(next.QueueUrls).toEqual([on.url('other')]);
    expect(await attribute(on.url('orders'), 'All')).toMatchObject({
      QueueArn: arn('orders'),
      VisibilityTimeout: '60',
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      ApproximateNumberOfMessages: '0',
      CreatedTimestamp: String(on.scene.clock.now() / 1000),
    });
    const tags = await on.client.send(new ListQueueTagsCommand({ QueueUrl: on.url('orders') }));
    expect(tags.Tags).toEqual({ team: 'blue' });
    expect(on.scene.inventories.flatMap((list) => list())).toEqual([
      'sqs queue orders',
      'sqs queue other',
    ]);
  });

  it('are returned when made again with the same attributes, and refused with others', async () => {
    await on.create('orders', { DelaySeconds: '1' });
    expect(await on.create('orders', { DelaySeconds: '1' })).toBe(on.url('orders'));
    expect(await on.create('orders')).toBe(on.url('orders'));
    const refused = await refusal(on.create('orders', { DelaySeconds: '2' }));
    expect(refused).toMatchObject({
      name: 'QueueNameExists',
      status: 400,
      message:
        'A queue already exists with the same name and a different value for attribute DelaySeconds',
    });
  });

  it('that are not there are told by both of the error names', async () => {
    const missing = on.client.send(new GetQueueUrlCommand({ QueueName: 'nobody' }));
    await expect(missing).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it.each([
    ['VisibilityTimeout', '43201', 'InvalidAttributeValue'],
    ['VisibilityTimeout', '-1', 'InvalidAttributeValue'],
    ['MessageRetentionPeriod', '59', 'InvalidAttributeValue'],
    ['MessageRetentionPeriod', '1209601', 'InvalidAttributeValue'],
    ['DelaySeconds', '901', 'InvalidAttributeValue'],
    ['ReceiveMessageWaitTimeSeconds', '21', 'InvalidAttributeValue'],
    ['MaximumMessageSize', '1048577', 'InvalidAttributeValue'],
    ['Policy', 'no json', 'InvalidAttributeValue'],
    ['ContentBasedDeduplication', 'true', 'InvalidAttributeName'],
    ['Colour', 'blue', 'InvalidAttributeName'],
    ['QueueArn', 'arn:x', 'InvalidAttributeName'],
    ['RedrivePolicy', '[]', 'InvalidParameterValue'],
    ['RedrivePolicy', '{"maxReceiveCount":3}', 'InvalidParameterValue'],
    [
      'RedrivePolicy',
      `{"maxReceiveCount":3,"deadLetterTargetArn":"${arn('nobody')}"}`,
      'InvalidParameterValue',
    ],
    [
      'RedrivePolicy',
      `{"maxReceiveCount":0,"deadLetterTargetArn":"${arn('orders')}"}`,
      'InvalidParameterValue',
    ],
  ])('refuse %s = %s', async (name, value, code) => {
    const QueueUrl = await on.create('orders');
    const set = new SetQueueAttributesCommand({ QueueUrl, Attributes: { [name]: value } });
    expect(await refusal(on.client.send(set))).toMatchObject({ name: code, status: 400 });
    expect(await refusal(on.create('new', { [name]: value }))).toMatchObject({ name: code });
  });

  it.each(['', 'a b', 'x'.repeat(81), 'orders.fifo', 'a/b'])(
    'refuse the name "%s"',
    async (name) => {
      expect((await refusal(on.create(name))).status).toBe(400);
    },
  );

  it('change their attributes and tags', async () => {
    const QueueUrl = await on.create('orders');
    const Policy = JSON.stringify({
      Statement: [{ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' } }],
    });
    await on.client.send(
      new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '7', Policy } }),
    );
    expect(await attribute(QueueUrl, 'VisibilityTimeout')).toEqual({ VisibilityTimeout: '7' });
    await on.client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: '' } }));
    expect(await attribute(QueueUrl, 'Policy')).toEqual({});
    await on.client.send(new TagQueueCommand({ QueueUrl, Tags: { a: '1', b: '2' } }));
    await on.client.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['a'] }));
    const { Tags } = await on.client.send(new ListQueueTagsCommand({ QueueUrl }));
    expect(Tags).toEqual({ b: '2' });
  });

  it('keep their name for a minute after they are deleted', async () => {
    const QueueUrl = await on.create('orders');
    await on.client.send(new DeleteQueueCommand({ QueueUrl }));
    expect(await refusal(on.send(QueueUrl, 'x'))).toMatchObject({ name: 'QueueDoesNotExist' });
    expect(await refusal(on.create('orders'))).toMatchObject({ name: 'QueueDeletedRecently' });
    await on.scene.advance(60_000);
    expect(await on.create('orders')).toBe(QueueUrl);
  });

  it('give their name back at once when told to', async () => {
    await on.stop();
    on = await QueueScene.start({ deletedNameBlockedMs: 0 });
    const QueueUrl = await on.create('orders');
    await on.client.send(new DeleteQueueCommand({ QueueUrl }));
    expect(await on.create('orders')).toBe(QueueUrl);
  });
});
