import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPubSub, type PubSubFake } from '../../fakes/gcp/pubsub/index.ts';
import {
  makeWorld,
  NUMBER,
  PROJECT,
  sender,
  told,
  type Send,
  type SmallWorld,
} from './small-world.ts';

const TOPIC = `projects/${PROJECT}/topics/orders`;
const DEAD = `projects/${PROJECT}/topics/dead`;
const SUBSCRIPTION = `projects/${PROJECT}/subscriptions/orders-main`;
const GRAVE = `projects/${PROJECT}/subscriptions/dead`;
const AGENT = `service-${NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com`;

interface Pulled {
  readonly ackId: string;
  readonly deliveryAttempt?: number;
  readonly message: { readonly data: string; readonly messageId: string };
}

let small: SmallWorld;
let fake: PubSubFake;
let send: Send;

beforeEach(async () => {
  small = await makeWorld();
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

const subscribe = (body: object = {}) =>
  send('PUT', `/v1/${SUBSCRIPTION}`, { body: { topic: TOPIC, ...body } });
const publish = (...texts: readonly string[]) =>
  fake.publish(
    TOPIC,
    texts.map((text) => ({ data: Buffer.from(text) })),
  );
const act = (verb: string, body: object) => send('POST', `/v1/${SUBSCRIPTION}:${verb}`, { body });

async function pull(maxMessages = 10): Promise<readonly Pulled[]> {
  const { body } = await act('pull', { maxMessages });
  return JSON.parse(JSON.stringify(body)).receivedMessages ?? [];
}

function textsOf(pulled: readonly Pulled[]): readonly string[] {
  return pulled.map(({ message }) => Buffer.from(message.data, 'base64').toString());
}

describe('pulling', () => {
  it('gives what was published since the subscription was there, until it is acknowledged', async () => {
    publish('before');
    await subscribe();
    publish('a', 'b', 'c');
    const first = await pull(2);
    expect(textsOf(first)).toEqual(['a', 'b']);
    expect(first[0]).not.toHaveProperty('deliveryAttempt');
    expect(textsOf(await pull())).toEqual(['c']);
    await act('acknowledge', { ackIds: first.map(({ ackId }) => ackId) });
    await small.advance(11_000);
    expect(textsOf(await pull())).toEqual(['c']);
  });

  it('gives again what was not acknowledged in time', async () => {
    await subscribe({ ackDeadlineSeconds: 30 });
    publish('a');
    const [first] = await pull();
    await small.advance(29_000);
    expect(await pull()).toEqual([]);
    await act('modifyAckDeadline', { ackIds: [first?.ackId], ackDeadlineSeconds: 60 });
    await small.advance(59_000);
    expect(await pull()).toEqual([]);
    await small.advance(1_200);
    const [second] = await pull();
    expect(second?.message.messageId).toBe(first?.message.messageId);
    await act('acknowledge', { ackIds: [first?.ackId] });
    await act('modifyAckDeadline', { ackIds: [second?.ackId] });
    await small.advance(200);
    expect(await pull()).toHaveLength(1);
  });

  it('gives up what was refused too often', async () => {
    await send('PUT', `/v1/${GRAVE}`, { body: { topic: DEAD } });
    await subscribe({ deadLetterPolicy: { deadLetterTopic: DEAD, maxDeliveryAttempts: 5 } });
    small.grant(AGENT, DEAD, 'roles/pubsub.publisher');
    small.grant(AGENT, SUBSCRIPTION, 'roles/pubsub.subscriber');
    publish('poison');
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const [only] = await pull();
      expect(only?.deliveryAttempt).toBe(attempt);
      await act('modifyAckDeadline', { ackIds: [only?.ackId], ackDeadlineSeconds: 0 });
      await small.advance(100);
    }
    expect(await pull()).toEqual([]);
    const [dead] = fake.peek(GRAVE);
    expect(dead?.data.toString()).toBe('poison');
    expect(dead?.attributes).toMatchObject({
      CloudPubSubDeadLetterSourceDeliveryCount: '5',
      CloudPubSubDeadLetterSourceSubscription: 'orders-main',
      CloudPubSubDeadLetterSourceSubscriptionProject: PROJECT,
    });
  });

  it('refuses what makes no sense', async () => {
    await subscribe();
    expect(told(await act('pull', {}))).toMatch(/max_messages is too small/);
    expect(told(await act('acknowledge', {}))).toMatch(/No ack ids specified/);
    expect(told(await act('modifyAckDeadline', { ackIds: ['x'], ackDeadlineSeconds: 601 }))).toBe(
      '400 INVALID_ARGUMENT Invalid ack deadline given (ack_deadline=601). The ack deadline must be between 0 and 600 seconds.',
    );
    expect(await act('acknowledge', { ackIds: ['never given'] })).toMatchObject({ status: 200 });
    await act('modifyPushConfig', { pushConfig: { pushEndpoint: 'https://main.test/' } });
    expect(told(await act('pull', { maxMessages: 1 }))).toBe(
      '400 FAILED_PRECONDITION This method is not supported for this subscription type.',
    );
  });

  it('forgets what is too old', async () => {
    await subscribe({ messageRetentionDuration: '600s' });
    publish('old');
    await small.advance(599_000);
    publish('young');
    expect(fake.peek(SUBSCRIPTION)).toHaveLength(2);
    await small.advance(2_000);
    expect(fake.drain(SUBSCRIPTION).map(({ data }) => data.toString())).toEqual(['young']);
    expect(fake.peek(SUBSCRIPTION)).toEqual([]);
  });

  it('holds nothing where there is no subscription', () => {
    expect(fake.peek(GRAVE)).toEqual([]);
    expect(fake.drain(GRAVE)).toEqual([]);
  });
});
