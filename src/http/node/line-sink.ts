/** Where `context.log` and the lines of calls go on platforms that read the standard output. */
import type { LogLevel } from '../../function/context.ts';
import { serializeError } from '../../function/error.ts';
import type { JsonObject } from '../../function/json.types.ts';
import type { CallMeta, LogSink } from '../../function/shim.ts';
import type { EntryLines } from './call-console.ts';

/**
 * Platforms take lines of 256 KB (Google's Cloud Logging, Vercel's runtime logs). A longer one would come in pieces, which
 * are no JSON and belong to no request.
 */
const MAX_BYTES = 200_000;
/** Characters of what is cut; escaped, one may be six. */
const MAX_PART = 30_000;

/** A line of the log, without what the platform calls its level. */
interface Line {
  readonly polyfaas: 'log';
  readonly message: string;
  readonly requestId: string;
  readonly version: string;
  /** Counts the lines of the instance: orders lines of the same moment. */
  readonly seq: number;
  readonly fields?: JsonObject;
}

/** One JSON line per entry. */
export class LineSink implements LogSink, EntryLines {
  readonly #version: string;
  readonly #levelOf: (level: LogLevel) => JsonObject;
  readonly #print: (line: string) => void;
  #seq = 0;

  /**
   * @param levelOf how the platform calls a level: `{ severity: 'WARNING' }`.
   * @param print Default: the standard output.
   */
  constructor(
    version: string,
    levelOf: (level: LogLevel) => JsonObject,
    print = (line: string): void => void process.stdout.write(line),
  ) {
    this.#version = version;
    this.#levelOf = levelOf;
    this.#print = print;
  }

  write(
    level: LogLevel,
    message: string,
    fields: JsonObject | undefined,
    meta: Pick<CallMeta, 'requestId'>,
  ): void {
    this.#print(`${this.entry(level, message, fields, meta)}\n`);
  }

  /** The line, for who writes it. */
  entry(
    level: LogLevel,
    message: string,
    fields: JsonObject | undefined,
    { requestId }: Pick<CallMeta, 'requestId'>,
  ): string {
    this.#seq += 1;
    return fitted({
      polyfaas: 'log',
      ...this.#levelOf(level),
      message,
      requestId,
      version: this.#version,
      seq: this.#seq,
      ...(fields === undefined ? {} : { fields }),
    });
  }

  /** A line of the shim's own, of what failed. */
  report(level: 'warn' | 'error', message: string, thrown: unknown, requestId: string): void {
    if (thrown === undefined) return this.write(level, message, undefined, { requestId });
    const { name, message: said, stack } = serializeError(thrown);
    const error = { name, message: said, ...(stack === undefined ? {} : { stack }) };
    this.write(level, `${message}: ${name}: ${said}`, { error }, { requestId });
  }

  /** Any other line. */
  line(line: object): void {
    this.#print(`${JSON.stringify(line)}\n`);
  }
}

/** An entry as JSON that is kept whole. What is too long is cut, and says so. */
function fitted(line: Line): string {
  const text = JSON.stringify(line);
  if (Buffer.byteLength(text) <= MAX_BYTES) return text;
  const { message, fields } = line;
  const given = JSON.stringify(fields ?? {});
  return JSON.stringify({
    ...line,
    message: cut(message, MAX_PART),
    ...(fields === undefined || given.length <= MAX_PART
      ? {}
      : { fields: { cut: cut(given, MAX_PART) } }),
  });
}

function cut(text: string, room: number): string {
  if (text.length <= room) return text;
  return `${text.slice(0, room).toWellFormed()}... (${text.length} characters)`;
}
