import type { JsonArray, JsonObject, JsonValue, LogLevel, SourcePositions } from 'polyfaas/spi';
import type { InstanceLog, PoolListener } from '../ports.ts';
import { droppedMessage, LineLimiter, LineSplitter } from './output-lines.ts';
import type { LogMessage } from './protocol.ts';

type Entry = Omit<InstanceLog, 'instanceId'>;

/** Stands for the id of an instance that never became ready. */
const NOT_STARTED = 'not-started';

/** Errors that lie deeper keep the stack that they have. One has up to eight causes. */
const MAX_ERROR_DEPTH = 12;

/** Hands on what an instance writes, with the id of the instance, which is known only when it is ready. */
export class InstanceLogs {
  readonly #listener: PoolListener;
  readonly #positions: SourcePositions;
  readonly #limiter = new LineLimiter((dropped) => this.#line('warn', droppedMessage(dropped)));
  readonly #splitters = {
    info: new LineSplitter((line) => this.#raw('info', line)),
    error: new LineSplitter((line) => this.#raw('error', line)),
  };
  #early: Entry[] = [];
  #id: string | undefined;

  constructor(listener: PoolListener, positions: SourcePositions) {
    this.#listener = listener;
    this.#positions = positions;
  }

  named(id: string): void {
    this.#id = id;
    const early = this.#early;
    this.#early = [];
    for (const entry of early) this.#emit(entry);
  }

  message(message: LogMessage): void {
    const [, timeMs, level, text, fields, requestId] = message;
    this.#emit({
      timeMs,
      level,
      message: this.#positions.inSources(text),
      ...(fields === undefined ? {} : { fields: this.#located(fields) }),
      ...(requestId === undefined ? {} : { requestId }),
    });
  }

  /** Raw output, which did not pass through the instance's own capture. */
  output(level: 'info' | 'error', chunk: Uint8Array): void {
    this.#splitters[level].write(chunk);
  }

  /** It is gone, and there is no call whose caller could be told. */
  ended({ message, cause }: Error): void {
    const stack = cause instanceof Error ? cause.stack : undefined;
    this.#emit({
      timeMs: Date.now(),
      level: 'error',
      message,
      ...(stack === undefined ? {} : { fields: { error: { stack } } }),
    });
  }

  /** Nothing more comes. */
  end(): void {
    this.#splitters.info.flush();
    this.#splitters.error.flush();
    this.#limiter.flush();
    if (this.#id === undefined) this.named(NOT_STARTED);
  }

  #raw(level: LogLevel, line: string): void {
    if (this.#limiter.admit(line.length)) this.#line(level, line);
  }

  #line(level: LogLevel, message: string): void {
    this.#emit({ timeMs: Date.now(), level, message: this.#positions.inSources(message) });
  }

  /** Errors that were logged have stacks of their own, wherever they are. Most lines have none, and are not copied. */
  #located(fields: JsonObject, depthLeft = MAX_ERROR_DEPTH): JsonObject {
    const changed: [string, JsonValue][] = [];
    for (const [key, value] of Object.entries(fields)) {
      const located =
        key === 'stack' && typeof value === 'string'
          ? this.#positions.inSources(value)
          : this.#locatedWithin(value, depthLeft);
      if (located !== value) changed.push([key, located]);
    }
    // It makes a field even of `__proto__`.
    return changed.length === 0
      ? fields
      : Object.fromEntries([...Object.entries(fields), ...changed]);
  }

  #locatedWithin(value: JsonValue, depthLeft: number): JsonValue {
    if (typeof value !== 'object' || value === null || depthLeft === 0) return value;
    if (!isList(value)) return this.#located(value, depthLeft - 1);
    const located = value.map((item) => this.#locatedWithin(item, depthLeft - 1));
    return located.some((item, index) => item !== value[index]) ? located : value;
  }

  #emit(entry: Entry): void {
    if (this.#id === undefined) this.#early.push(entry);
    else this.#listener.log({ ...entry, instanceId: this.#id });
  }
}

function isList(value: JsonArray | JsonObject): value is JsonArray {
  return Array.isArray(value);
}
