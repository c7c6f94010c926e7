/** Rows of the two tables as what they mean: undefined where a row was damaged, or changed by hand. */
import type { JsonObject, LogEntry, LogLevel } from 'polyfaas/spi';
import type { CallRecord } from '../ports.ts';
import { encodeCursor } from './cursor.ts';

/** A level is stored as its place. */
export const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** What is stored of a call, as far as metrics need it. */
export interface StoredCall {
  readonly endedMs: number;
  readonly kind: CallRecord['kind'];
  readonly outcome: CallRecord['outcome'];
  readonly coldStart: boolean;
  readonly durationMs: number | null;
  readonly initDurationMs: number | null;
  readonly memoryMb: number | null;
}

type Row = Readonly<Record<string, unknown>>;

const KINDS: Readonly<Record<CallRecord['kind'], true>> = {
  invoke: true,
  http: true,
  schedule: true,
  queue: true,
  topic: true,
  object: true,
  stream: true,
  table: true,
  bus: true,
  warm: true,
};

const OUTCOMES: Readonly<Record<CallRecord['outcome'], true>> = {
  ok: true,
  error: true,
  timeout: true,
  throttled: true,
  cancelled: true,
};

/** The calls of a batch; none of one that is gone meanwhile. */
export function callsOf(batch: unknown): readonly (StoredCall | undefined)[] {
  if (batch === undefined) return [];
  const calls = parsed(batch);
  return Array.isArray(calls) ? calls.map(callOf) : [undefined];
}

function callOf(call: unknown): StoredCall | undefined {
  if (!Array.isArray(call)) return undefined;
  const fields: readonly unknown[] = call;
  const [endedMs, kind, outcome, coldStart, durationMs, initDurationMs, memoryMb] = fields;
  return typeof endedMs === 'number' &&
    isOneOf(KINDS, kind) &&
    isOneOf(OUTCOMES, outcome) &&
    isNumberOrNull(durationMs) &&
    isNumberOrNull(initDurationMs) &&
    isNumberOrNull(memoryMb)
    ? { endedMs, kind, outcome, coldStart: coldStart === 1, durationMs, initDurationMs, memoryMb }
    : undefined;
}

/** A line of the log. */
export function lineOf(row: Row): LogEntry | undefined {
  const { id, timeMs, level, message, requestId, version, fields } = row;
  const time = new Date(Number(timeMs));
  const said = typeof fields === 'string' ? parsed(fields) : undefined;
  if (Number.isNaN(time.getTime()) || (typeof fields === 'string' && !isFields(said)))
    return undefined;
  return {
    time: time.toISOString(),
    level: LEVELS[Number(level)] ?? 'info',
    message: String(message),
    ...(typeof requestId === 'string' ? { requestId } : {}),
    ...(typeof version === 'string' ? { version } : {}),
    ...(isFields(said) ? { fields: said } : {}),
    cursor: encodeCursor(Number(id)),
  };
}

function parsed(text: unknown): unknown {
  try {
    const value: unknown = JSON.parse(String(text));
    return value;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOneOf<Word extends string>(
  words: Readonly<Record<Word, true>>,
  value: unknown,
): value is Word {
  return typeof value === 'string' && Object.hasOwn(words, value);
}

function isNumberOrNull(value: unknown): value is number | null {
  return value === null || typeof value === 'number';
}
