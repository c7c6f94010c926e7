import assert from 'node:assert/strict';
import type { ObjectEventSpec } from '../../spec/types.ts';
import { casesOf, type ContractCase } from '../case.ts';
import { only, type ContractContext } from '../context.ts';

const bucket = casesOf('object');

async function bound(t: ContractContext, change: Partial<ObjectEventSpec> = {}): Promise<void> {
  await t.deployed({ events: [{ type: 'object', bucket: t.name('b'), create: true, ...change }] });
}

function put(t: ContractContext, key: string, body = 'x', contentType?: string): Promise<void> {
  return t.subject.emit({
    kind: 'object',
    bucket: t.name('b'),
    key,
    body,
    ...(contentType === undefined ? {} : { contentType }),
  });
}

function keys(t: ContractContext): readonly string[] {
  return t.reports('object').map(({ event }) => `${event.type} ${event.key}`);
}

/** Objects in buckets. */
export const OBJECT_CASES: readonly ContractCase[] = [
  bucket(
    'normal-form',
    'A new object arrives in the normal form, its key decoded',
    ['event.object'],
    async (t) => {
      await bound(t);
      const key = 'pictures/größe 1+2&3.png';
      await put(t, key, 'grün', 'image/png');
      await t.until('the event is delivered', () => t.reports('object').length > 0);
      const { event } = only(t.reports('object'), 'delivery');
      assert.equal(event.source, t.name('b'));
      assert.equal(event.type, 'created');
      assert.equal(event.key, key);
      assert.equal(event.sizeBytes, 5);
      assert.ok(event.contentType === undefined || event.contentType === 'image/png');
      assert.ok(event.id.length > 0);
      assert.ok(!Number.isNaN(Date.parse(event.time)));
    },
  ),
  bucket(
    'created-only',
    'Deletions are not delivered unless asked for',
    ['event.object'],
    async (t) => {
      await bound(t);
      await put(t, 'a');
      await t.subject.emit({ kind: 'object', bucket: t.name('b'), key: 'a' });
      await put(t, 'b');
      await t.until('both creations are delivered', () => keys(t).length > 1);
      await t.subject.clock.advance(2000);
      await t.subject.settle();
      assert.deepEqual(keys(t).toSorted(), ['created a', 'created b']);
    },
  ),
  bucket('deleted', 'Deletions are delivered when asked for', ['event.object'], async (t) => {
    await bound(t, { on: ['deleted'] });
    await put(t, 'a', 'some bytes');
    await t.subject.emit({ kind: 'object', bucket: t.name('b'), key: 'a' });
    await t.until('the deletion is delivered', () => keys(t).length > 0);
    const { event } = only(t.reports('object'), 'delivery');
    assert.equal(event.type, 'deleted');
    assert.equal(event.sizeBytes, 0);
  }),
  bucket(
    'filter',
    'Only keys with the prefix and the suffix are delivered',
    ['event.object', 'event.object.filter'],
    async (t) => {
      await bound(t, { prefix: 'in/', suffix: '.png' });
      for (const key of ['out/a.png', 'in/a.jpg', 'in', '.png', 'in/a.png', 'in/deep/b.png'])
        await put(t, key);
      await t.until('what fits is delivered', () => keys(t).length > 1);
      await t.subject.clock.advance(2000);
      await t.subject.settle();
      assert.deepEqual(keys(t).toSorted(), ['created in/a.png', 'created in/deep/b.png']);
    },
  ),
  bucket(
    'overwritten',
    'An object that is written again is delivered again',
    ['event.object'],
    async (t) => {
      await bound(t);
      await put(t, 'a', 'one');
      await t.until('the first is delivered', () => keys(t).length === 1);
      await put(t, 'a', 'longer');
      await t.until('the second is delivered', () => keys(t).length === 2);
      assert.deepEqual(
        t.reports('object').map(({ event }) => event.sizeBytes),
        [3, 6],
      );
      assert.notEqual(t.reports('object')[0]?.event.id, t.reports('object')[1]?.event.id);
    },
  ),
  bucket('retried', 'A failed delivery is repeated', ['event.object'], async (t) => {
    await bound(t, { retry: { maxAttempts: 3, backoff: 'fixed', delaySeconds: 1, jitter: false } });
    t.script('object', [{ fail: true }]);
    await put(t, 'a');
    await t.until('it is delivered again', () => keys(t).length > 1);
    assert.deepEqual(
      t.reports('object').map(({ attempt }) => attempt),
      [1, 2],
    );
  }),
  bucket(
    'dead-letter',
    'An event that fails for good ends in the dead-letter queue',
    ['event.object', 'event.object.deadLetter'],
    async (t) => {
      await bound(t, {
        retry: { maxAttempts: 2, backoff: 'fixed', delaySeconds: 1, jitter: false },
        deadLetter: t.name('dead'),
      });
      t.script('object', [{ fail: true }, { fail: true }]);
      await put(t, 'a');
      await t.until(
        'the event is given up',
        async () => (await t.subject.deadLetters(t.name('dead'))).length > 0,
      );
      await t.subject.clock.advance(60_000);
      await t.subject.settle();
      only(await t.subject.deadLetters(t.name('dead')), 'dead letter');
      assert.equal(keys(t).length, 2);
    },
  ),
];
