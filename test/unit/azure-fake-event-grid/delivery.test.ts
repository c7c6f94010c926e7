import { describe, expect, it } from 'vitest';
import { mapOf } from '../../fakes/azure/core/json.ts';
import { ACCOUNT, SYSTEM_TOPIC, TOPIC, cloudEvent, toQueue, useScene } from './scene.ts';

const scene = useScene();
const OF_TOPIC = `${TOPIC}/eventSubscriptions/mine`;
const OF_SYSTEM = `${SYSTEM_TOPIC}/eventSubscriptions/mine`;
const UNDELIVERED = {
  endpointType: 'StorageBlob',
  properties: { resourceId: ACCOUNT, blobContainerName: 'undelivered' },
};
const MINUTE = 60_000;

describe('events of blobs', () => {
  it('come as CloudEvents, with the name as it is', async () => {
    const { world, done, settle, messages } = scene();
    await scene().storage();
    await scene().systemTopic();
    await done(
      'PUT',
      OF_SYSTEM,
      toQueue({
        filter: {
          includedEventTypes: ['Microsoft.Storage.BlobCreated', 'Microsoft.Storage.BlobDeleted'],
          subjectBeginsWith: '/blobServices/default/containers/pictures/blobs/a b/',
          subjectEndsWith: '.png',
          isSubjectCaseSensitive: true,
        },
      }),
    );
    world.blobs.put('shopdata', 'pictures', 'a b/ü+1.png', Buffer.from('12345'), 'image/png');
    world.blobs.put('shopdata', 'pictures', 'a b/2.PNG', Buffer.from('1'), 'image/png');
    world.blobs.put('shopdata', 'undelivered', 'a b/3.png', Buffer.from('1'), 'image/png');
    world.blobs.delete('shopdata', 'pictures', 'a b/ü+1.png');
    await settle();
    const [created, deleted, ...more] = messages();
    expect(more).toEqual([]);
    expect(created).toEqual({
      specversion: '1.0',
      id: expect.any(String),
      source: ACCOUNT,
      type: 'Microsoft.Storage.BlobCreated',
      subject: '/blobServices/default/containers/pictures/blobs/a b/ü+1.png',
      time: expect.stringMatching(/^2026-11-21T09:\d\d:\d\d\.\d{7}Z$/),
      data: {
        api: 'PutBlob',
        clientRequestId: expect.any(String),
        requestId: expect.any(String),
        eTag: expect.stringMatching(/^0x[0-9A-F]+$/),
        contentType: 'image/png',
        contentLength: 5,
        blobType: 'BlockBlob',
        url: expect.stringContaining('/shopdata/pictures/a%20b/%C3%BC%2B1.png'),
        sequencer: expect.stringMatching(/^[0-9a-f]{48}$/),
        storageDiagnostics: { batchId: expect.any(String) },
      },
    });
    expect(deleted).toMatchObject({
      type: 'Microsoft.Storage.BlobDeleted',
      subject: created?.['subject'],
      data: { api: 'DeleteBlob' },
    });
    const sequencer = (event: unknown): string => String(mapOf(mapOf(event)['data'])['sequencer']);
    expect(sequencer(deleted) > sequencer(created)).toBe(true);
  });

  it('come in the schema of Event Grid where that was asked for', async () => {
    const { world, done, settle, messages } = scene();
    await scene().storage();
    await scene().systemTopic();
    await done('PUT', OF_SYSTEM, toQueue({ eventDeliverySchema: 'EventGridSchema' }));
    world.blobs.put('shopdata', 'pictures', 'x', Buffer.from('1'));
    await settle();
    expect(messages()).toEqual([
      expect.objectContaining({
        topic: ACCOUNT,
        eventType: 'Microsoft.Storage.BlobCreated',
        dataVersion: '',
        metadataVersion: '1',
      }),
    ]);
  });

  it('come only while the subscription is there', async () => {
    const { world, arm, done, advance, settle, messages } = scene();
    await scene().storage();
    await scene().systemTopic();
    const put = (name: string): void =>
      world.blobs.put('shopdata', 'pictures', name, Buffer.from('1'));
    put('before');
    await arm('PUT', OF_SYSTEM, toQueue());
    put('meanwhile');
    await advance(15_000);
    put('now');
    await settle();
    await done('DELETE', OF_SYSTEM);
    put('after');
    await settle();
    expect(messages().map(({ subject }) => String(subject).split('/').at(-1))).toEqual(['now']);
  });
});

