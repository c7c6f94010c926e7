/** `context.log`: hands lines to the platform's sink, and never fails because of what is logged. */
import type { FunctionLog, LogLevel } from './context.ts';
import type { JsonObject, JsonValue } from './json.types.ts';
import { isError, loggable } from './loggable.ts';
import type { CallMeta, LogSink } from './shim.ts';

export class CallLog implements FunctionLog {
  readonly #sink: LogSink;
  readonly #meta: CallMeta;

  constructor(sink: LogSink, meta: CallMeta) {
    this.#sink = sink;
    this.#meta = meta;
  }

  debug(message: string, fields?: object): void {
    this.#write('debug', message, fields);
  }

  info(message: string, fields?: object): void {
    this.#write('info', message, fields);
  }

  warn(message: string, fields?: object): void {
    this.#write('warn', message, fields);
  }

  error(message: string, fields?: object): void {
    this.#write('error', message, fields);
  }

  #write(level: LogLevel, message: unknown, fields: unknown): void {
    try {
      const text = typeof message === 'string' ? message : textOf(message);
      this.#sink.write(level, text, fieldsOf(fields), this.#meta);
    } catch {
      // The platform takes no such line, one longer than any text above all: a call should not fail of it.
    }
  }
}

function textOf(message: unknown): string {
  const logged = loggable(message);
  return typeof logged === 'string' ? logged : JSON.stringify(logged);
}

/** Fields are an object by type; plain JavaScript may give anything. */
function fieldsOf(fields: unknown): JsonObject | undefined {
  if (fields === undefined || fields === null) return undefined;
  const logged = loggable(fields);
  if (!isObject(logged)) return { value: logged };
  return isError(fields) ? { error: logged } : logged;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
