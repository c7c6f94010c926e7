/** Many calls and lines, of many functions: what is kept, and that nobody waits for it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { CallRecord, CallRecords, LocalStore } from '../../../providers/local/ports.ts';
import {
  createCallRecords,
  DEFAULT_RECORD_LIMITS,
} from '../../../providers/local/records/index.ts';
import { fairShare } from '../../../providers/local/records/trim.ts';
import { openStore } from '../../../providers/local/store/index.ts';
import type { FunctionRef } from '../../../src/spi/index.ts';
import { NEVER_ABORTS } from '../../../src/spi/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const ORDERS: FunctionRef = { app: 'shop', stage: 'dev', name: 'orders' };
const MAIL: FunctionRef = { app: 'shop', stage: 'dev', name: 'mail' };
const START = Date.UTC(2026, 0, 1);
const HOUR = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T01:00:00.000Z' };
const DAY_MS = 86_400_000;

let store: LocalStore;
let clock: ManualClock;
let records: CallRecords;

function open(limits: Partial<typeof DEFAULT_RECORD_LIMITS> = {}): void {
  const opened = createCallRecords(store, clock, { ...DEFAULT_RECORD_LIMITS, ...limits });
  onTestFinished(() => opened.close());
  records = opened;
}

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'polyfaas-records-'));
  store = openStore({ folder, durability: 'process' });
  clock = new ManualClock(START);
  onTestFinished(async () => {
    store.close();
    await rm(folder, { recursive: true });
  });
  open();
});

function addCall(ref: FunctionRef, endedMs = clock.now()): void {
  const call: CallRecord = {
    ref,
    requestId: 'request-1',
    version: '1',
    kind: 'invoke',
    endedMs,
    durationMs: 10,
    initDurationMs: null,
    coldStart: false,
    outcome: 'ok',
    memoryMb: 50,
  };
  records.add(call);
}

function addLine(ref: FunctionRef, message: string, timeMs = clock.now()): void {
  records.addLog(ref, '1', { timeMs, level: 'info', message, instanceId: 'instance-1' });
}

function rows(table: 'rec_calls' | 'rec_logs', { app, stage, name }: FunctionRef): number {
  const row = store.db
    .prepare(`SELECT count(*) AS n FROM ${table} WHERE function = ?`)
    .get(`${app}/${stage}/${name}`);
  return Number(row?.['n']);
}

async function messagesOf(ref: FunctionRef, requestId?: string): Promise<readonly string[]> {
  const query = { ...HOUR, limit: 100, follow: false, requestId };
  const messages: string[] = [];
  for await (const { message } of records.logs(ref, query, NEVER_ABORTS)) messages.push(message);
  return messages;
}

/** What is trimmed after a write has its turns. */
async function trimmed(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
}

/** How many turns others had while something was done. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  isOver = true;
  return turns;
}

/** In batches, as many calls one after the other leave them. */
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
    const turns = await turnsDuring(async () => {
      ({ invocations } = await records.metrics(ORDERS, HOUR, NEVER_ABORTS));
    });
    expect(invocations).toBe(40_000);
    expect(turns).toBeGreaterThan(1);
  });

  it('while few of many batches are in the window', async () => {
    for (let second = 0; second < 1_200; second += 1) {
      addCall(ORDERS, START + second * 1_000);
      await clock.advance(1_000);
    }
    const tenMinutes = { from: HOUR.from, to: '2026-01-01T00:10:00.000Z' };
    const { invocations } = await records.metrics(ORDERS, tenMinutes, NEVER_ABORTS);
    expect(invocations).toBe(600);
  });

  it('while a long log is searched', async () => {
    addMany(40_000);
    addLine(ORDERS, 'last');
    let found: readonly string[] = ['not read'];
    const turns = await turnsDuring(async () => {
      found = await messagesOf(ORDERS, 'nobody');
    });
    expect(found).toEqual([]);
    expect(turns).toBeGreaterThan(5);
    expect(await messagesOf(ORDERS)).toHaveLength(100);
  });

  it('while a function with many records is forgotten', async () => {
    addMany(40_000);
    addLine(MAIL, 'stays');
    const turns = await turnsDuring(() => records.forget(ORDERS));
    expect([rows('rec_calls', ORDERS), rows('rec_logs', ORDERS)]).toEqual([0, 0]);
    expect(turns).toBeGreaterThan(5);
    expect(await messagesOf(MAIL)).toEqual(['stays']);
  });

  it('and what ends with the reader, ends the reading', async () => {
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
    await trimmed();
    expect([rows('rec_calls', ORDERS), rows('rec_logs', ORDERS)]).toEqual([0, 1]);
    for (let count = 0; count < 5; count += 1) {
      addCall(ORDERS);
      await clock.advance(100);
    }
    expect(rows('rec_calls', ORDERS)).toBe(5);
    await clock.advance(600_000);
    addCall(ORDERS);
    await clock.advance(100);
    await trimmed();
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
      await trimmed();
    }
    expect([rows('rec_calls', MAIL), rows('rec_logs', MAIL)]).toEqual([10, 10]);
    // Whole batches of calls stay, and lines one by one; the newest.
    expect([rows('rec_calls', ORDERS), rows('rec_logs', ORDERS)]).toEqual([100, 90]);
    expect((await messagesOf(ORDERS)).at(-1)).toBe('order 19.49');
  });

  it('lets others have their turns, and ends with the store', async () => {
    open({ keepRows: 10 });
    addMany(20_000);
    addMany(20_000);
    const turns = await turnsDuring(async () => {
      while (rows('rec_logs', ORDERS) > 10) await new Promise(setImmediate);
    });
    expect(turns).toBeGreaterThan(5);
    addMany(20_000);
    await clock.advance(600_000);
    store.close();
    await trimmed();
  });

  it('comes with what is written, and not only with time', async () => {
    open({ keepRows: 100, trimEveryRows: 1_000 });
    for (let round = 0; round < 50; round += 1) {
      for (let index = 0; index < 500; index += 1) addLine(ORDERS, 'flood');
      await clock.advance(100);
      await trimmed();
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
