import assert from 'node:assert/strict';
import type { TableRecord } from '../../function/events.ts';
import type { JsonObject } from '../../function/json.types.ts';
import type { TableEvent } from '../../spec/types.ts';
import { casesOf, type ContractCase } from '../case.ts';
import { only, type ContractContext } from '../context.ts';

const table = casesOf('table');
const HISTORY = ['event.table', 'event.table.history'] as const;
const ORDER = [...HISTORY, 'event.table.order'] as const;
const RETRY = { maxAttempts: 5, backoff: 'fixed', delaySeconds: 1, jitter: false } as const;

async function bound(t: ContractContext, change: Partial<TableEvent> = {}): Promise<void> {
  await t.deployed({
    events: [{ type: 'table', table: t.name('t'), create: true, retry: RETRY, ...change }],
  });
}

function write(t: ContractContext, id: string, item?: JsonObject): Promise<void> {
  return t.subject.emit({
    kind: 'table',
    table: t.name('t'),
    key: { id },
    ...(item === undefined ? {} : { item }),
  });
}

function records(t: ContractContext): readonly TableRecord[] {
  return t.reports('table').flatMap(({ event }) => event.records);
}

/** Whatever their order is, which is a capability of its own. */
function ofType(t: ContractContext, type: TableRecord['type']): readonly TableRecord[] {
  return records(t).filter((record) => record.type === type);
}

/** Tables. */
export const TABLE_CASES: readonly ContractCase[] = [
  table('normal-form', 'An insert arrives in the normal form', ['event.table'], async (t) => {
    await bound(t);
    await write(t, 'a', { name: 'grün', count: 1 });
    await t.until('the change is delivered', () => records(t).length > 0);
    assert.equal(only(t.reports('table'), 'delivery').event.source, t.name('t'));
    const record = only(records(t), 'record');
    // Where changes have no history, a new row looks like one that was changed.
    assert.equal(record.type, t.supports('event.table.history') ? 'insert' : 'modify');
    assert.deepEqual(record.key, { id: 'a' });
    assert.equal(record.newImage?.['name'], 'grün');
    assert.equal(record.newImage?.['count'], 1);
    assert.equal(record.oldImage, undefined);
    assert.ok(record.sequenceNumber.length > 0);
    assert.ok(!Number.isNaN(Date.parse(record.time)));
  }),
  table('modify', 'A change holds the row before and after', HISTORY, async (t) => {
    await bound(t);
    await write(t, 'a', { count: 1 });
    await write(t, 'a', { count: 2 });
    await t.until('both are delivered', () => records(t).length > 1);
    const change = only(ofType(t, 'modify'), 'change');
    assert.equal(change.oldImage?.['count'], 1);
    assert.equal(change.newImage?.['count'], 2);
  }),
  table('remove', 'A deletion holds the row as it was', HISTORY, async (t) => {
    await bound(t);
    await write(t, 'a', { count: 1 });
    await write(t, 'a');
    await t.until('both are delivered', () => records(t).length > 1);
    const deletion = only(ofType(t, 'remove'), 'deletion');
    assert.equal(deletion.oldImage?.['count'], 1);
    assert.equal(deletion.newImage, undefined);
  }),
  table('order', 'The changes of a row arrive in order', ORDER, async (t) => {
    await bound(t, { batchSize: 3 });
    for (let count = 0; count < 7; count += 1) await write(t, 'a', { count });
    await t.until('all are delivered', () => records(t).length >= 7);
    assert.deepEqual(
      records(t).map(({ newImage }) => newImage?.['count']),
      [0, 1, 2, 3, 4, 5, 6],
    );
    assert.ok(t.reports('table').every(({ event }) => event.records.length <= 3));
  }),
  table(
    'retried',
    'A change that fails is delivered again before the next',
    ['event.table'],
    async (t) => {
      await bound(t, { batchSize: 1 });
      t.script('table', [{ fail: true }]);
      await write(t, 'a', { count: 1 });
      await t.until('the first is under way', () => records(t).length > 0);
      await write(t, 'a', { count: 2 });
      await t.until('all are delivered', () => records(t).length > 2);
      assert.deepEqual(
        records(t).map(({ newImage }) => newImage?.['count']),
        [1, 1, 2],
      );
    },
  ),
  table(
    'given-up',
    'A change that fails for good goes to the dead-letter queue, and the table goes on',
    ['event.table', 'event.table.deadLetter'],
    async (t) => {
      await bound(t, {
        batchSize: 1,
        retry: { ...RETRY, maxAttempts: 2 },
        deadLetter: t.name('dead'),
      });
      t.script('table', [{ fail: true }, { fail: true }]);
      await write(t, 'a', { count: 1 });
      await t.until('the first is under way', () => records(t).length > 0);
      await write(t, 'a', { count: 2 });
      await t.until('the second is delivered', () => records(t).length > 2);
      assert.deepEqual(
        records(t).map(({ newImage }) => newImage?.['count']),
        [1, 1, 2],
      );
      only(await t.subject.deadLetters(t.name('dead')), 'dead letter');
    },
  ),
];
