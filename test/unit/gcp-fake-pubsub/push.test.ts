import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PublishedMessage } from '../../fakes/gcp/core/ports.ts';
import { createPubSub, type PubSubFake } from '../../fakes/gcp/pubsub/index.ts';
import {
  accountCaller,
  makeWorld,
  NUMBER,
  PROJECT,
  sender,
  type Send,
  type SmallWorld,
} from './small-world.ts';

const TOPIC = `projects/${PROJECT}/topics/orders`;
const DEAD = `projects/${PROJECT}/topics/dead`;
const SUBSCRIPTION = `projects/${PROJECT}/subscriptions/orders-main`;
const GRAVE = `projects/${PROJECT}/subscriptions/dead`;
const AGENT = `service-${NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com`;
const ACCOUNT = accountCaller('main').email;
const ACCOUNT_NAME = `projects/${PROJECT}/serviceAccounts/${ACCOUNT}`;
const CREATOR = 'roles/iam.serviceAccountTokenCreator';
const URL = 'https://main.test/polyfaas/events/q?policy=abc';
const PUSH = {
  pushEndpoint: URL,
  oidcToken: { serviceAccountEmail: ACCOUNT, audience: 'https://main.test' },
};

let small: SmallWorld;
let fake: PubSubFake;
let send: Send;

beforeEach(async () => {
  small = await makeWorld();
  small.accounts.add(ACCOUNT);
  small.grant(AGENT, ACCOUNT_NAME, CREATOR);
  fake = createPubSub(small.world);
  small.use({ pubsub: fake, busy: () => fake.busy() });
  send = sender('pubsub', fake.services);
  fake.createTopic(TOPIC);
  fake.createTopic(DEAD);
});

afterEach(async () => {
  await fake.stop();
  await small.stop();
});

async function subscribe(body: object = {}): Promise<void> {
  const { status } = await send('PUT', `/v1/${SUBSCRIPTION}`, {
    body: { topic: TOPIC, pushConfig: PUSH, ...body },
  });
  expect(status).toBe(200);
}

async function publish(...messages: readonly (string | PublishedMessage)[]): Promise<void> {
  fake.publish(
    TOPIC,
    messages.map((one) => (typeof one === 'string' ? { data: Buffer.from(one) } : one)),
  );
  await small.settle();
}

const keyed = (text: string, orderingKey: string): PublishedMessage => ({
  data: Buffer.from(text),
  orderingKey,
});

interface Body {
  readonly subscription: string;
  readonly deliveryAttempt?: number;
  readonly message: { readonly data?: string; readonly messageId: string };
}

function bodies(): readonly Body[] {
  return small.deliveries.map(({ body }) => JSON.parse(body.toString()));
}

function texts(): readonly string[] {
  return bodies().map(({ message }) => Buffer.from(message.data ?? '', 'base64').toString());
}

