import assert from 'node:assert/strict';
import type { StreamRecord } from '../../function/events.ts';
import type { StreamEvent } from '../../spec/types.ts';
import { casesOf, type ContractCase } from '../case.ts';
import { only, type ContractContext } from '../context.ts';

const stream = casesOf('stream');
const RETRY = { maxAttempts: 5, backoff: 'fixed', delaySeconds: 1, jitter: false } as const;

async function bound(t: ContractContext, change: Partial<StreamEvent> = {}): Promise<void> {
  await t.deployed({
    events: [{ type: 'stream', stream: t.name('s'), create: true, retry: RETRY, ...change }],
  });
}

async function put(
  t: ContractContext,
  partitionKey: string,
  data: readonly number[],
): Promise<void> {
  await t.subject.emit({
    kind: 'stream',
    stream: t.name('s'),
    records: data.map((item) => ({ partitionKey, data: item })),
  });
}

function records(t: ContractContext): readonly StreamRecord[] {
  return t.reports('stream').flatMap(({ event }) => event.records);
}

/** What a key's records held, in the order of arrival; a repeated record is counted once. */
function inOrder(t: ContractContext, partitionKey: string): readonly unknown[] {
  const seen = new Map(
    records(t)
      .filter((record) => record.partitionKey === partitionKey)
      .map(({ sequenceNumber, data }) => [sequenceNumber, data]),
  );
  return [...seen.values()];
}

/** Streams. */
export const STREAM_CASES: readonly ContractCase[] = [
  stream('normal-form', 'Records arrive in the normal form', ['event.stream'], async (t) => {
    await bound(t);
    await t.subject.emit({
      kind: 'stream',
      stream: t.name('s'),
      records: [{ partitionKey: 'key', data: { a: 'grün' } }],
    });
    await t.until('the record is delivered', () => records(t).length > 0);
    const { event } = only(t.reports('stream'), 'delivery');
    assert.equal(event.source, t.name('s'));
    assert.ok(event.shard.length > 0);
    const record = only(event.records, 'record');
    assert.equal(record.partitionKey, 'key');
    assert.deepEqual(record.data, { a: 'grün' });
    assert.ok(record.sequenceNumber.length > 0);
    assert.ok(!Number.isNaN(Date.parse(record.time)));
  }),
  stream('order', 'The records of a key arrive in order', ['event.stream'], async (t) => {
    await bound(t, { batchSize: 4 });
    const values = Array.from({ length: 10 }, (_, index) => index);
    await put(t, 'a', values);
    await put(t, 'b', values);
    await t.until('all are delivered', () => records(t).length >= 20);
    assert.deepEqual(inOrder(t, 'a'), values);
    assert.deepEqual(inOrder(t, 'b'), values);
    assert.ok(t.reports('stream').every(({ event }) => event.records.length <= 4));
  }),
  stream(
    'blocked',
    'A record that fails holds back those behind it',
    ['event.stream'],
    async (t) => {
      await bound(t, { batchSize: 1 });
      t.script('stream', [{ fail: true }, { fail: true }]);
      await put(t, 'a', [1, 2]);
      await t.until('all are delivered', () => inOrder(t, 'a').length > 1);
      assert.deepEqual(
        records(t).map(({ data }) => data),
        [1, 1, 1, 2],
      );
    },
  ),
  stream(
    'partial',
    'The handler can say from which record to go on',
    ['event.stream'],
    async (t) => {
      await bound(t, { batchSize: 10, batchWindowSeconds: 1 });
      t.script('stream', [{ retryFrom: 1 }]);
      await put(t, 'a', [1, 2, 3]);
      await t.until('the rest is delivered again', () => records(t).length > 3);
      const first = t.reports('stream')[0]?.event.records.map(({ data }) => data) ?? [];
      const second = t.reports('stream')[1]?.event.records.map(({ data }) => data) ?? [];
      assert.equal(second[0], first[1], 'it goes on where the handler said');
      assert.equal(new Set(inOrder(t, 'a')).size, 3);
    },
  ),
  stream(
    'given-up',
    'A record that fails for good goes to the dead-letter queue, and the stream goes on',
    ['event.stream', 'event.stream.deadLetter'],
    async (t) => {
      await bound(t, {
        batchSize: 1,
        retry: { ...RETRY, maxAttempts: 2 },
        deadLetter: t.name('dead'),
      });
      t.script('stream', [{ fail: true }, { fail: true }]);
      await put(t, 'a', [1, 2]);
      await t.until('the second is delivered', () => inOrder(t, 'a').length > 1);
      assert.deepEqual(
        records(t).map(({ data }) => data),
        [1, 1, 2],
      );
      assert.equal((await t.subject.deadLetters(t.name('dead'))).length, 1);
    },
  ),
  stream(
    'position-kept',
    'A deploy neither repeats nor skips records',
    ['event.stream'],
    async (t) => {
      const events = [{ type: 'stream', stream: t.name('s'), create: true } as const];
      await t.deployed({ events });
      await put(t, 'a', [1, 2]);
      await t.until('the first are delivered', () => records(t).length === 2);
      await t.deployed({ variant: 'two', events });
      await put(t, 'a', [3]);
      await t.until('the third is delivered', () => records(t).length > 2);
      assert.deepEqual(
        records(t).map(({ data }) => data),
        [1, 2, 3],
      );
    },
  ),
];
