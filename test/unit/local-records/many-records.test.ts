/** Many calls and lines, of many functions: what is kept, and that nobody waits for it. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { CallRecords, LocalStore } from '../../../providers/local/ports.ts';
import type { DEFAULT_RECORD_LIMITS } from '../../../providers/local/records/index.ts';
import { fairShare, trim } from '../../../providers/local/records/trim.ts';
import { type FunctionRef, NEVER_ABORTS } from '../../../src/spi/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { turns } from '../../support/turns.ts';
import {
  callOf,
  HOUR,
  lineOf,
  MAIL,
  newFolder,
  openFolder,
  openRecords,
  ORDERS,
  readLog,
  rowsIn,
  START,
} from './stage.ts';

const DAY_MS = 86_400_000;

let store: LocalStore;
let clock: ManualClock;
let records: CallRecords;

function open(limits: Partial<typeof DEFAULT_RECORD_LIMITS> = {}): void {
  records = openRecords(store, clock, limits);
}

beforeEach(async () => {
  store = openFolder(await newFolder());
  clock = new ManualClock(START);
  open();
});

function addCall(ref: FunctionRef, endedMs = clock.now()): void {
  records.add(callOf(clock, { ref, endedMs }));
}

function addLine(ref: FunctionRef, message: string, timeMs = clock.now()): void {
  records.addLog(ref, '1', lineOf(clock, message, { timeMs }));
}

const rows = (table: 'rec_calls' | 'rec_logs', ref: FunctionRef): number =>
  rowsIn(store, table, ref);

async function messagesOf(ref: FunctionRef, requestId?: string): Promise<readonly string[]> {
  return (await readLog(records, ref, { requestId })).map(({ message }) => message);
}

/** How many turns others had while something was done. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  let isOver = false;
  const turn = (): void => {
    count += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  isOver = true;
  return count;
}

/** In one turn, which leaves them in batches of 20,000. */
function addMany(count: number): void {
  for (let index = 0; index < count; index += 1) {
    addCall(ORDERS);
    addLine(ORDERS, `line ${index}`);
  }
}

describe('others have their turns', () => {
  it('while metrics of many calls are read', async () => {
    addMany(40_000);
    let invocations: number | null = 0;
    const had = await turnsDuring(async () => {
      ({ invocations } = await records.metrics(ORDERS, HOUR, NEVER_ABORTS));
    });
    expect(invocations).toBe(40_000);
    expect(had).toBeGreaterThan(1);
  });

  it('while a long log is searched', async () => {
    addMany(40_000);
    addLine(ORDERS, 'last');
    let found: readonly string[] = ['not read'];
    const had = await turnsDuring(async () => {
      found = await messagesOf(ORDERS, 'nobody');
    });
    expect(found).toEqual([]);
    expect(had).toBeGreaterThan(5);
    expect(await messagesOf(ORDERS)).toHaveLength(100);
  });

  it('while a function with many records is forgotten', async () => {
    addMany(40_000);
    addLine(MAIL, 'stays');
    const had = await turnsDuring(() => records.forget(ORDERS));
    expect([rows('rec_calls', ORDERS), rows('rec_logs', ORDERS)]).toEqual([0, 0]);
    expect(had).toBeGreaterThan(5);
    expect(await messagesOf(MAIL)).toEqual(['stays']);
  });
});

describe('metrics', () => {
  it('count the few of many batches that are in the window', async () => {
    for (let second = 0; second < 1_200; second += 1) {
      addCall(ORDERS, START + second * 1_000);
      await clock.advance(1_000);
    }
    const tenMinutes = { from: HOUR.from, to: '2026-01-01T00:10:00.000Z' };
    const { invocations } = await records.metrics(ORDERS, tenMinutes, NEVER_ABORTS);
    expect(invocations).toBe(600);
  });

  it('end with their reader', async () => {
    addMany(40_000);
    const stop = new AbortController();
    const reading = records.metrics(ORDERS, HOUR, stop.signal);
    stop.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });
});

