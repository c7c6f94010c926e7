/** The fields that Insights finds in an event: its own, those of Lambda's lines, and those of JSON. */
import { isObject } from '../../core/operation.ts';
import type { LogEvent } from '../store.ts';

export type Value = string | number | boolean | Date | undefined;

/** A row of a result on its way. */
export interface Row {
  get(name: string): Value;
  /** Absent behind `stats`. */
  readonly event?: LogEvent;
}

/** Lambda counts memory in MB, Insights in bytes. */
const MB = 1_000_000;

/** An event as a row. */
export function rowOf(event: LogEvent, log: string): Row {
  let found: ReadonlyMap<string, Value> | undefined;
  let json: unknown;
  let isRead = false;
  const own: Readonly<Record<string, Value>> = {
    '@timestamp': new Date(event.timestamp),
    '@ingestionTime': new Date(event.ingestedAt),
    '@message': event.message,
    '@logStream': event.stream,
    '@log': log,
    '@ptr': Buffer.from(event.id).toString('base64'),
  };
  const fragment = (): unknown => {
    if (!isRead) json = jsonFragment(event.message);
    isRead = true;
    return json;
  };
  return {
    event,
    get(name) {
      if (Object.hasOwn(own, name)) return own[name];
      found ??= lambdaFields(event.message, fragment);
      return found.has(name) ? found.get(name) : atPath(fragment(), name);
    },
  };
}

/** Only the first piece of JSON in an event is looked into. */
function jsonFragment(message: string): unknown {
  const from = message.indexOf('{');
  const to = message.lastIndexOf('}');
  if (from === -1 || to < from) return undefined;
  try {
    return JSON.parse(message.slice(from, to + 1));
  } catch {
    return undefined;
  }
}

/** `a.b.0.c` */
function atPath(value: unknown, path: string): Value {
  let at = value;
  for (const [index, part] of path.split('.').entries()) {
    if (Array.isArray(at)) at = at[Number(part)];
    else if (isObject(at)) {
      // A key may itself hold dots.
      const rest = path.split('.').slice(index).join('.');
      if (Object.hasOwn(at, rest)) return plain(at[rest]);
      at = at[part];
    } else return undefined;
  }
  return plain(at);
}

function plain(value: unknown): Value {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  return undefined;
}

function lambdaFields(message: string, json: () => unknown): ReadonlyMap<string, Value> {
  const type = /^(START|END|REPORT|INIT_START) /.exec(message)?.[1];
  if (type !== undefined) return textFields(type, message);
  const line = /^\S+\t([\da-f]{8}-[\da-f-]{27})\t/.exec(message)?.[1];
  if (line !== undefined) return new Map([['@requestId', line]]);
  if (atPath(json(), 'type') === 'platform.report') return reportFields(json());
  return new Map();
}

function textFields(type: string, message: string): ReadonlyMap<string, Value> {
  const fields = new Map<string, Value>([['@type', type]]);
  const requestId = /RequestId: (\S+)/.exec(message)?.[1];
  if (requestId !== undefined) fields.set('@requestId', requestId);
  const numbers: readonly (readonly [string, RegExp, number])[] = [
    ['@duration', /\tDuration: ([\d.]+) ms/, 1],
    ['@billedDuration', /\tBilled Duration: ([\d.]+) ms/, 1],
    ['@initDuration', /\tInit Duration: ([\d.]+) ms/, 1],
    ['@memorySize', /\tMemory Size: ([\d.]+) MB/, MB],
    ['@maxMemoryUsed', /\tMax Memory Used: ([\d.]+) MB/, MB],
  ];
  for (const [name, expression, factor] of numbers) {
    const text = expression.exec(message)?.[1];
    if (text !== undefined) fields.set(name, Number(text) * factor);
  }
  return fields;
}

function reportFields(json: unknown): ReadonlyMap<string, Value> {
  const fields = new Map<string, Value>([['@type', 'REPORT']]);
  const set = (name: string, path: string, factor: number): void => {
    const value = atPath(json, path);
    if (value === undefined) return;
    fields.set(name, typeof value === 'number' ? value * factor : value);
  };
  set('@requestId', 'record.requestId', 1);
  set('@duration', 'record.metrics.durationMs', 1);
  set('@billedDuration', 'record.metrics.billedDurationMs', 1);
  set('@initDuration', 'record.metrics.initDurationMs', 1);
  set('@memorySize', 'record.metrics.memorySizeMB', MB);
  set('@maxMemoryUsed', 'record.metrics.maxMemoryUsedMB', MB);
  return fields;
}
