import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPubSub, type PubSubFake } from '../../fakes/gcp/pubsub/index.ts';
import {
  accountCaller,
  makeWorld,
  PROJECT,
  sender,
  told,
  type Send,
  type SmallWorld,
} from './small-world.ts';

const TOPIC = `projects/${PROJECT}/topics/orders`;
const SUBSCRIPTION = `projects/${PROJECT}/subscriptions/orders-main`;
const CALLER = accountCaller('caller');
const PUSH = {
  pushEndpoint: 'https://main.test/polyfaas/events/q',
  oidcToken: { serviceAccountEmail: CALLER.email, audience: 'https://main.test' },
};

let small: SmallWorld;
let fake: PubSubFake;
let send: Send;

beforeEach(async () => {
  small = await makeWorld();
  small.accounts.add(CALLER.email);
  fake = createPubSub(small.world);
  small.use({ pubsub: fake, busy: () => fake.busy() });
  send = sender('pubsub', fake.services);
});

afterEach(async () => {
  await fake.stop();
  await small.stop();
});

const topic = (body: object = {}, name = TOPIC) => send('PUT', `/v1/${name}`, { body });
const subscription = (body: object = {}, name = SUBSCRIPTION) =>
  send('PUT', `/v1/${name}`, { body: { topic: TOPIC, ...body } });
const patch = (change: object, updateMask: string) =>
  send('PATCH', `/v1/${SUBSCRIPTION}`, { body: { subscription: change, updateMask } });
const inventory = () => fake.services.flatMap((service) => service.inventory());

