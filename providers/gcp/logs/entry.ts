/** Entries of Cloud Logging, and what they are to a reader. */
import type { JsonObject, LogEntry, LogLevel } from 'polyfaas/spi';
import { fieldsOf, isFields, textOf } from '../json.ts';
import { encodeCursor, type Position } from './cursor.ts';

export interface Line extends Position {
  readonly entry: LogEntry;
  /** Orders the lines that an instance wrote in one moment. */
  readonly seq: number;
}

/** `LogSeverity` of Cloud Logging. */
const LEVELS: Readonly<Record<string, LogLevel>> = {
  DEBUG: 'debug',
  INFO: 'info',
  NOTICE: 'info',
  WARNING: 'warn',
  ERROR: 'error',
  CRITICAL: 'error',
  ALERT: 'error',
  EMERGENCY: 'error',
};

/** What entries themselves do not say. */
export interface About {
  /** The request that is asked for, and the trace that it was sent with: Cloud Run's own entries have only that. */
  readonly request?: { readonly id: string; readonly trace: string };
  /** By revision. */
  readonly versions: ReadonlyMap<string, string>;
}

/** Undefined for what is no line of the function's. */
export function lineOf(value: unknown, { request, versions }: About): Line | undefined {
  const found = fieldsOf(value);
  const timestamp = textOf(found['timestamp']);
  const insertId = textOf(found['insertId']);
  const payload = fieldsOf(found['jsonPayload']);
  if (timestamp === '' || payload['polyfaas'] === 'call') return undefined;
  const isOwn = payload['polyfaas'] === 'log';
  const isOfRequest = request !== undefined && textOf(found['trace']) === request.trace;
  const requestId = isOwn ? textOf(payload['requestId']) : isOfRequest ? request.id : '';
  const version = isOwn ? textOf(payload['version']) : versionOf(found, versions);
  const fields = isOwn ? payload['fields'] : undefined;
  return {
    timestamp,
    insertId,
    seq: typeof payload['seq'] === 'number' ? payload['seq'] : 0,
    entry: {
      time: new Date(timestamp).toISOString(),
      level: levelOf(found),
      message: messageOf(found, isOwn),
      ...(requestId === '' ? {} : { requestId }),
      ...(version === '' ? {} : { version }),
      ...(isJsonObject(fields) ? { fields } : {}),
      cursor: encodeCursor({ timestamp, insertId }),
    },
  };
}

function versionOf(
  entry: Readonly<Record<string, unknown>>,
  versions: ReadonlyMap<string, string>,
): string {
  const { labels } = fieldsOf(entry['resource']);
  return versions.get(textOf(fieldsOf(labels)['revision_name'])) ?? '';
}

function levelOf(entry: Readonly<Record<string, unknown>>): LogLevel {
  const known = LEVELS[textOf(entry['severity'])];
  // What is printed has no severity, and its stream says all that is known.
  return known ?? (textOf(entry['logName']).endsWith('stderr') ? 'error' : 'info');
}

/** What a user prints as JSON stays that. */
function messageOf(entry: Readonly<Record<string, unknown>>, isOwn: boolean): string {
  const payload = entry['jsonPayload'];
  if (!isFields(payload)) return textOf(entry['textPayload']);
  const message = payload['message'];
  return isOwn && typeof message === 'string' ? message : JSON.stringify(payload);
}

/** It was parsed from JSON. */
function isJsonObject(value: unknown): value is JsonObject {
  return isFields(value);
}
