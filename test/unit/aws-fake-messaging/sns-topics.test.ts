import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TOPIC, TopicScene } from './sns-calls.ts';
import { ACCOUNT, ALIAS, refusal } from './support.ts';

let on: TopicScene;

beforeEach(async () => {
  on = await TopicScene.start();
});
afterEach(() => on.stop());

describe('topics', () => {
  it('are made once by name, and carry tags and attributes', async () => {
    expect(await on.createTopic([{ Key: 'team', Value: 'blue' }])).toBe(TOPIC);
    expect(await on.createTopic([{ Key: 'team', Value: 'blue' }])).toBe(TOPIC);
    expect(await on.createTopic()).toBe(TOPIC);
    expect(await refusal(on.createTopic([{ Key: 'team', Value: 'red' }]))).toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: Tags Reason: Topic already exists with different tags',
      status: 400,
    });
    expect(await refusal(on.createTopic([], { DisplayName: 'x' }))).toMatchObject({
      message:
        'Invalid parameter: Attributes Reason: Topic already exists with different attributes',
    });
    await on.client.send(
      new TagResourceCommand({ ResourceArn: TOPIC, Tags: [{ Key: 'a', Value: '1' }] }),
    );
    await on.client.send(new UntagResourceCommand({ ResourceArn: TOPIC, TagKeys: ['team'] }));
    const { Tags } = await on.client.send(new ListTagsForResourceCommand({ ResourceArn: TOPIC }));
    expect(Tags).toEqual([{ Key: 'a', Value: '1' }]);
    await on.client.send(
      new SetTopicAttributesCommand({
        TopicArn: TOPIC,
        AttributeName: 'DisplayName',
        AttributeValue: 'News & more',
      }),
    );
    const { Attributes } = await on.client.send(new GetTopicAttributesCommand({ TopicArn: TOPIC }));
    expect(Attributes).toMatchObject({
      TopicArn: TOPIC,
      Owner: ACCOUNT,
      DisplayName: 'News & more',
      SubscriptionsConfirmed: '0',
    });
    const { Topics } = await on.client.send(new ListTopicsCommand({}));
    expect(Topics).toEqual([{ TopicArn: TOPIC }]);
    expect(on.scene.inventories.flatMap((list) => list())).toEqual(['sns topic news']);
  });

  it('that are not there are deleted without complaint, and otherwise refused', async () => {
    await on.client.send(new DeleteTopicCommand({ TopicArn: TOPIC }));
    const get = on.client.send(new GetTopicAttributesCommand({ TopicArn: TOPIC }));
    expect(await refusal(get)).toEqual({
      name: 'NotFoundException',
      message: 'Topic does not exist',
      status: 404,
    });
    expect((await refusal(on.publish('x'))).name).toBe('NotFoundException');
    const tags = on.client.send(new ListTagsForResourceCommand({ ResourceArn: TOPIC }));
    expect((await refusal(tags)).name).toBe('ResourceNotFoundException');
    const bad = on.client.send(new GetTopicAttributesCommand({ TopicArn: 'news' }));
    expect((await refusal(bad)).message).toBe(
      'Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1',
    );
    const named = on.client.send(new CreateTopicCommand({ Name: 'a b' }));
    expect((await refusal(named)).name).toBe('InvalidParameterException');
  });

  it('list in pages of a hundred', async () => {
    for (let at = 0; at < 101; at += 1) {
      await on.client.send(new CreateTopicCommand({ Name: `t${at}` }));
    }
    const first = await on.client.send(new ListTopicsCommand({}));
    expect(first.Topics).toHaveLength(100);
    const second = await on.client.send(new ListTopicsCommand({ NextToken: first.NextToken }));
    expect(second.Topics).toHaveLength(1);
    expect(second.NextToken).toBeUndefined();
  });
});

describe('subscriptions', () => {
  beforeEach(() => on.createTopic());

  it('are made once for an endpoint', async () => {
    const FilterPolicy = '{"tenant":["blue"]}';
    const arn = await on.subscribe({ FilterPolicy });
    expect(arn).toMatch(new RegExp(`^${TOPIC}:[\\da-f-]{36}$`));
    expect(await on.subscribe({ FilterPolicy })).toBe(arn);
    expect(await on.subscribe()).toBe(arn);
    const other = await refusal(on.subscribe({ FilterPolicy: '{"tenant":["red"]}' }));
    expect(other).toEqual({
      name: 'InvalidParameterException',
      message:
        'Invalid parameter: Attributes Reason: Subscription already exists with different attributes',
      status: 400,
    });
    const told = { SubscriptionArn: arn, Protocol: 'lambda', Endpoint: ALIAS, TopicArn: TOPIC };
    const byTopic = await on.client.send(new ListSubscriptionsByTopicCommand({ TopicArn: TOPIC }));
    expect(byTopic.Subscriptions).toMatchObject([told]);
    const all = await on.client.send(new ListSubscriptionsCommand({}));
    expect(all.Subscriptions).toMatchObject([told]);
    const got = await on.client.send(
      new GetSubscriptionAttributesCommand({ SubscriptionArn: arn }),
    );
    expect(got.Attributes).toMatchObject({
      FilterPolicy,
      FilterPolicyScope: 'MessageAttributes',
      PendingConfirmation: 'false',
    });
    await on.client.send(new UnsubscribeCommand({ SubscriptionArn: arn }));
    await on.client.send(new UnsubscribeCommand({ SubscriptionArn: arn }));
    const gone = on.client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: arn }));
    expect((await refusal(gone)).name).toBe('NotFoundException');
  });

  it.each([
    [{ FilterPolicy: 'no json' }],
    [{ FilterPolicy: '{"a":"b"}' }],
    [{ FilterPolicy: '{"a":[]}' }],
    [{ FilterPolicy: '{"a":{"b":["c"]}}' }],
    [{ FilterPolicy: '{"a":[{"near":1}]}' }],
    [{ FilterPolicy: '{"a":[1],"b":[1],"c":[1],"d":[1],"e":[1],"f":[1]}' }],
    [{ FilterPolicyScope: 'Everything' }],
    [{ RawMessageDelivery: 'true' }],
    [{ RedrivePolicy: '{"deadLetterTargetArn":"queue"}' }],
    [{ Colour: 'blue' }],
  ])('refuse %j', async (attributes) => {
    const refused = await refusal(on.subscribe(attributes));
    expect(refused).toMatchObject({ name: 'InvalidParameterException', status: 400 });
    const arn = await on.subscribe();
    const [[AttributeName, AttributeValue] = []] = Object.entries(attributes);
    const set = new SetSubscriptionAttributesCommand({
      SubscriptionArn: arn,
      AttributeName,
      AttributeValue,
    });
    expect((await refusal(on.client.send(set))).name).toBe('InvalidParameterException');
  });

  it.each([
    ['pigeon', ALIAS],
    ['lambda', 'my-function'],
    ['sqs', 'my-queue'],
  ])('refuse the protocol %s for %s', async (protocol, endpoint) => {
    const refused = await refusal(on.subscribe({}, protocol, endpoint));
    expect(refused.name).toBe('InvalidParameterException');
  });
});