describe('pushes', () => {
  it('come in the wrapped form, signed', async () => {
    await subscribe();
    await publish({
      data: Buffer.from('{"id":7}'),
      attributes: { tenant: 'blue' },
      orderingKey: 'k',
    });
    const [delivery] = small.deliveries;
    expect(delivery).toMatchObject({ url: URL, method: 'POST' });
    expect(delivery?.headers['content-type']).toBe('application/json');
    const id = fake.publish(DEAD, [{ data: Buffer.from('x') }])[0] ?? '';
    expect(bodies()[0]).toEqual({
      message: {
        data: Buffer.from('{"id":7}').toString('base64'),
        attributes: { tenant: 'blue' },
        messageId: String(BigInt(id) - 1n),
        message_id: String(BigInt(id) - 1n),
        publishTime: '2026-01-01T00:00:00.000Z',
        publish_time: '2026-01-01T00:00:00.000Z',
        orderingKey: 'k',
      },
      subscription: SUBSCRIPTION,
    });
    const token = /^Bearer (.+)$/.exec(delivery?.headers['authorization'] ?? '')?.[1] ?? '';
    expect(await small.identity.claimsOfIdToken(token)).toEqual({
      email: ACCOUNT,
      aud: 'https://main.test',
    });
  });

  it('carry no token where none is asked for', async () => {
    await subscribe({ pushConfig: { pushEndpoint: URL } });
    await publish('a');
    expect(small.deliveries[0]?.headers).not.toHaveProperty('authorization');
  });

  it('come bare where that is asked for', async () => {
    await subscribe({ pushConfig: { ...PUSH, noWrapper: { writeMetadata: true } } });
    await publish({ data: Buffer.from('bare'), attributes: { tenant: 'blue' } });
    expect(small.deliveries[0]?.body.toString()).toBe('bare');
    expect(small.deliveries[0]?.headers).toMatchObject({
      tenant: 'blue',
      'x-goog-pubsub-subscription-name': SUBSCRIPTION,
    });
  });

  it('fail as long as the service agent may not sign', async () => {
    small.revoke(AGENT, ACCOUNT_NAME, CREATOR);
    await subscribe({ retryPolicy: { minimumBackoff: '1s', maximumBackoff: '1s' } });
    await publish('a');
    await small.advance(3_000);
    expect(small.deliveries).toEqual([]);
    small.grant(AGENT, `projects/${PROJECT}`, CREATOR);
    await small.advance(1_000);
    expect(texts()).toEqual(['a']);
  });

  it('fail where the account is gone', async () => {
    await subscribe();
    small.accounts.clear();
    await publish('a');
    expect(small.deliveries).toEqual([]);
  });

  it.each([102, 200, 201, 202, 204])('are acknowledged by %d', async (status) => {
    await subscribe();
    small.script(status);
    await publish('a');
    await small.advance(10_000);
    expect(texts()).toEqual(['a']);
  });

  it.each([203, 206, 208, 301, 400, 404, 429, 500, 503, 'crashed'] as const)(
    'come again after %s',
    async (answer) => {
      await subscribe();
      small.script(answer, 204);
      await publish('a');
      expect(texts()).toEqual(['a']);
      await small.advance(100);
      expect(texts()).toEqual(['a', 'a']);
      const [first, second] = bodies();
      expect(first?.message.messageId).toBe(second?.message.messageId);
      expect(second).not.toHaveProperty('deliveryAttempt');
      await small.advance(600_000);
      expect(small.deliveries).toHaveLength(2);
    },
  );

  it('come again where nobody is', async () => {
    await subscribe({ pushConfig: { pushEndpoint: 'https://nowhere.test/' } });
    await publish('a');
    await send('POST', `/v1/${SUBSCRIPTION}:modifyPushConfig`, { body: { pushConfig: PUSH } });
    await small.advance(100);
    expect(texts()).toEqual(['a']);
  });

  it('wait longer each time, up to the maximum', async () => {
    await subscribe({ retryPolicy: { minimumBackoff: '10s', maximumBackoff: '35s' } });
    small.script(500);
    await publish('a');
    const counts: number[] = [];
    for (const ms of [9_999, 1, 19_999, 1, 34_999, 1, 34_999, 1]) {
      await small.advance(ms);
      counts.push(small.deliveries.length);
    }
    expect(counts).toEqual([1, 2, 2, 3, 3, 4, 4, 5]);
  });

  it('leave out what the filter does not let through', async () => {
    await subscribe({ filter: 'attributes.tenant = "blue"' });
    await publish('none', { data: Buffer.from('fits'), attributes: { tenant: 'blue' } });
    expect(texts()).toEqual(['fits']);
  });

  it('go to every subscription of the topic', async () => {
    await subscribe();
    await send('PUT', `/v1/${SUBSCRIPTION}2`, { body: { topic: TOPIC, pushConfig: PUSH } });
    await publish('to all');
    // Side by side, in no order.
    expect(
      bodies()
        .map(({ subscription }) => subscription)
        .toSorted(),
    ).toEqual([SUBSCRIPTION, `${SUBSCRIPTION}2`]);
  });

  it('begin when the endpoint is set, with what waited', async () => {
    await subscribe({ pushConfig: {} });
    await publish('early', 'later');
    expect(small.deliveries).toEqual([]);
    expect(fake.peek(SUBSCRIPTION)).toHaveLength(2);
    await send('PATCH', `/v1/${SUBSCRIPTION}`, {
      body: { subscription: { pushConfig: PUSH }, updateMask: 'pushConfig' },
    });
    await small.settle();
    expect(texts().toSorted()).toEqual(['early', 'later']);
    expect(fake.peek(SUBSCRIPTION)).toEqual([]);
  });

  it('end when the endpoint is taken away, and with the subscription', async () => {
    await subscribe();
    small.script(500);
    await publish('a');
    await send('POST', `/v1/${SUBSCRIPTION}:modifyPushConfig`, { body: { pushConfig: {} } });
    await small.advance(1_000);
    expect(small.deliveries).toHaveLength(1);
    await send('POST', `/v1/${SUBSCRIPTION}:modifyPushConfig`, { body: { pushConfig: PUSH } });
    await small.settle();
    expect(small.deliveries).toHaveLength(2);
    fake.deleteSubscription(SUBSCRIPTION);
    await small.advance(60_000);
    expect(small.deliveries).toHaveLength(2);
  });

  it('run side by side, at most a hundred', async () => {
    await subscribe();
    const answer = Promise.withResolvers<number>();
    small.script(answer.promise);
    fake.publish(
      TOPIC,
      Array.from({ length: 120 }, (_, index) => ({ data: Buffer.from(String(index)) })),
    );
    while (small.deliveries.length < 100) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 10; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(small.deliveries).toHaveLength(100);
    expect(fake.busy()).toBe(true);
    answer.resolve(204);
    await small.settle();
    expect(small.deliveries).toHaveLength(120);
    expect(fake.busy()).toBe(false);
  });
});

