import {
  PublishBatchCommand,
  SetSubscriptionAttributesCommand,
  type PublishCommandInput,
} from '@aws-sdk/client-sns';
import { CreateQueueCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TOPIC, TopicScene } from './sns-calls.ts';
import { ACCOUNT, ALIAS, refusal, REGION, sqsClient } from './support.ts';

let on: TopicScene;

beforeEach(async () => {
  on = await TopicScene.start();
});
afterEach(() => on.stop());

/** Makes a queue that the topic may send to. */
async function createQueue(name: string): Promise<string> {
  const sqs = sqsClient(on.scene);
  const made = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const arn = on.scene.sqs.arnOf(name);
  const Policy = JSON.stringify({
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: arn,
        Condition: { ArnLike: { 'aws:SourceArn': TOPIC } },
      },
    ],
  });
  const set = { QueueUrl: made.QueueUrl, Attributes: { Policy } };
  await sqs.send(new SetQueueAttributesCommand(set));
  sqs.destroy();
  return arn;
}

const messages = (): unknown[] =>
  on.scene.lambda
    .batches((record) => {
      const notification = record['Sns'];
      return typeof notification === 'object' && notification && 'Message' in notification
        ? notification.Message
        : undefined;
    })
    .flat();

describe('a message', () => {
  beforeEach(async () => {
    await on.createTopic();
    on.scene.lambda.allowed.add(`sns.amazonaws.com ${TOPIC}`);
  });

  it('reaches a function in the form that AWS gives it', async () => {
    const arn = await on.subscribe();
    await on.publish('{"user":7}', { tenant: 'blue' }, { Subject: 'registered' });
    await on.publish('bare');
    const [first, second] = on.scene.lambda.deliveries;
    expect(first).toMatchObject({
      arn: ALIAS,
      type: 'Event',
      source: { principal: 'sns.amazonaws.com', sourceArn: TOPIC },
    });
    expect(first?.event.Records).toMatchObject([
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: arn,
        Sns: {
          Type: 'Notification',
          TopicArn: TOPIC,
          Subject: 'registered',
          Message: '{"user":7}',
          Timestamp: new Date(on.scene.clock.now()).toISOString(),
          SignatureVersion: '1',
          MessageAttributes: { tenant: { Type: 'String', Value: 'blue' } },
        },
      },
    ]);
    expect(second?.event.Records).toMatchObject([
      { Sns: { Subject: null, MessageAttributes: {} } },
    ]);
    expect(on.scene.work.failures).toEqual([]);
  });

  it('reaches only those whose filter it passes', async () => {
    await on.subscribe({
      FilterPolicy: JSON.stringify({
        tenant: ['blue', { prefix: 'gr' }],
        level: [{ numeric: ['>=', 3] }],
        region: [{ 'anything-but': ['eu'] }, { exists: false }],
      }),
    });
    await on.publish('no attributes');
    await on.publish('one only', { tenant: 'blue' });
    await on.publish('wrong value', { tenant: 'red', level: 5 });
    await on.publish('too low', { tenant: 'blue', level: 2 });
    await on.publish('not this one', { tenant: 'blue', level: 5, region: 'eu' });
    await on.publish('fits', { tenant: 'green', level: 3, more: 'x' });
    await on.publish('fits too', { tenant: 'blue', level: 4, region: 'us' });
    expect(messages()).toEqual(['fits', 'fits too']);
  });

  it('can be filtered by its body, until the filter is taken away', async () => {
    const SubscriptionArn = await on.subscribe({
      FilterPolicyScope: 'MessageBody',
      FilterPolicy: '{"order":{"type":["new"]}}',
    });
    await on.publish('{"order":{"type":"new"}}');
    await on.publish('{"order":{"type":"old"}}');
    await on.publish('no json');
    expect(messages()).toEqual(['{"order":{"type":"new"}}']);
    const set = { SubscriptionArn, AttributeName: 'FilterPolicy', AttributeValue: '{}' };
    await on.client.send(new SetSubscriptionAttributesCommand(set));
    await on.publish('no json');
    expect(messages()).toHaveLength(2);
  });

  it('reaches a queue, wrapped or raw, if the queue lets the topic in', async () => {
    const wrapped = await createQueue('wrapped');
    const raw = await createQueue('raw');
    const closed = `arn:aws:sqs:${REGION}:${ACCOUNT}:closed`;
    const sqs = sqsClient(on.scene);
    await sqs.send(new CreateQueueCommand({ QueueName: 'closed' }));
    sqs.destroy();
    await on.subscribe({}, 'sqs', wrapped);
    await on.subscribe({ RawMessageDelivery: 'true' }, 'sqs', raw);
    await on.subscribe({}, 'sqs', closed);
    await on.publish('hello', { tenant: 'blue' });
    const [message] = on.scene.sqs.peek(wrapped);
    expect(JSON.parse(message?.body ?? '')).toMatchObject({
      Type: 'Notification',
      TopicArn: TOPIC,
      Message: 'hello',
      MessageAttributes: { tenant: { Type: 'String', Value: 'blue' } },
    });
    expect(on.scene.sqs.peek(raw)).toMatchObject([
      {
        body: 'hello',
        messageAttributes: { tenant: { dataType: 'String', stringValue: 'blue' } },
      },
    ]);
    expect(on.scene.sqs.peek(closed)).toEqual([]);
  });

  it('that is refused goes to the dead-letter queue of the subscription, or is lost', async () => {
    on.scene.lambda.allowed.clear();
    const SubscriptionArn = await on.subscribe();
    await on.publish('lost');
    const dead = await createQueue('dead');
    await on.client.send(
      new SetSubscriptionAttributesCommand({
        SubscriptionArn,
        AttributeName: 'RedrivePolicy',
        AttributeValue: JSON.stringify({ deadLetterTargetArn: dead }),
      }),
    );
    await on.publish('kept');
    const letters = on.scene.sqs.peek(dead);
    expect(letters.map(({ body }): unknown => JSON.parse(body))).toMatchObject([
      { Message: 'kept' },
    ]);
    expect(letters[0]?.messageAttributes['ErrorCode']?.stringValue).toBe('403');
    expect(on.scene.lambda.deliveries).toEqual([]);
  });

  it('that meets a busy function is tried again', async () => {
    await on.subscribe();
    on.scene.lambda.answers.push('throttle');
    await on.publish('again');
    expect(messages()).toEqual(['again']);
    await on.scene.advance(1000);
    expect(messages()).toEqual(['again', 'again']);
    await on.scene.advance(10_000);
    expect(messages()).toHaveLength(2);
  });

  it('can be different for each protocol, and come in batches', async () => {
    await on.subscribe();
    await on.publish(
      '{"default":"all","lambda":"for functions"}',
      {},
      { MessageStructure: 'json' },
    );
    const sent = await on.client.send(
      new PublishBatchCommand({
        TopicArn: TOPIC,
        PublishBatchRequestEntries: [
          { Id: 'a', Message: 'one' },
          { Id: 'b', Message: 'x'.repeat(262_145) },
          { Id: 'c', Message: 'three' },
        ],
      }),
    );
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(sent.Failed).toMatchObject([{ Id: 'b', Code: 'InvalidParameter', SenderFault: true }]);
    await on.scene.settle();
    expect(messages()).toEqual(['for functions', 'one', 'three']);
    const empty = new PublishBatchCommand({ TopicArn: TOPIC, PublishBatchRequestEntries: [] });
    expect((await refusal(on.client.send(empty))).name).toMatch(
      /^(EmptyBatchRequest|Validation)Exception$/,
    );
  });

  it.each<[string, Partial<PublishCommandInput>]>([
    ['', {}],
    ['x'.repeat(262_145), {}],
    ['x', { Subject: 'two\nlines' }],
    ['x', { Subject: 's'.repeat(101) }],
    ['{}', { MessageStructure: 'json' }],
    ['x', { MessageDeduplicationId: 'a' }],
  ])('is refused: %#', async (message, more) => {
    const refused = await refusal(on.publish(message, {}, more));
    expect(refused).toMatchObject({ name: 'InvalidParameterException', status: 400 });
  });

  it('nobody listens to is no error, and one role may not publish it', async () => {
    await on.publish('unheard');
    on.scene.isRole = true;
    on.scene.denied.add('sns:Publish');
    expect(await refusal(on.publish('x'))).toMatchObject({
      name: 'AuthorizationErrorException',
      status: 403,
    });
  });

  it('can be published by the services around', async () => {
    await on.subscribe();
    on.scene.lambda.deliveries.length = 0;
    const attributes = { tenant: 'blue' };
    const { messageId } = on.scene.sns.publish(TOPIC, 'inside', { attributes, subject: 's' });
    await on.scene.settle();
    expect(on.scene.lambda.deliveries[0]?.event.Records).toMatchObject([
      { Sns: { MessageId: messageId, Message: 'inside', Subject: 's' } },
    ]);
    expect(on.scene.sns.exists(on.scene.sns.arnOf('news'))).toBe(true);
  });
});
