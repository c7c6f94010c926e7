import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPubSub, type PubSubFake } from '../../fakes/gcp/pubsub/index.ts';
import { createStorage, type StorageFake } from '../../fakes/gcp/storage/index.ts';
import {
  makeWorld,
  NUMBER,
  PROJECT,
  sender,
  type Send,
  type SmallWorld,
} from '../gcp-fake-pubsub/small-world.ts';

const AGENT = `service-${NUMBER}@gs-project-accounts.iam.gserviceaccount.com`;
const TOPIC = `projects/${PROJECT}/topics/files`;
const SUBSCRIPTION = `projects/${PROJECT}/subscriptions/files`;
const CONFIGS = '/storage/v1/b/shop-files/notificationConfigs';
const PUBLISHER = 'roles/pubsub.publisher';

let small: SmallWorld;
let pubsub: PubSubFake;
let storage: StorageFake;
let send: Send;

beforeEach(async () => {
  small = await makeWorld();
  pubsub = createPubSub(small.world);
  storage = createStorage(small.world);
  small.use({ pubsub, storage });
  send = sender('storage', storage.services);
  pubsub.createTopic(TOPIC);
  await sender('pubsub', pubsub.services)('PUT', `/v1/${SUBSCRIPTION}`, { body: { topic: TOPIC } });
  await send('POST', '/storage/v1/b', {
    body: { name: 'shop-files' },
    query: { project: PROJECT },
  });
});

afterEach(async () => {
  await storage.stop();
  await pubsub.stop();
  await small.stop();
});

const notify = (body: object = {}) =>
  send('POST', CONFIGS, {
    body: {
      topic: `//pubsub.googleapis.com/${TOPIC}`,
      payload_format: 'JSON_API_V1',
      ...body,
    },
  });
const messageOf = ({ body }: { readonly body: unknown }): string =>
  JSON.parse(JSON.stringify(body)).error.message;
const put = (name: string, text: string) =>
  storage.put('shop-files', name, Buffer.from(text), 'text/plain');
const events = () =>
  pubsub
    .drain(SUBSCRIPTION)
    .map(({ attributes = {} }) => `${attributes['eventType']} ${attributes['objectId']}`);