describe('ordered pushes', () => {
  it('keep the order of each key, and nothing passes what failed', async () => {
    await subscribe({ enableMessageOrdering: true });
    const first = Buffer.from('a1').toString('base64');
    let failures = 0;
    small.script(({ body }) => {
      const isFailing = body.toString().includes(first) && failures === 0;
      failures += isFailing ? 1 : 0;
      return isFailing ? 500 : 204;
    });
    await publish(keyed('a1', 'a'), keyed('a2', 'a'), keyed('b1', 'b'), 'free', 'free');
    expect(texts().toSorted()).toEqual(['a1', 'b1', 'free', 'free']);
    await small.advance(100);
    expect(texts().slice(4)).toEqual(['a1', 'a2']);
  });

  it('go on once what failed is given up', async () => {
    small.grant(AGENT, DEAD, 'roles/pubsub.publisher');
    small.grant(AGENT, SUBSCRIPTION, 'roles/pubsub.subscriber');
    await subscribe({
      enableMessageOrdering: true,
      deadLetterPolicy: { deadLetterTopic: DEAD, maxDeliveryAttempts: 5 },
    });
    small.script(500, 500, 500, 500, 500, 204);
    await publish(keyed('poison', 'a'), keyed('next', 'a'));
    await small.advance(1_000);
    expect(texts()).toEqual([...Array.from({ length: 5 }, () => 'poison'), 'next']);
  });
});

describe('dead letters', () => {
  const POLICY = { deadLetterPolicy: { deadLetterTopic: DEAD, maxDeliveryAttempts: 5 } };

  beforeEach(async () => {
    await send('PUT', `/v1/${GRAVE}`, { body: { topic: DEAD } });
  });

  it('are forwarded after the last attempt, which is told', async () => {
    small.grant(AGENT, DEAD, 'roles/pubsub.publisher');
    small.grant(AGENT, SUBSCRIPTION, 'roles/pubsub.subscriber');
    await subscribe(POLICY);
    small.script(500);
    await publish({ data: Buffer.from('poison'), attributes: { tenant: 'blue' } });
    await small.advance(10_000);
    expect(bodies().map(({ deliveryAttempt }) => deliveryAttempt)).toEqual([1, 2, 3, 4, 5]);
    expect(fake.drain(GRAVE)).toEqual([
      {
        data: Buffer.from('poison'),
        attributes: {
          tenant: 'blue',
          CloudPubSubDeadLetterSourceDeliveryCount: '5',
          CloudPubSubDeadLetterSourceSubscription: 'orders-main',
          CloudPubSubDeadLetterSourceSubscriptionProject: PROJECT,
          CloudPubSubDeadLetterSourceTopicPublishTime: '2026-01-01T00:00:00.000+00:00',
        },
      },
    ]);
    expect(fake.drain(GRAVE)).toEqual([]);
  });

  it.each([
    ['publish', SUBSCRIPTION, 'roles/pubsub.subscriber', DEAD, 'roles/pubsub.publisher'],
    ['acknowledge', DEAD, 'roles/pubsub.publisher', SUBSCRIPTION, 'roles/pubsub.subscriber'],
  ])('stay while the service agent may not %s', async (_, has, role, lacks, missing) => {
    small.grant(AGENT, has, role);
    await subscribe(POLICY);
    small.script(500);
    await publish('poison');
    await small.advance(1_000);
    expect(small.deliveries.length).toBeGreaterThan(5);
    expect(fake.peek(GRAVE)).toEqual([]);
    small.grant(AGENT, lacks, missing);
    await small.advance(100);
    expect(fake.peek(GRAVE)).toHaveLength(1);
  });

  it('stay when their topic is gone', async () => {
    small.grant(AGENT, `projects/${PROJECT}`, 'roles/pubsub.editor');
    await subscribe(POLICY);
    fake.deleteTopic(DEAD);
    small.script(500, 500, 500, 500, 500, 500, 204);
    await publish('poison');
    await small.advance(10_000);
    expect(small.deliveries).toHaveLength(7);
  });
});

describe('subscriptions of other services', () => {
  it('push in the form of theirs', async () => {
    fake.createPushSubscription({
      name: SUBSCRIPTION,
      topic: TOPIC,
      endpoint: URL,
      serviceAccount: ACCOUNT,
      audience: URL,
      form: ({ data, attributes, messageId }) => ({
        headers: { 'ce-id': messageId, 'ce-type': attributes?.['type'] ?? '' },
        body: data,
      }),
    });
    await publish({ data: Buffer.from('proto'), attributes: { type: 'written' } });
    expect(small.deliveries[0]?.headers).toMatchObject({ 'ce-type': 'written' });
    expect(small.deliveries[0]?.body.toString()).toBe('proto');
    expect(fake.services[0]?.inventory()).toContain('subscription orders-main');
  });
});