describe('events of a topic', () => {
  it('go to each subscription that lets them through, as they came', async () => {
    const { world, done, settle, messages, eventGrid } = scene();
    await scene().storage();
    await scene().topic();
    const other = { resourceId: ACCOUNT, queueName: 'other' };
    await done('PUT', OF_TOPIC, toQueue());
    await done(
      'PUT',
      `${OF_TOPIC}-2`,
      toQueue({
        destination: { endpointType: 'StorageQueue', properties: other },
        filter: {
          advancedFilters: [
            { operatorType: 'NumberGreaterThan', key: 'data.total', value: 10 },
            { operatorType: 'StringIn', key: 'source', values: ['shop.orders'] },
          ],
        },
      }),
    );
    const large = cloudEvent({ id: 'e2', data: { total: 11 }, traceparent: '00-1-2-01' });
    world.eventGrid.publish(TOPIC, [cloudEvent(), large]);
    expect(eventGrid.busy()).toBe(true);
    await settle();
    expect(eventGrid.busy()).toBe(false);
    expect(messages()).toEqual([cloudEvent(), large]);
    expect(messages('other')).toEqual([large]);
  });

  it('become CloudEvents on the way where that was asked for', async () => {
    await scene().storage();
    await scene().topic('EventGridSchema');
    await scene().done('PUT', OF_TOPIC, toQueue());
    const event = {
      id: '1',
      subject: '/orders/1',
      eventType: 'placed',
      eventTime: '2026-11-21T09:00:00Z',
      dataVersion: '2',
      data: { a: 1 },
    };
    await scene().post(JSON.stringify([event]), scene().bearer());
    expect(scene().messages()).toEqual([
      {
        specversion: '1.0',
        id: '1',
        source: TOPIC,
        subject: '/orders/1',
        type: 'placed',
        time: '2026-11-21T09:00:00Z',
        dataversion: '2',
        data: { a: 1 },
      },
    ]);
  });

  it('end with the subscription', async () => {
    const { world, done, advance, messages } = scene();
    await scene().storage();
    await scene().topic();
    await done('PUT', OF_TOPIC, toQueue({ expirationTimeUtc: '2026-11-21T10:00:00Z' }));
    world.eventGrid.publish(TOPIC, [cloudEvent()]);
    await advance(120 * MINUTE);
    world.eventGrid.publish(TOPIC, [cloudEvent({ id: 'late' })]);
    await advance(0);
    expect(messages().map(({ id }) => id)).toEqual(['e1']);
  });
});