describe('trimming', () => {
  it('trims old rows, and the oldest beyond the bound', async () => {
    open({ keepRows: 3 });
    addCall(ORDERS, START - 15 * DAY_MS);
    addLine(ORDERS, 'old', START - 15 * DAY_MS);
    addLine(ORDERS, 'new');
    await clock.advance(100);
    await turns();
    expect([rows('rec_calls', ORDERS), rows('rec_logs', ORDERS)]).toEqual([0, 1]);
    for (let count = 0; count < 5; count += 1) {
      addCall(ORDERS);
      await clock.advance(100);
    }
    expect(rows('rec_calls', ORDERS)).toBe(5);
    await clock.advance(600_000);
    addCall(ORDERS);
    await clock.advance(100);
    await turns();
    expect(rows('rec_calls', ORDERS)).toBe(3);
  });

  it('takes nothing of those who have little, however much one writes', async () => {
    open({ keepRows: 100, trimEveryRows: 50 });
    for (let index = 0; index < 10; index += 1) {
      addCall(MAIL);
      addLine(MAIL, `mail ${index}`);
    }
    for (let round = 0; round < 20; round += 1) {
      for (let index = 0; index < 50; index += 1) {
        addCall(ORDERS);
        addLine(ORDERS, `order ${round}.${index}`);
      }
      await clock.advance(100);
      await turns();
    }
    expect([rows('rec_calls', MAIL), rows('rec_logs', MAIL)]).toEqual([10, 10]);
    // Whole batches of calls stay, and lines one by one; the newest.
    expect([rows('rec_calls', ORDERS), rows('rec_logs', ORDERS)]).toEqual([100, 90]);
    expect((await messagesOf(ORDERS)).at(-1)).toBe('order 19.49');
  });

  it('lets others have their turns', async () => {
    open({ keepRows: 10 });
    addMany(20_000);
    addMany(20_000);
    const had = await turnsDuring(async () => {
      while (rows('rec_logs', ORDERS) > 10) await new Promise(setImmediate);
    });
    expect(had).toBeGreaterThan(5);
  });

  it('takes nothing that is written while all that is old is deleted', async () => {
    addMany(20_000);
    records.close();
    open();
    const trimming = trim(store, START + DAY_MS, 1_000_000);
    while (rows('rec_logs', ORDERS) === 20_000) await new Promise(setImmediate);
    addLine(ORDERS, 'new', START + 2 * DAY_MS);
    records.close();
    await trimming;
    expect([rows('rec_calls', ORDERS), rows('rec_logs', ORDERS)]).toEqual([0, 1]);
  });

  it('ends with the store', async () => {
    addMany(20_000);
    records.close();
    const trimming = trim(store, START + DAY_MS, 10);
    await new Promise(setImmediate);
    expect(rows('rec_logs', ORDERS)).toBeGreaterThan(0);
    store.close();
    await expect(trimming).resolves.toBeUndefined();
  });

  it('comes with what is written, and not only with time', async () => {
    open({ keepRows: 100, trimEveryRows: 1_000 });
    for (let round = 0; round < 50; round += 1) {
      for (let index = 0; index < 500; index += 1) addLine(ORDERS, 'flood');
      await clock.advance(100);
      await turns();
    }
    expect(rows('rec_logs', ORDERS)).toBeLessThanOrEqual(1_100);
  });

  it.each([
    { sizes: [], room: 10, share: Infinity },
    { sizes: [1, 2, 3], room: 6, share: Infinity },
    { sizes: [10], room: 6, share: 6 },
    { sizes: [10, 1], room: 6, share: 5 },
    { sizes: [4, 4, 4], room: 6, share: 2 },
    { sizes: [1, 5, 9], room: 9, share: 4 },
  ])('leaves each of $sizes at most $share of $room', ({ sizes, room, share }) => {
    expect(fairShare(sizes, room)).toBe(share);
    const kept = sizes.map((size) => Math.min(size, share));
    expect(kept.reduce((total, size) => total + size, 0)).toBeLessThanOrEqual(room);
  });
});
