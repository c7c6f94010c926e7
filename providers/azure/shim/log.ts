/** Where `context.log` and the lines for the metrics go: the log of the invocation that they belong to. */
import type { InvocationContext } from '@azure/functions';
import type { CallMeta, JsonObject, LogLevel, LogSink } from 'polyfaas/function';
import type { EntryLines } from 'polyfaas/http';
import type { CallLine, LogLine, MarkLine } from '../manifest.ts';
import { fitted } from './fitted-line.ts';

/** The host leaves out what is below its own level, which is `Information`. Our level is in the line. */
const HOST_LEVELS = { debug: 'info', info: 'info', warn: 'warn', error: 'error' } as const;

/** One JSON line per entry. */
export class LineSink implements LogSink, EntryLines {
  readonly #version: string;
  #seq = 0;
  /** By request id. Calls run side by side where the spec lets them. */
  readonly #contexts = new Map<string, InvocationContext>();

  constructor(version: string) {
    this.#version = version;
  }

  /** What is logged about the request goes to this invocation until it ends. */
  begin(requestId: string, context: InvocationContext): void {
    this.#contexts.set(requestId, context);
  }

  /** The host drops lines of an invocation that is over: later ones go to the standard output. */
  end(requestId: string): void {
    this.#contexts.delete(requestId);
  }

  write(
    level: LogLevel,
    message: string,
    fields: JsonObject | undefined,
    { requestId }: Pick<CallMeta, 'requestId'>,
  ): void {
    this.tell(this.#contexts.get(requestId), level, message, fields, requestId);
  }

  /** An entry that goes to this invocation, or without one to the standard output. */
  tell(
    context: InvocationContext | undefined,
    level: LogLevel,
    message: string,
    fields: JsonObject | undefined,
    requestId: string,
  ): void {
    print(context, level, this.entry(level, message, fields, { requestId }));
  }

  /** The line, for who writes it. */
  entry(
    level: LogLevel,
    message: string,
    fields: JsonObject | undefined,
    { requestId }: Pick<CallMeta, 'requestId'>,
  ): string {
    this.#seq += 1;
    const line: LogLine = {
      polyfaas: 'log',
      level,
      message,
      requestId,
      version: this.#version,
      seq: this.#seq,
      ...(fields === undefined ? {} : { fields }),
    };
    return fitted(line);
  }

  line(line: CallLine | MarkLine, requestId: string): void {
    print(this.#contexts.get(requestId), 'info', JSON.stringify(line));
  }
}

function print(context: InvocationContext | undefined, level: LogLevel, text: string): void {
  if (context) context[HOST_LEVELS[level]](text);
  else process.stdout.write(`${text}\n`);
}
