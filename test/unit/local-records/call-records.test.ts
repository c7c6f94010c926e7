import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type {
  CallRecord,
  CallRecords,
  InstanceLog,
  LocalStore,
} from '../../../providers/local/ports.ts';
import type { DEFAULT_RECORD_LIMITS } from '../../../providers/local/records/index.ts';
import { percentilesOf } from '../../../providers/local/records/percentiles.ts';
import {
  ServerlessError,
  type FunctionMetrics,
  type FunctionRef,
  type LogEntry,
  type LogsQuery,
} from '../../../src/spi/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
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

let folder: string;
let store: LocalStore;
let clock: ManualClock;
let records: CallRecords;

/** Makes the records anew, so that a test can choose the limits. */
function open(limits: Partial<typeof DEFAULT_RECORD_LIMITS> = {}): void {
  records = openRecords(store, clock, limits);
}

/** Reads one entry at a time. */
function follow(limit: number, signal: AbortSignal): AsyncIterator<LogEntry> {
  const query = { ...HOUR, limit, follow: true };
  return records.logs(ORDERS, query, signal)[Symbol.asyncIterator]();
}

beforeEach(async () => {
  folder = await newFolder();
  store = openFolder(folder);
  clock = new ManualClock(START);
  open();
});

const call = (parts?: Partial<CallRecord>): CallRecord => callOf(clock, parts);
const line = (message: string, parts?: Partial<InstanceLog>): InstanceLog =>
  lineOf(clock, message, parts);
const rows = (table: 'rec_calls' | 'rec_logs'): number => rowsIn(store, table);
const read = (parts?: Partial<LogsQuery>, signal?: AbortSignal): Promise<LogEntry[]> =>
  readLog(records, ORDERS, parts, signal);

const metrics = (ref: FunctionRef): Promise<FunctionMetrics> =>
  records.metrics(ref, HOUR, new AbortController().signal);

const messages = async (parts: Partial<LogsQuery> = {}): Promise<readonly string[]> =>
  (await read(parts)).map((entry) => entry.message);

describe('metrics', () => {
  it('count by outcome', async () => {
    records.add(call({ coldStart: true, initDurationMs: 80, durationMs: 30, memoryMb: 70 }));
    records.add(call());
    records.add(call({ kind: 'http', durationMs: 20 }));
    records.add(call({ outcome: 'error', durationMs: 5 }));
    records.add(call({ outcome: 'timeout', durationMs: 1_000 }));
    records.add(call({ outcome: 'cancelled', durationMs: 9_999 }));
    records.add(call({ outcome: 'throttled', durationMs: null, memoryMb: null }));
    records.add(call({ kind: 'warm', coldStart: true, initDurationMs: 500, durationMs: 7_777 }));
    records.add(call({ ref: MAIL }));
    clock.advance(60_000).catch(() => {});
    expect(await metrics(ORDERS)).toEqual({
      source: 'local records',
      coverage: 'all',
      ...HOUR,
      completeThrough: new Date(clock.now()).toISOString(),
      invocations: 6,
      errors: 2,
      timeouts: 1,
      throttles: 1,
      coldStarts: 1,
      warmUps: 1,
      durationMs: { average: 213, p50: 20, p95: 1_000, p99: 1_000, max: 1_000 },
      initDurationMs: { average: 80, p50: 80, p95: 80, p99: 80, max: 80 },
      maxMemoryMb: 70,
    });
  });

  it('know nothing of an empty window, and say so', async () => {
    expect(await metrics(ORDERS)).toMatchObject({
      invocations: 0,
      errors: 0,
      durationMs: null,
      initDurationMs: null,
      maxMemoryMb: null,
    });
  });

  it('take the start of the window in, and leave its end out', async () => {
    records.add(call({ endedMs: START - 1 }));
    records.add(call({ endedMs: START }));
    records.add(call({ endedMs: START + 3_599_999 }));
    records.add(call({ endedMs: START + 3_600_000 }));
    expect((await metrics(ORDERS)).invocations).toBe(2);
  });

  it('are complete through the end of the window at most', async () => {
    await clock.advance(7_200_000);
    expect((await metrics(ORDERS)).completeThrough).toBe(HOUR.to);
  });

  it('give percentiles that are measured values, in order', () => {
    const time = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(time, { minLength: 1, maxLength: 300 }), (values) => {
        const result = percentilesOf(values);
        if (!result) throw new Error('There are values.');
        const sorted = values.toSorted((one, other) => one - other);
        for (const [share, value] of [
          [0.5, result.p50],
          [0.95, result.p95],
          [0.99, result.p99],
        ] as const) {
          expect(sorted).toContain(value);
          // Nearest rank: at least this share of the values is not larger, and no smaller value would do.
          expect(sorted.filter((each) => each <= value).length).toBeGreaterThanOrEqual(
            share * sorted.length,
          );
          expect(sorted.filter((each) => each < value).length).toBeLessThan(share * sorted.length);
        }
        expect(
          result.p50 <= result.p95 && result.p95 <= result.p99 && result.p99 <= result.max,
        ).toBe(true);
        expect(result.max).toBe(sorted.at(-1));
        expect(percentilesOf([])).toBeNull();
      }),
    );
  });
});

