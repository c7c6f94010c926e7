/** Records in a folder of their own, which is gone after the test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type {
  CallRecord,
  CallRecords,
  InstanceLog,
  LocalStore,
} from '../../../providers/local/ports.ts';
import {
  createCallRecords,
  DEFAULT_RECORD_LIMITS,
} from '../../../providers/local/records/index.ts';
import { openStore } from '../../../providers/local/store/index.ts';
import {
  type Clock,
  type FunctionRef,
  type JsonObject,
  type LogEntry,
  type LogsQuery,
  NEVER_ABORTS,
} from '../../../src/spi/index.ts';

export const ORDERS: FunctionRef = { app: 'shop', stage: 'dev', name: 'orders' };
export const MAIL: FunctionRef = { app: 'shop', stage: 'dev', name: 'mail' };
export const START = Date.UTC(2026, 0, 1);
export const HOUR = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T01:00:00.000Z' };

export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'polyfaas-records-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

export function openFolder(folder: string): LocalStore {
  const store = openStore({ folder, durability: 'process' });
  onTestFinished(() => store.close());
  return store;
}

export function openRecords(
  store: LocalStore,
  clock: Clock,
  limits: Partial<typeof DEFAULT_RECORD_LIMITS> = {},
  warn: (message: string, fields: JsonObject) => void = throwing,
): CallRecords {
  const records = createCallRecords(store, clock, { ...DEFAULT_RECORD_LIMITS, ...limits }, warn);
  onTestFinished(() => records.close());
  return records;
}

function throwing(message: string): never {
  throw new Error(message);
}

/** A call of ORDERS that went well just now. */
export function callOf(clock: Clock, parts: Partial<CallRecord> = {}): CallRecord {
  return {
    ref: ORDERS,
    requestId: 'request-1',
    version: '1',
    kind: 'invoke',
    endedMs: clock.now(),
    durationMs: 10,
    initDurationMs: null,
    coldStart: false,
    outcome: 'ok',
    memoryMb: 50,
    ...parts,
  };
}

export function lineOf(
  clock: Clock,
  message: string,
  parts: Partial<InstanceLog> = {},
): InstanceLog {
  return { timeMs: clock.now(), level: 'info', message, instanceId: 'instance-1', ...parts };
}

/** How many rows there are of one function, or of all. */
export function rowsIn(
  store: LocalStore,
  table: 'rec_calls' | 'rec_logs',
  ref?: FunctionRef,
): number {
  const key = ref === undefined ? null : `${ref.app}/${ref.stage}/${ref.name}`;
  const sql = `SELECT count(*) AS n FROM ${table} WHERE ? IS NULL OR function = ?`;
  return Number(store.db.prepare(sql).get(key, key)?.['n']);
}

/** The log of the first hour, 100 lines of it at most. */
export async function readLog(
  records: CallRecords,
  ref: FunctionRef,
  parts: Partial<LogsQuery> = {},
  signal = NEVER_ABORTS,
): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  const query = { ...HOUR, limit: 100, follow: false, ...parts };
  for await (const entry of records.logs(ref, query, signal)) entries.push(entry);
  return entries;
}