describe('topics', () => {
  it('are made, read, listed, changed and deleted', async () => {
    expect(await topic({ labels: { app: 'shop' } })).toMatchObject({
      status: 200,
      body: { name: TOPIC, labels: { app: 'shop' }, state: 'ACTIVE' },
    });
    expect(inventory()).toEqual(['topic orders']);
    expect((await send('GET', `/v1/${TOPIC}`)).body).toMatchObject({ labels: { app: 'shop' } });
    const changed = await send('PATCH', `/v1/${TOPIC}`, {
      body: { topic: { name: TOPIC, labels: { app: 'other' } }, updateMask: 'labels' },
    });
    expect(changed.body).toMatchObject({ labels: { app: 'other' } });
    await topic({}, `projects/${PROJECT}/topics/more`);
    const page = await send('GET', `/v1/projects/${PROJECT}/topics`, { query: { pageSize: '1' } });
    expect(page.body).toMatchObject({ topics: [{ name: TOPIC }] });
    expect(page.body).toHaveProperty('nextPageToken');
    expect(await send('DELETE', `/v1/${TOPIC}`)).toEqual({ status: 200, headers: {}, body: {} });
    expect(told(await send('GET', `/v1/${TOPIC}`))).toBe(
      '404 NOT_FOUND Resource not found (resource=orders).',
    );
  });

  it('exist once', async () => {
    await topic();
    expect(told(await topic())).toBe(
      '409 ALREADY_EXISTS Resource already exists in the project (resource=orders).',
    );
  });

  it.each(['ab', '1st', 'goog-mine', 'a b', 'a'.repeat(256)])('are not named %s', async (name) => {
    expect(told(await topic({}, `projects/${PROJECT}/topics/${name}`))).toMatch(
      /^400 INVALID_ARGUMENT Invalid resource name given \(name=projects\/shop-1\/topics\//,
    );
  });

  it('refuse fields and parameters that there are not', async () => {
    expect(told(await topic({ label: {} }))).toContain(
      'Invalid JSON payload received. Unknown name "label": Cannot find field.',
    );
    await topic();
    expect(told(await send('GET', `/v1/${TOPIC}`, { query: { view: 'FULL' } }))).toContain(
      'Unknown name "view"',
    );
    expect(await send('GET', `/v1/${TOPIC}/snapshot`)).toMatchObject({ status: 404 });
    expect(await send('POST', `/v1/${TOPIC}:seek`, { body: {} })).toMatchObject({ status: 404 });
  });

  it.each([
    [{ labels: { App: 'x' } }, /Invalid label key: "App"/],
    [{ labels: { app: 'X' } }, /Invalid label value/],
    [{ messageRetentionDuration: '60s' }, /too small/],
    [{ messageRetentionDuration: '5m' }, /duration must end with 's'/],
    [{ schemaSettings: { schema: 'projects/p/schemas/s' } }, /not offered here/],
  ])('refuse %j', async (body, why) => {
    expect(told(await topic(body))).toMatch(why);
    expect(inventory()).toEqual([]);
  });

  it('belong to the project', async () => {
    expect(told(await topic({}, 'projects/other/topics/orders'))).toMatch(
      /^404 NOT_FOUND Requested project not found .*\(project=other\)/,
    );
  });
});

describe('publishing', () => {
  const publish = (messages: readonly object[], caller = CALLER) =>
    send('POST', `/v1/${TOPIC}:publish`, { body: { messages }, caller });

  it('answers with an id for each message', async () => {
    await topic();
    small.grant(CALLER.email, TOPIC, 'roles/pubsub.publisher');
    const { status, body } = await publish([{ data: 'YQ==' }, { attributes: { a: 'b' } }]);
    expect(status).toBe(200);
    const { messageIds } = JSON.parse(JSON.stringify(body));
    expect(messageIds).toHaveLength(2);
    expect(new Set(messageIds).size).toBe(2);
  });

  it('takes the role', async () => {
    await topic();
    expect(told(await publish([{ data: 'YQ==' }]))).toBe(
      '403 PERMISSION_DENIED User not authorized to perform this action.',
    );
    small.grant(CALLER.email, `projects/${PROJECT}`, 'roles/pubsub.publisher');
    expect(await publish([{ data: 'YQ==' }])).toMatchObject({ status: 200 });
  });

  it('takes a topic', async () => {
    expect(told(await publish([{ data: 'YQ==' }]))).toMatch(/^404 NOT_FOUND/);
    expect(() => fake.publish(TOPIC, [{ data: Buffer.from('a') }])).toThrow('Resource not found');
  });

  const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`k${index}`, '']));
  it.each([
    [[], /message_count is too small/],
    [[{}], /One or more messages in the publish request is empty/],
    [[{ data: 'no base64!' }], /Base64 decoding failed/],
    [[{ attributes: many }], /attribute_count is too large. You passed 101/],
    [[{ attributes: { ['k'.repeat(257)]: 'v' } }], /attribute_key_size is too large/],
    [[{ attributes: { k: 'ü'.repeat(513) } }], /attribute_value_size is too large/],
    [[{ attributes: { googclient: 'v' } }], /Invalid attribute key/],
    [[{ data: 'YQ==', orderingKey: 'k'.repeat(1025) }], /ordering_key_size is too large/],
    [
      [{ data: Buffer.alloc(10_000_001).toString('base64') }],
      /request_size is too large. You passed 10000001 in the request, but the maximum value is 10000000/,
    ],
  ])('refuses what is too much or too little %#', async (messages, why) => {
    await topic();
    small.grant(CALLER.email, TOPIC, 'roles/pubsub.publisher');
    expect(told(await publish(messages))).toMatch(why);
  });
});