describe('writing', () => {
  it('happens every 100 ms', async () => {
    records.add(call());
    records.addLog(ORDERS, '1', line('one'));
    await clock.advance(99);
    expect([rows('rec_calls'), rows('rec_logs')]).toEqual([0, 0]);
    await clock.advance(1);
    expect([rows('rec_calls'), rows('rec_logs')]).toEqual([1, 1]);
    expect(clock.pending).toBe(0);
  });

  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('happens after 200 entries, when the turn is over', async () => {
    for (let count = 0; count < 200; count += 1) records.add(call());
    expect(rows('rec_calls')).toBe(0);
    await turn();
    expect(rows('rec_calls')).toBe(200);
  });

  it('is tried again every 100 ms, and not with every batch, where it failed', async () => {
    open({ batchSize: 2 });
    const two = async (): Promise<void> => {
      records.add(call());
      records.add(call());
      await turn();
    };
    store.db.exec('ALTER TABLE rec_batches RENAME TO away');
    await two();
    store.db.exec('ALTER TABLE away RENAME TO rec_batches');
    await two();
    expect(rows('rec_calls')).toBe(0);
    await clock.advance(100);
    expect(rows('rec_calls')).toBe(4);
    await two();
    expect(rows('rec_calls')).toBe(6);
  });

  it('happens before reading, and on close', async () => {
    records.add(call());
    expect((await metrics(ORDERS)).invocations).toBe(1);
    records.add(call());
    records.close();
    expect(rows('rec_calls')).toBe(2);
    expect(clock.pending).toBe(0);
  });

  it('keeps what could not be written, drops the oldest beyond the bound, and tells', async () => {
    open({ maxPending: 3, batchSize: 1_000 });
    store.db.exec('ALTER TABLE rec_batches RENAME TO away');
    for (let count = 0; count < 5; count += 1) records.add(call({ requestId: `request-${count}` }));
    records.addLog(ORDERS, '1', line('kept'));
    await clock.advance(100);
    store.db.exec('ALTER TABLE away RENAME TO rec_batches');
    await clock.advance(100);
    expect(
      store.db
        .prepare('SELECT requestId FROM rec_calls')
        .all()
        .map((row) => row['requestId']),
    ).toEqual(['request-2', 'request-3', 'request-4']);
    expect((await messages()).toSorted()).toEqual([
      '2 call records and 0 log lines were dropped, because the state folder could not be written',
      'kept',
    ]);
  });

  it('ends with its store', async () => {
    records.add(call());
    store.close();
    await clock.advance(100);
    expect(clock.pending).toBe(0);
    records.add(call());
    expect(clock.pending).toBe(0);
  });

  it('bounds what waits also when one turn adds very much', async () => {
    for (let count = 0; count < 50_000; count += 1) records.add(call());
    expect((await metrics(ORDERS)).invocations).toBe(50_000);
  });

  it('survives a new owner of the folder', async () => {
    records.add(call());
    records.addLog(ORDERS, '1', line('before'));
    records.close();
    store.close();
    store = openFolder(folder);
    open();
    expect((await metrics(ORDERS)).invocations).toBe(1);
    expect(await messages()).toEqual(['before']);
  });

  it('forgets one function, also what waits', async () => {
    records.add(call());
    records.addLog(ORDERS, '1', line('written'));
    await clock.advance(100);
    records.add(call());
    records.addLog(ORDERS, '1', line('waiting'));
    records.add(call({ ref: MAIL }));
    await records.forget(ORDERS);
    expect((await metrics(ORDERS)).invocations).toBe(0);
    expect((await metrics(MAIL)).invocations).toBe(1);
    expect(await messages()).toEqual([]);
  });
});

