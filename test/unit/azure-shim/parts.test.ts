import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cookieOf } from '../../../providers/azure/shim/cookies.ts';
import { queueDelaySeconds } from '../../../providers/azure/shim/delay.ts';
import { deadLetterOf } from 'polyfaas/function';
import { againOf, deliveryOf } from '../../../providers/azure/shim/message.ts';
import { busEvent } from '../../../providers/azure/shim/normal/bus.ts';
import { objectEvent } from '../../../providers/azure/shim/normal/object.ts';
import { streamRecords, tableRecords } from '../../../providers/azure/shim/normal/ordered.ts';

describe('a message of a storage queue', () => {
  it('is its data, whatever that looks like', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        const isMarked = typeof data === 'object' && data !== null && '$polyfaas' in data;
        fc.pre(!isMarked);
        const value: unknown = JSON.parse(JSON.stringify(data));
        const delivery = deliveryOf(value, { id: 'm1', dequeueCount: 2 });
        expect(delivery.data).toEqual(value);
        expect([delivery.id, delivery.attempt, delivery.attributes]).toEqual(['m1', 2, {}]);
      }),
    );
  });

  it('keeps its id, its time and what was in its envelope when it is sent again', () => {
    const first = deliveryOf(
      { $polyfaas: { attributes: { tenant: 'blue' }, group: 'g' }, data: { a: 1 } },
      { id: 'm1', dequeueCount: 1, insertionTime: '2026-01-01T00:00:00Z' },
    );
    const second = deliveryOf(JSON.parse(JSON.stringify(againOf(first))), {
      id: 'm2',
      dequeueCount: 1,
      insertionTime: '2026-01-01T00:05:00Z',
    });
    expect(second).toMatchObject({
      id: 'm1',
      data: { a: 1 },
      attempt: 2,
      attributes: { tenant: 'blue' },
      group: 'g',
      sentAt: '2026-01-01T00:00:00.000Z',
    });
  });

  it('counts what the host saw of each copy', () => {
    const copy = { $polyfaas: { id: 'm1', attempts: 3 }, data: 1 };
    expect(deliveryOf(copy, { id: 'm9', dequeueCount: 2 }).attempt).toBe(5);
  });

  it('may be an outcome on its way to a destination', () => {
    const waiting = (outcome: string) => deliveryOf({ $polyfaas: { outcome }, data: 1 }, {}).head;
    expect(waiting('onFailure')).toEqual({ outcome: 'onFailure' });
    expect(waiting('elsewhere')).toEqual({});
  });

  it('becomes a dead letter as it was sent: with an envelope only where there were attributes', () => {
    const plain = deliveryOf({ a: 1 }, { id: 'm1', dequeueCount: 3 });
    expect(deadLetterOf(plain)).toEqual({ a: 1 });
    const marked = deliveryOf({ $polyfaas: { attributes: { a: 'b' }, attempts: 2 }, data: 7 }, {});
    expect(deadLetterOf(marked)).toMatchObject({ $polyfaas: { attributes: { a: 'b' } }, data: 7 });
    expect(JSON.stringify(deadLetterOf(marked))).not.toContain('attempts');
  });
});

describe('the bytes of a message', () => {
  it('are read as the text that they are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        const isMarked = typeof data === 'object' && data !== null && '$polyfaas' in data;
        fc.pre(!isMarked);
        const text = JSON.stringify(data);
        const bytes = Buffer.from(text);
        const value: unknown = JSON.parse(text);
        expect(deliveryOf(bytes, {}).data).toEqual(value);
        expect(deliveryOf(Uint8Array.from(bytes), {}).data).toEqual(value);
      }),
    );
    expect(deliveryOf(Buffer.from('Grüße'), {}).data).toBe('Grüße');
    expect(deliveryOf(Buffer.from(''), {}).data).toBe('');
  });

  it('may be an envelope', () => {
    const bytes = Buffer.from('{"$polyfaas":{"id":"m1","attempts":3},"data":{"id":"own"}}');
    const delivery = deliveryOf(bytes, { id: 'm9', dequeueCount: 2 });
    expect(delivery).toMatchObject({ id: 'm1', attempt: 5, data: { id: 'own' } });
  });
});

describe('the delay before another delivery', () => {
  const policy = {
    backoff: 'exponential',
    delaySeconds: 2,
    maxDelaySeconds: 60,
    jitter: false,
  } as const;

  it.each([
    [1, 2],
    [2, 4],
    [3, 8],
    [9, 60],
  ])('after failure %d is %d s', (failed, seconds) => {
    expect(queueDelaySeconds(policy, failed, 0.5)).toBe(seconds);
  });

  it('is never longer than allowed, with jitter never negative', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.integer({ min: 0, max: 43_200 }),
        (failed, random, maxDelaySeconds) => {
          const delay = queueDelaySeconds(
            { ...policy, jitter: true, maxDelaySeconds },
            failed,
            random,
          );
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(maxDelaySeconds);
        },
      ),
    );
  });
});

