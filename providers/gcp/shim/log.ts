/** Where `context.log` and the lines for the metrics go: the standard output, which Cloud Logging reads. */
import {
  serializeError,
  type CallMeta,
  type JsonObject,
  type LogLevel,
  type LogSink,
} from 'polyfaas/function';
import type { CallLine, LogLine } from '../manifest.ts';

const SEVERITIES: Readonly<Record<LogLevel, LogLine['severity']>> = {
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
};

/**
 * Cloud Logging takes entries of 256 KB ("Quotas and limits"). A longer line would come in pieces, which are no JSON and
 * belong to no request.
 */
const MAX_BYTES = 200_000;
/** Characters of what is cut; escaped, one may be six. */
const MAX_PART = 30_000;

/** One JSON line per entry. */
export class LineSink implements LogSink {
  readonly #version: string;
  readonly #print: (line: string) => void;
  #seq = 0;

  /** @param print Default: the standard output. */
  constructor(version: string, print = (line: string): void => void process.stdout.write(line)) {
    this.#version = version;
    this.#print = print;
  }

  write(
    level: LogLevel,
    message: string,
    fields: JsonObject | undefined,
    { requestId }: Pick<CallMeta, 'requestId'>,
  ): void {
    this.#seq += 1;
    const line: LogLine = {
      severity: SEVERITIES[level],
      message,
      polyfaas: 'log',
      requestId,
      version: this.#version,
      seq: this.#seq,
      ...(fields === undefined ? {} : { fields }),
    };
    this.#print(`${fitted(line)}\n`);
  }

  /** A line of the shim's own, of what failed. */
  report(level: 'warn' | 'error', message: string, thrown: unknown, requestId: string): void {
    if (thrown === undefined) return this.write(level, message, undefined, { requestId });
    const { name, message: said, stack } = serializeError(thrown);
    const error = { name, message: said, ...(stack === undefined ? {} : { stack }) };
    this.write(level, `${message}: ${name}: ${said}`, { error }, { requestId });
  }

  line(line: CallLine): void {
    this.#print(`${JSON.stringify(line)}\n`);
  }
}

/** An entry as JSON that is kept whole. What is too long is cut, and says so. */
function fitted(line: LogLine): string {
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
