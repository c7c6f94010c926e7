/** `context.log`: hands lines to the platform's sink, and never fails because of what is logged. */
import type { FunctionLog, LogLevel } from './context.ts';
import { serializeError } from './error.ts';
import { JsonEncodeError, toJson } from './json.ts';
import type { JsonObject, JsonValue } from './json.types.ts';
import type { CallMeta, LogSink } from './shim.ts';

export class CallLog implements FunctionLog {
  readonly #sink: LogSink;
  readonly #meta: CallMeta;

  constructor(sink: LogSink, meta: CallMeta) {
    this.#sink = sink;
    this.#meta = meta;
  }

  debug(message: string, fields?: JsonObject): void {
    this.#write('debug', message, fields);
  }

  info(message: string, fields?: JsonObject): void {
    this.#write('info', message, fields);
  }

  warn(message: string, fields?: JsonObject): void {
    this.#write('warn', message, fields);
  }

  error(message: string, fields?: JsonObject): void {
    this.#write('error', message, fields);
  }

  #write(level: LogLevel, message: unknown, fields: unknown): void {
    const text = typeof message === 'string' ? message : textOf(message);
    this.#sink.write(level, text, fieldsOf(fields), this.#meta);
  }
}

function textOf(message: unknown): string {
  const logged = loggable(message);
  return typeof logged === 'string' ? logged : JSON.stringify(logged);
}

/** Fields are JSON by type; plain JavaScript may give anything, an error above all. */
function fieldsOf(fields: unknown): JsonObject | undefined {
  if (fields === undefined || fields === null) return undefined;
  const logged = loggable(fields);
  if (isObject(logged)) return fields instanceof Error ? { error: logged } : logged;
  return { value: logged };
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An error becomes its data; another value that is no JSON becomes a text that says why. */
function loggable(value: unknown, keepFields = true): JsonValue {
  try {
    // Even asking what it is may throw: it may be a proxy.
    return toJson(value instanceof Error ? serializeError(value) : value);
  } catch (error) {
    const reason = error instanceof JsonEncodeError ? error.message : 'cannot be read';
    return keepFields && typeof value === 'object' && value !== null
      ? eachField(value, reason)
      : `[${reason}]`;
  }
}

/** One bad field should not lose the others. */
function eachField(value: object, reason: string): JsonValue {
  try {
    const fields = Object.entries(value).map(([key, field]) => [key, loggable(field, false)]);
    return fields.length === 0 ? `[${reason}]` : Object.fromEntries(fields);
  } catch {
    return `[${reason}]`;
  }
}
