/** Rows of `AppTraces` as log entries. */
import { createHash } from 'node:crypto';
import { traceIdOf, type JsonObject, type LogEntry, type LogLevel } from 'polyfaas/spi';
import { fieldsOf, numberOf, textOf, type Row } from '../telemetry/query.ts';
import { encodeCursor } from './cursor.ts';
import { endOf, withoutPrefix } from './ended-call.ts';

/** `SeverityLevel` of Application Insights: verbose, information, warning, error, critical. */
const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'error'];

/** A line, with what orders it among those of one moment. */
export interface Line {
  readonly entry: LogEntry;
  readonly timeMs: number;
  readonly seq: number;
  readonly key: string;
  /** The same for all that tell of one end of one call: the host logs each twice. */
  readonly end?: string;
}

/**
 * Undefined for lines that are no log entries: those for the metrics.
 *
 * @param requestId of the call that is asked for: what else belongs to its operation is shown with it.
 * @param repeats how often the same plain line was there at the same moment: a program may print one twice. Counted here.
 */
export function lineOf(
  row: Row,
  repeats: Map<string, number>,
  requestId?: string,
): Line | undefined {
  const isEnd = row['Kind'] === 'end';
  const text = isEnd ? endOf(row) : textOf(row['Message']);
  if (text === undefined) return undefined;
  const timeMs = Date.parse(textOf(row['TimeGenerated']));
  if (Number.isNaN(timeMs)) return undefined;
  const own = ownLine(text);
  if (own !== undefined && own['polyfaas'] !== 'log') return undefined;
  const instance = textOf(row['AppRoleInstance']);
  const operation = textOf(row['OperationId']);
  const time = new Date(timeMs).toISOString();
  if (own === undefined) {
    const level = LEVELS[numberOf(row['SeverityLevel']) ?? 1] ?? 'info';
    const plain = hashOf(`${instance}\n${operation}\n${text}`);
    const at = `${timeMs} ${plain}`;
    const repeat = repeats.get(at) ?? 0;
    repeats.set(at, repeat + 1);
    const key = repeat === 0 ? plain : `${plain}-${repeat}`;
    const isOfCall = requestId !== undefined && operation === traceIdOf(requestId);
    const entry = {
      time,
      level,
      message: text,
      ...(isOfCall ? { requestId } : {}),
      cursor: encodeCursor({ timeMs, key }),
    };
    const invocation = textOf(row['InvocationId']);
    const end = isEnd ? { end: `${invocation} ${text}` } : {};
    return { entry, timeMs, seq: 0, key, ...end };
  }
  const seq = numberOf(own['seq']) ?? 0;
  const key = hashOf(`${instance}\n${operation}\n${text}`);
  const fields = own['fields'];
  return {
    timeMs,
    seq,
    key,
    entry: {
      time,
      level: isLevel(own['level']) ? own['level'] : 'info',
      message: withoutPrefix(textOf(own['message'])),
      requestId: textOf(own['requestId']),
      version: textOf(own['version']),
      ...(isJsonObject(fields) ? { fields } : {}),
      cursor: encodeCursor({ timeMs, key }),
    },
  };
}

/** By time, then by the count of the instance. */
export function byTime(a: Line, b: Line): number {
  return a.timeMs - b.timeMs || a.seq - b.seq;
}

function ownLine(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith('{"polyfaas":')) return undefined;
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function isLevel(value: unknown): value is LogLevel {
  return value === 'debug' || value === 'info' || value === 'warn' || value === 'error';
}

/** It was parsed from JSON. */
function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