describe('events of Event Grid', () => {
  const blob = {
    specversion: '1.0',
    id: 'e1',
    source: '/subscriptions/x',
    type: 'Microsoft.Storage.BlobCreated',
    time: '2026-01-01T00:00:00Z',
    subject: '/blobServices/default/containers/in/blobs/pictures/größe 1+2&3.png',
    data: { contentLength: 5, contentType: 'image/png', eTag: '0x1' },
  };

  it('are objects in the normal form', () => {
    expect(objectEvent(blob, 'in')).toEqual({
      id: 'e1',
      source: 'in',
      type: 'created',
      time: '2026-01-01T00:00:00.000Z',
      key: 'pictures/größe 1+2&3.png',
      sizeBytes: 5,
      etag: '0x1',
      contentType: 'image/png',
    });
    const deleted = { ...blob, type: 'Microsoft.Storage.BlobDeleted' };
    expect(objectEvent(deleted, 'in')).toMatchObject({ type: 'deleted', sizeBytes: 0 });
    expect(
      objectEvent({ ...blob, type: 'Microsoft.Storage.BlobTierChanged' }, 'in'),
    ).toBeUndefined();
  });

  it('are bus events in the normal form, from either schema', () => {
    const cloud = { specversion: '1.0', id: 'e', source: 's', type: 't', data: { a: 1 } };
    expect(busEvent(cloud, 'main')).toMatchObject({ source: 's', type: 't', data: { a: 1 } });
    const own = { id: 'e', topic: 's', eventType: 't', eventTime: '2026-01-01T00:00:00Z', data: 1 };
    expect(busEvent(own, 'main')).toMatchObject({ source: 's', type: 't', bus: 'main', data: 1 });
  });
});

describe('records', () => {
  it('of Event Hubs come with what stands beside them', () => {
    const metadata = {
      sequenceNumberArray: [7, 8],
      partitionKeyArray: ['a', 'b'],
      enqueuedTimeUtcArray: ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'],
      partitionContext: { partitionId: '3' },
    };
    expect(streamRecords([{ x: 1 }, 'two'], metadata)).toEqual({
      shard: '3',
      records: [
        {
          sequenceNumber: '7',
          partitionKey: 'a',
          time: '2026-01-01T00:00:00.000Z',
          data: { x: 1 },
        },
        { sequenceNumber: '8', partitionKey: 'b', time: '2026-01-01T00:00:01.000Z', data: 'two' },
      ],
    });
  });

  it('of Event Hubs are read each from its own properties: lists may be shorter, or hold halves of numbers', () => {
    const metadata = {
      sequenceNumberArray: [{ low: 7, high: 0, unsigned: false }],
      partitionKeyArray: ['b'],
      enqueuedTimeUtcArray: [],
      systemPropertiesArray: [
        { sequenceNumber: 7, partitionKey: null, enqueuedTimeUtc: '2026-01-01T00:00:00.5' },
        { SequenceNumber: 8, PartitionKey: 'b', EnqueuedTimeUtc: '2026-01-01T00:00:01' },
      ],
    };
    const bodies = [Buffer.from(''), Buffer.from('{"x":1}')];
    expect(streamRecords(bodies, metadata).records).toEqual([
      { sequenceNumber: '7', partitionKey: '', time: '2026-01-01T00:00:00.500Z', data: '' },
      { sequenceNumber: '8', partitionKey: 'b', time: '2026-01-01T00:00:01.000Z', data: { x: 1 } },
    ]);
  });

  it('of Event Hubs without properties take whole lists alone', () => {
    const metadata = {
      sequenceNumberArray: [
        { low: -1, high: 0, unsigned: false },
        { low: 1, high: 2, unsigned: false },
      ],
      // One of the two has no key, and nobody knows which.
      partitionKeyArray: ['b'],
      enqueuedTimeUtcArray: ['2026-01-01T00:00:00', '2026-01-01T00:00:01'],
    };
    expect(streamRecords([1, 2], metadata).records).toEqual([
      { sequenceNumber: '4294967295', partitionKey: '', time: '2026-01-01T00:00:00.000Z', data: 1 },
      { sequenceNumber: '8589934593', partitionKey: '', time: '2026-01-01T00:00:01.000Z', data: 2 },
    ]);
  });

  it('of a change feed hold the row without what Cosmos DB adds', () => {
    const [record] = tableRecords([{ id: 'a', count: 1, _ts: 1_767_225_600, _lsn: 9, _etag: 'x' }]);
    expect(record).toEqual({
      sequenceNumber: '9-a',
      type: 'modify',
      time: '2026-01-01T00:00:00.000Z',
      key: { id: 'a' },
      newImage: { id: 'a', count: 1 },
    });
  });
});

describe('cookies', () => {
  it.each([
    [
      'a=1; Path=/; HttpOnly; Secure; SameSite=Lax',
      { name: 'a', value: '1', path: '/', httpOnly: true, secure: true, sameSite: 'Lax' },
    ],
    [
      'b=x%20y; Max-Age=60; Domain=a.example',
      { name: 'b', value: 'x y', maxAge: 60, domain: 'a.example' },
    ],
    ['c="q=1"', { name: 'c', value: '"q=1"' }],
    ['d=50%', { name: 'd', value: '50%' }],
  ])('%s is taken apart', (header, cookie) => {
    expect(cookieOf(header)).toEqual(cookie);
  });

  it('without a name is none', () => {
    expect(cookieOf('=1')).toBeUndefined();
    expect(cookieOf('nonsense')).toBeUndefined();
  });
});