describe('logs', () => {
  it('come oldest first, with all they carry', async () => {
    records.addLog(ORDERS, '2', line('second', { timeMs: START + 2, level: 'error' }));
    records.addLog(
      ORDERS,
      '1',
      line('first', { timeMs: START + 1, requestId: 'r', fields: { a: [1, 'ä'] } }),
    );
    records.addLog(MAIL, '1', line('other'));
    const entries = await read();
    expect(entries).toEqual([
      {
        time: '2026-01-01T00:00:00.001Z',
        level: 'info',
        message: 'first',
        requestId: 'r',
        version: '1',
        fields: { a: [1, 'ä'] },
        cursor: expect.any(String),
      },
      {
        time: '2026-01-01T00:00:00.002Z',
        level: 'error',
        message: 'second',
        version: '2',
        cursor: expect.any(String),
      },
    ]);
  });

  it('are filtered by time, request and level', async () => {
    records.addLog(ORDERS, '1', line('early', { timeMs: START - 1 }));
    records.addLog(ORDERS, '1', line('debug', { level: 'debug' }));
    records.addLog(ORDERS, '1', line('warn', { level: 'warn', requestId: 'r' }));
    records.addLog(ORDERS, '1', line('error', { level: 'error' }));
    records.addLog(ORDERS, '1', line('late', { timeMs: START + 3_600_000 }));
    expect(await messages()).toEqual(['debug', 'warn', 'error']);
    expect(await messages({ minLevel: 'warn' })).toEqual(['warn', 'error']);
    expect(await messages({ requestId: 'r' })).toEqual(['warn']);
  });

  it('go on after a cursor, page by page, and miss none', async () => {
    for (let count = 0; count < 1_200; count += 1)
      records.addLog(ORDERS, '1', line(`line ${count}`));
    const all = await messages({ limit: 5_000 });
    expect(all).toHaveLength(1_200);
    const paged: string[] = [];
    let cursor: string | undefined;
    for (;;) {
      const page = await read({ limit: 501, cursor });
      if (page.length === 0) break;
      paged.push(...page.map((entry) => entry.message));
      cursor = page.at(-1)?.cursor;
    }
    expect(paged).toEqual(all);
  });

  it.each([
    '',
    'x',
    'bG9nOg',
    Buffer.from('log:1x').toString('base64url'),
    Buffer.from('log:01').toString('base64url'),
  ])('refuse the cursor %j', async (cursor) => {
    await expect(read({ cursor })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('are followed until the signal aborts', async () => {
    const stop = new AbortController();
    records.addLog(ORDERS, '1', line('before'));
    const reading = follow(100, stop.signal);
    expect((await reading.next()).value?.message).toBe('before');
    const next = reading.next();
    // What comes after the window is followed too.
    records.addLog(ORDERS, '1', line('after', { timeMs: START + 7_200_000 }));
    await clock.advance(100);
    expect((await next).value?.message).toBe('after');
    const last = reading.next();
    stop.abort();
    expect(await last).toEqual({ value: undefined, done: true });
  });

  it('are not missed by a reader that is busy when they come', async () => {
    const stop = new AbortController();
    const reading = follow(3, stop.signal);
    records.addLog(ORDERS, '1', line('one'));
    await reading.next();
    records.addLog(ORDERS, '1', line('two'));
    await clock.advance(100);
    expect((await reading.next()).value?.message).toBe('two');
    records.addLog(ORDERS, '1', line('three'));
    const third = reading.next();
    await clock.advance(100);
    expect((await third).value?.message).toBe('three');
    expect((await reading.next()).done).toBe(true);
  });

  it('end for followers on close', async () => {
    const reading = follow(3, new AbortController().signal);
    const next = reading.next();
    records.close();
    expect((await next).done).toBe(true);
  });

  it('refuse to look complete when cut short', async () => {
    const error = await read({}, AbortSignal.abort()).catch((cause: unknown) => cause);
    expect(ServerlessError.isInstance(error) && error.code).toBe('CANCELLED');
  });

  it('do not keep a megabyte of one line', async () => {
    records.addLog(ORDERS, '1', line('x'.repeat(1_048_576)));
    expect((await messages())[0]?.length).toBe(256 * 1024 + 1);
  });
});
