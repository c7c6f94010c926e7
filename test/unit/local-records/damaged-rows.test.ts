import { beforeEach, describe, expect, it } from 'vitest';
import type { CallRecords, LocalStore } from '../../../providers/local/ports.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import {
  callOf,
  HOUR,
  lineOf,
  newFolder,
  openFolder,
  openRecords,
  ORDERS,
  readLog,
  START,
} from './stage.ts';

let store: LocalStore;
let clock: ManualClock;
let records: CallRecords;
let warnings: string[];

beforeEach(async () => {
  store = openFolder(await newFolder());
  clock = new ManualClock(START);
  warnings = [];
  records = openRecords(store, clock, {}, (message, fields) => {
    warnings.push(`${message} ${JSON.stringify(fields)}`);
  });
});

const invocations = async (): Promise<number | null> =>
  (await records.metrics(ORDERS, HOUR, new AbortController().signal)).invocations;

describe('a row that was damaged, or changed by hand,', () => {
  it.each([
    ['fields', 'no JSON'],
    ['fields', '[1]'],
    ['fields', 'null'],
    ['timeMs', 1e300],
  ])('is left out of the log, which tells it once: %s = %j', async (column, value) => {
    for (const text of ['first', 'damaged', 'damaged, too', 'last']) {
      records.addLog(ORDERS, '1', lineOf(clock, text, { fields: { text } }));
    }
    await readLog(records, ORDERS);
    // Times beyond what a date can hold are found only by who asks without an end, as `follow` does.
    store.db.prepare(`UPDATE rec_logs SET ${column} = ? WHERE message LIKE 'damaged%'`).run(value);
    for (const follow of [false, true]) {
      const query = { ...HOUR, limit: 2, follow };
      const read: string[] = [];
      for await (const { message } of records.logs(ORDERS, query, new AbortController().signal)) {
        read.push(message);
      }
      expect(read).toEqual(['first', 'last']);
    }
    expect(warnings).toEqual([expect.stringContaining('"orders"')]);
    expect(warnings[0]).toContain('state folder was damaged or changed by hand');
    expect(warnings[0]).toContain('rec_logs');
  });

  it.each([
    ['no JSON', '['],
    ['no list', '{}'],
    ['no call', '[[1], null, 7]'],
    ['a word that is none', JSON.stringify([[START, 'invoke', 'fine', 0, 1, null, 1, 'r', '1']])],
    ['texts for numbers', JSON.stringify([[START, 'invoke', 'ok', 0, 'x', null, 1, 'r', '1']])],
  ])('is left out of the metrics, which tell it once: %s', async (_what, calls) => {
    records.add(callOf(clock));
    expect(await invocations()).toBe(1);
    records.add(callOf(clock, { requestId: 'damaged' }));
    expect(await invocations()).toBe(2);
    store.db.prepare("UPDATE rec_batches SET calls = ? WHERE calls LIKE '%damaged%'").run(calls);
    records.add(callOf(clock));
    expect(await invocations()).toBe(2);
    expect(await invocations()).toBe(2);
    expect(warnings).toEqual([expect.stringContaining('rec_batches')]);
  });
});