describe('subscriptions', () => {
  beforeEach(async () => {
    await topic();
  });

  it('are made with defaults', async () => {
    expect((await subscription()).body).toEqual({
      name: SUBSCRIPTION,
      topic: TOPIC,
      pushConfig: {},
      ackDeadlineSeconds: 10,
      messageRetentionDuration: '604800s',
      expirationPolicy: { ttl: '2678400s' },
      state: 'ACTIVE',
    });
    expect(inventory()).toEqual(['topic orders', 'subscription orders-main']);
    const { body } = await send('GET', `/v1/${TOPIC}/subscriptions`);
    expect(body).toEqual({ subscriptions: [SUBSCRIPTION] });
    expect(fake.subscriptionsOf(TOPIC)).toEqual([SUBSCRIPTION]);
  });

  it('keep what they were made with', async () => {
    const dead = `projects/${PROJECT}/topics/orders-dead`;
    await topic({}, dead);
    const wish = {
      pushConfig: PUSH,
      ackDeadlineSeconds: 600,
      enableMessageOrdering: true,
      filter: 'attributes:tenant',
      expirationPolicy: {},
      retryPolicy: { minimumBackoff: '1s', maximumBackoff: '600s' },
      deadLetterPolicy: { deadLetterTopic: dead, maxDeliveryAttempts: 8 },
      labels: { app: 'shop' },
    };
    await subscription(wish);
    expect((await send('GET', `/v1/${SUBSCRIPTION}`)).body).toMatchObject(wish);
  });

  it('exist once, and need their topic', async () => {
    await subscription();
    expect(told(await subscription())).toMatch(/^409 ALREADY_EXISTS/);
    const gone = { topic: `projects/${PROJECT}/topics/gone` };
    expect(told(await subscription(gone, `${SUBSCRIPTION}2`))).toBe(
      '404 NOT_FOUND Resource not found (resource=gone).',
    );
    expect(told(await subscription({ topic: '_deleted-topic_' }, `${SUBSCRIPTION}2`))).toMatch(
      /Invalid resource name given \(topic=_deleted-topic_\)/,
    );
  });

  it.each([
    [{ ackDeadlineSeconds: 9 }, /must be between 10 and 600 seconds/],
    [{ ackDeadlineSeconds: 601 }, /\(ack_deadline_secs=601\)/],
    [{ retryPolicy: { minimumBackoff: '601s' } }, /minimum_backoff_ms is too large/],
    [
      { retryPolicy: { minimumBackoff: '20s', maximumBackoff: '10s' } },
      /must not be longer than the maximum backoff/,
    ],
    [
      { deadLetterPolicy: { deadLetterTopic: `projects/${PROJECT}/topics/gone` } },
      /404 NOT_FOUND Resource not found \(resource=gone\)/,
    ],
    [
      { deadLetterPolicy: { maxDeliveryAttempts: 5 } },
      /Invalid resource name given \(dead_letter_topic=\)/,
    ],
    [
      { deadLetterPolicy: { deadLetterTopic: TOPIC, maxDeliveryAttempts: 4 } },
      /max_delivery_attempts is too small. You passed 4 in the request, but the minimum value is 5/,
    ],
    [
      { deadLetterPolicy: { deadLetterTopic: TOPIC, maxDeliveryAttempts: 101 } },
      /max_delivery_attempts is too large/,
    ],
    [{ filter: 'attributes.x = y' }, /Invalid filter given/],
    [{ filter: `attributes.x = "${'y'.repeat(256)}"` }, /filter_size is too large/],
    [{ messageRetentionDuration: '599s' }, /message_retention_duration_ms is too small/],
    [{ expirationPolicy: { ttl: '3600s' } }, /ttl_ms is too small/],
    [{ pushConfig: { pushEndpoint: 'ftp://main.test' } }, /Invalid push endpoint given/],
    [{ pushConfig: { oidcToken: PUSH.oidcToken } }, /\(argument=PushConfig::push_endpoint\)/],
    [
      { pushConfig: { ...PUSH, oidcToken: { serviceAccountEmail: 'gone@shop-1.iam' } } },
      /\(argument=PushConfig::OidcToken::service_account_email\)/,
    ],
    [{ pushConfig: { ...PUSH, endpoint: 'x' } }, /Unknown name "endpoint" at 'push_config'/],
    [{ labels: { Ä: 'x' } }, /Invalid label key/],
    [{ bigqueryConfig: { table: 'x' } }, /not offered here/],
  ])('refuse %j', async (body, why) => {
    expect(told(await subscription(body))).toMatch(why);
    expect(inventory()).toEqual(['topic orders']);
  });

  it('change what the mask names, and nothing else', async () => {
    await subscription({ labels: { app: 'shop' }, pushConfig: PUSH });
    const { status, body } = await patch(
      { ackDeadlineSeconds: 60, retryPolicy: { minimumBackoff: '5s' }, labels: { app: 'x' } },
      'ackDeadlineSeconds,retry_policy',
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ackDeadlineSeconds: 60,
      retryPolicy: { minimumBackoff: '5s', maximumBackoff: '600s' },
      labels: { app: 'shop' },
      pushConfig: PUSH,
    });
    await patch({}, 'labels,pushConfig,retryPolicy');
    const { body: cleared } = await send('GET', `/v1/${SUBSCRIPTION}`);
    expect(cleared).toMatchObject({ pushConfig: {}, ackDeadlineSeconds: 60 });
    expect(cleared).not.toHaveProperty('labels');
    expect(cleared).not.toHaveProperty('retryPolicy');
  });

  it.each([
    ['', /must be set, and must contain a non-empty paths list/],
    ['filter', /the 'filter' field in the Subscription is not mutable/],
    ['labels,topic', /the 'topic' field in the Subscription is not mutable/],
    ['name', /the 'name' field in the Subscription is not mutable/],
    ['enableMessageOrdering', /the 'enable_message_ordering' field .* is not mutable/],
    ['colour', /'colour' is not a known Subscription field/],
    ['pushConfig.pushEndpoint', /'pushConfig.pushEndpoint' is not a known Subscription field/],
  ])('refuse the mask "%s"', async (mask, why) => {
    await subscription({ labels: { app: 'shop' } });
    expect(told(await patch({ labels: {} }, mask))).toMatch(why);
    expect((await send('GET', `/v1/${SUBSCRIPTION}`)).body).toMatchObject({
      labels: { app: 'shop' },
    });
  });

  it('get a push endpoint, and lose it', async () => {
    await subscription();
    const modify = (pushConfig: object) =>
      send('POST', `/v1/${SUBSCRIPTION}:modifyPushConfig`, { body: { pushConfig } });
    expect(await modify(PUSH)).toMatchObject({ status: 200, body: {} });
    expect((await send('GET', `/v1/${SUBSCRIPTION}`)).body).toMatchObject({ pushConfig: PUSH });
    await modify({});
    expect((await send('GET', `/v1/${SUBSCRIPTION}`)).body).toMatchObject({ pushConfig: {} });
  });

  it('outlive their topic', async () => {
    const other = `projects/${PROJECT}/topics/other`;
    await topic({}, other);
    await subscription({ deadLetterPolicy: { deadLetterTopic: other } });
    fake.publish(TOPIC, [{ data: Buffer.from('kept') }]);
    await send('DELETE', `/v1/${TOPIC}`);
    fake.deleteTopic(other);
    const { body } = await send('GET', `/v1/${SUBSCRIPTION}`);
    expect(body).toMatchObject({
      topic: '_deleted-topic_',
      deadLetterPolicy: { deadLetterTopic: '_deleted-topic_', maxDeliveryAttempts: 5 },
    });
    await topic();
    fake.publish(TOPIC, [{ data: Buffer.from('not for it') }]);
    expect(fake.peek(SUBSCRIPTION).map(({ data }) => data.toString())).toEqual(['kept']);
  });

  it('are deleted', async () => {
    await subscription();
    expect(await send('DELETE', `/v1/${SUBSCRIPTION}`)).toMatchObject({ status: 200 });
    expect(told(await send('DELETE', `/v1/${SUBSCRIPTION}`))).toBe(
      '404 NOT_FOUND Resource not found (resource=orders-main).',
    );
    expect(inventory()).toEqual(['topic orders']);
  });

  it('are for those who have a role', async () => {
    const asCaller = { caller: CALLER };
    await subscription();
    expect(told(await send('GET', `/v1/${SUBSCRIPTION}`, asCaller))).toMatch(/^403/);
    small.grant(CALLER.email, SUBSCRIPTION, 'roles/pubsub.viewer');
    expect(await send('GET', `/v1/${SUBSCRIPTION}`, asCaller)).toMatchObject({ status: 200 });
    expect(told(await send('DELETE', `/v1/${SUBSCRIPTION}`, asCaller))).toMatch(/^403/);
  });

  it('have policies', async () => {
    await subscription();
    expect(await send('GET', `/v1/${SUBSCRIPTION}:getIamPolicy`)).toMatchObject({ status: 200 });
    const policy = { bindings: [] };
    for (const name of [SUBSCRIPTION, TOPIC]) {
      expect(await send('POST', `/v1/${name}:setIamPolicy`, { body: { policy } })).toMatchObject({
        status: 200,
      });
    }
    const wrong = await send('POST', `/v1/${SUBSCRIPTION}:setIamPolicy`, {
      body: { bindings: [] },
    });
    expect(told(wrong)).toContain('Unknown name "bindings"');
    expect(told(await send('GET', `/v1/${SUBSCRIPTION}2:getIamPolicy`))).toMatch(/^404/);
  });
});