describe('an event that is not taken', () => {
  const QUEUE = `${ACCOUNT}/queueServices/default/queues/events`;

  it('is tried again, and arrives once it can', async () => {
    const { world, arm, done, advance, messages, eventGrid } = scene();
    await scene().storage();
    await scene().topic();
    await done('PUT', OF_TOPIC, toQueue());
    await arm('DELETE', QUEUE, undefined, '2025-01-01');
    world.eventGrid.publish(TOPIC, [cloudEvent()]);
    await advance(MINUTE);
    expect(eventGrid.busy()).toBe(false);
    world.queues.create('shopdata', 'events');
    await advance(4 * MINUTE - 1);
    expect(messages()).toEqual([]);
    await advance(1);
    expect(messages()).toEqual([cloudEvent()]);
  });

  it('is given up after its attempts, and written to a blob five minutes later', async () => {
    const { world, arm, done, advance } = scene();
    await scene().storage();
    await scene().topic();
    const retryPolicy = { maxDeliveryAttempts: 2, eventTimeToLiveInMinutes: 60 };
    await done('PUT', OF_TOPIC, toQueue({ retryPolicy, deadLetterDestination: UNDELIVERED }));
    await arm('DELETE', QUEUE, undefined, '2025-01-01');
    const blobs = blobsOf(scene().world);
    world.eventGrid.publish(TOPIC, [cloudEvent(), cloudEvent({ id: 'e2' })]);
    await advance(10 * MINUTE - 1);
    expect(blobs).toEqual([]);
    await advance(1);
    expect(blobs).toEqual([expect.stringMatching(/^MINE\/2026\/11\/21\/9\/[0-9a-f-]{36}\.json$/)]);
    const letters: unknown = JSON.parse(
      String(world.blobs.get('shopdata', 'undelivered', blobs[0] ?? '')),
    );
    expect(letters).toEqual(
      ['e1', 'e2'].map((id) => ({
        ...cloudEvent({ id }),
        deadletterreason: 'MaxDeliveryAttemptsExceeded',
        deliveryattempts: 2,
        lastdeliveryoutcome: 'NotFound',
        publishtime: expect.any(String),
        lastdeliveryattempttime: expect.any(String),
      })),
    );
  });

  it('is given up when it is too old', async () => {
    const { world, arm, done, advance } = scene();
    await scene().storage();
    await scene().topic();
    const retryPolicy = { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1 };
    await done('PUT', OF_TOPIC, toQueue({ retryPolicy, deadLetterDestination: UNDELIVERED }));
    await arm('DELETE', QUEUE, undefined, '2025-01-01');
    const blobs = blobsOf(world);
    world.eventGrid.publish(TOPIC, [cloudEvent()]);
    await advance(11 * MINUTE);
    const text = String(world.blobs.get('shopdata', 'undelivered', blobs[0] ?? ''));
    expect(JSON.parse(text)).toMatchObject([
      { deadletterreason: 'TimeToLiveExceeded', deliveryattempts: 1 },
    ]);
  });

  it('is given up at once when it is too large for a message', async () => {
    const { world, done, advance, messages } = scene();
    await scene().storage();
    await scene().topic();
    await done('PUT', OF_TOPIC, toQueue({ deadLetterDestination: UNDELIVERED }));
    const blobs = blobsOf(world);
    world.eventGrid.publish(TOPIC, [
      cloudEvent({ data: 'x'.repeat(49_200) }),
      cloudEvent({ id: 'fits', data: 'x'.repeat(48_900) }),
    ]);
    await advance(5 * MINUTE);
    expect(messages().map(({ id }) => id)).toEqual(['fits']);
    const text = String(world.blobs.get('shopdata', 'undelivered', blobs[0] ?? ''));
    expect(JSON.parse(text)).toMatchObject([
      { id: 'e1', deliveryattempts: 1, lastdeliveryoutcome: 'PayloadTooLarge' },
    ]);
  });

  it('is forgotten with its subscription', async () => {
    const { world, arm, done, advance, messages } = scene();
    await scene().storage();
    await scene().topic();
    await done('PUT', OF_TOPIC, toQueue());
    await arm('DELETE', QUEUE, undefined, '2025-01-01');
    world.eventGrid.publish(TOPIC, [cloudEvent()]);
    await advance(0);
    await done('DELETE', OF_TOPIC);
    world.queues.create('shopdata', 'events');
    await advance(60 * MINUTE);
    expect(messages()).toEqual([]);
  });
});

/** Names of the blobs that are written from now on to the container of dead letters. */
function blobsOf(world: ReturnType<typeof scene>['world']): readonly string[] {
  const names: string[] = [];
  world.blobs.onChange(({ container, name }) => {
    if (container === 'undelivered') names.push(name);
  });
  return names;
}