describe('notifications', () => {
  it('take a topic that Cloud Storage may publish to', async () => {
    const why = `Cloud Pub/Sub topic '//pubsub.googleapis.com/${TOPIC}' not found, or user '${AGENT}' does not have permission to it.`;
    expect(await notify()).toMatchObject({ status: 400 });
    expect(messageOf(await notify())).toBe(why);
    small.grant(AGENT, TOPIC, PUBLISHER);
    const gone = `//pubsub.googleapis.com/projects/${PROJECT}/topics/gone`;
    expect(messageOf(await notify({ topic: gone }))).toContain('topics/gone');
    expect(await notify()).toMatchObject({ status: 200, body: { id: '1' } });
  });

  describe('with the grant', () => {
    beforeEach(() => small.grant(AGENT, TOPIC, PUBLISHER));

    it('are made, read, listed and deleted', async () => {
      const wish = {
        event_types: ['OBJECT_FINALIZE'],
        object_name_prefix: 'in/',
        custom_attributes: { binding: 'b' },
      };
      await notify(wish);
      await notify(wish);
      expect((await send('GET', `${CONFIGS}/2`)).body).toMatchObject({
        kind: 'storage#notification',
        id: '2',
        topic: `//pubsub.googleapis.com/${TOPIC}`,
        payload_format: 'JSON_API_V1',
        ...wish,
      });
      expect((await send('GET', CONFIGS)).body).toMatchObject({
        items: [{ id: '1' }, { id: '2' }],
      });
      expect(storage.services[0]?.inventory()).toEqual([
        'bucket shop-files',
        'bucket shop-files notification 1',
        'bucket shop-files notification 2',
      ]);
      expect(await send('DELETE', `${CONFIGS}/1`)).toMatchObject({ status: 204 });
      expect(await send('DELETE', `${CONFIGS}/1`)).toMatchObject({ status: 404 });
      expect(await notify(wish)).toMatchObject({ body: { id: '3' } });
    });

    it.each([
      [{ topic: TOPIC }, /Invalid Google Cloud Pub\/Sub topic. It should look like/],
      [{ topic: undefined }, /Required parameter: topic/],
      [{ payload_format: undefined }, /Required parameter: payload_format/],
      [{ payload_format: 'XML' }, /Invalid payload format/],
      [{ event_types: ['OBJECT_MADE'] }, /Invalid event type: 'OBJECT_MADE'/],
      [{ eventTypes: ['OBJECT_FINALIZE'] }, /Unknown name "eventTypes"/],
    ])('refuse %j', async (body, why) => {
      const wish = JSON.parse(JSON.stringify({ payload_format: 'NONE', ...body }));
      const all = { topic: `//pubsub.googleapis.com/${TOPIC}`, ...wish };
      if ('topic' in body && body.topic === undefined) delete all.topic;
      if ('payload_format' in body && body.payload_format === undefined) delete all.payload_format;
      expect(messageOf(await send('POST', CONFIGS, { body: all }))).toMatch(why);
    });

    it('are at most ten for an event type', async () => {
      for (let index = 0; index < 10; index += 1) await notify({ event_types: ['OBJECT_DELETE'] });
      expect(await notify({ event_types: ['OBJECT_DELETE'] })).toMatchObject({ status: 400 });
      expect(await notify({})).toMatchObject({ status: 400 });
      expect(await notify({ event_types: ['OBJECT_FINALIZE'] })).toMatchObject({ status: 200 });
    });

    it('tell of a new object', async () => {
      await notify({ custom_attributes: { binding: 'b' } });
      put('in/größe.txt', 'grün');
      const [message] = pubsub.drain(SUBSCRIPTION);
      const data = JSON.parse(message?.data.toString() ?? '');
      expect(data).toMatchObject({
        kind: 'storage#object',
        name: 'in/größe.txt',
        bucket: 'shop-files',
        contentType: 'text/plain',
        size: '5',
        timeCreated: '2026-01-01T00:00:00.000Z',
      });
      expect(message?.attributes).toEqual({
        binding: 'b',
        notificationConfig: 'projects/_/buckets/shop-files/notificationConfigs/1',
        eventType: 'OBJECT_FINALIZE',
        payloadFormat: 'JSON_API_V1',
        bucketId: 'shop-files',
        objectId: 'in/größe.txt',
        objectGeneration: data.generation,
        eventTime: '2026-01-01T00:00:00.000000Z',
      });
    });

    it('tell of what was overwritten, and of what was deleted', async () => {
      await notify();
      put('a', 'one');
      put('a', 'longer');
      storage.delete('shop-files', 'a');
      const told = pubsub.drain(SUBSCRIPTION).map(({ attributes = {} }) => attributes);
      expect(told.map(({ eventType }) => eventType)).toEqual([
        'OBJECT_FINALIZE',
        'OBJECT_FINALIZE',
        'OBJECT_DELETE',
        'OBJECT_DELETE',
      ]);
      const [first, second, overwritten, deleted] = told;
      expect(second?.['overwroteGeneration']).toBe(first?.['objectGeneration']);
      expect(overwritten?.['objectGeneration']).toBe(first?.['objectGeneration']);
      expect(overwritten?.['overwrittenByGeneration']).toBe(second?.['objectGeneration']);
      expect(deleted).not.toHaveProperty('overwrittenByGeneration');
    });

    it('leave out other types and other names', async () => {
      await notify({ event_types: ['OBJECT_DELETE'], object_name_prefix: 'in/' });
      put('in/a', 'x');
      put('out/a', 'x');
      storage.delete('shop-files', 'out/a');
      storage.delete('shop-files', 'in/a');
      expect(events()).toEqual(['OBJECT_DELETE in/a']);
    });

    it('are lost without the grant or the topic', async () => {
      await notify();
      small.revoke(AGENT, TOPIC, PUBLISHER);
      put('a', 'x');
      expect(events()).toEqual([]);
      small.grant(AGENT, TOPIC, PUBLISHER);
      pubsub.deleteTopic(TOPIC);
      put('b', 'x');
      expect(events()).toEqual([]);
    });
  });
});
