/** Everything that code in an instance writes becomes log lines, bounded before they leave the instance. */
import { piecesOfLines, takeOverConsole } from 'polyfaas/function';
import type { JsonObject, LogLevel } from 'polyfaas/spi';
import {
  cutLine,
  droppedMessage,
  LineLimiter,
  LineSplitter,
  MAX_LINE_CHARACTERS,
} from './output-lines.ts';
import { type FromInstance, Operation } from './protocol.ts';

type WriteCallback = (error?: Error | null) => void;

export interface InstanceOutput {
  log(
    level: LogLevel,
    message: string,
    fields: JsonObject | undefined,
    requestId: string | undefined,
  ): void;
  /** Sends unfinished lines and the count of dropped ones. */
  flush(): void;
}

/**
 * Takes over `process.stdout` and `process.stderr`, and before them `console`, which knows the level, and what is one entry.
 *
 * @param currentRequest the request that a written line belongs to, as far as that is certain.
 */
export function captureOutput(
  send: (message: FromInstance) => void,
  currentRequest: () => string | undefined,
): InstanceOutput {
  const limiter = new LineLimiter((dropped) =>
    send([Operation.log, Date.now(), 'warn', droppedMessage(dropped), { dropped }, undefined]),
  );
  const write: InstanceOutput['log'] = (level, line, fields, requestId) => {
    const encoded = fields === undefined ? undefined : encode(fields);
    if (!limiter.admit(line.length + (encoded?.length ?? 0))) return;
    const sent: JsonObject | undefined =
      encoded === undefined || encoded.length > MAX_LINE_CHARACTERS
        ? fields && { fieldsDropped: 'They are no JSON, or longer than 16 KB.' }
        : JSON.parse(encoded);
    send([Operation.log, Date.now(), level, line, sent, requestId]);
  };
  const splitters = [capture('stdout', 'info'), capture('stderr', 'error')];
  takeOverConsole((level, said) => {
    // What has no line end yet comes before it, as it does on a terminal.
    for (const splitter of splitters) splitter.flush();
    if (process.features.inspector) {
      // A debugger shows what is printed, too.
      process.getBuiltinModule('node:inspector').console[level](...said);
    }
    // Not imported: to import `node:util` into a module loads all that it has, at the start of every instance.
    const text = process.getBuiltinModule('node:util').format(...said);
    for (const piece of piecesOfLines(text, MAX_LINE_CHARACTERS)) {
      write(level, cutLine(piece), undefined, currentRequest());
    }
    return [];
  });

  function capture(name: 'stdout' | 'stderr', level: LogLevel): LineSplitter {
    const splitter = new LineSplitter((line) => write(level, line, undefined, currentRequest()));
    const original = Object.getOwnPropertyDescriptor(process, name);
    let patched: NodeJS.WriteStream | undefined;
    // Lazily: a function that never prints never pays for the stream behind it.
    Object.defineProperty(process, name, {
      configurable: true,
      enumerable: true,
      get(): NodeJS.WriteStream {
        patched ??= patch(original?.get?.call(process), splitter);
        return patched;
      },
    });
    return splitter;
  }

  return {
    log: (level, message, fields, requestId) => write(level, cutLine(message), fields, requestId),
    flush() {
      for (const splitter of splitters) splitter.flush();
      limiter.flush();
    },
  };
}

function patch(stream: NodeJS.WriteStream, splitter: LineSplitter): NodeJS.WriteStream {
  stream.write = (
    chunk: string | Uint8Array,
    encodingOrCallback?: BufferEncoding | WriteCallback,
    callback?: WriteCallback,
  ): boolean => {
    const encoding = typeof encodingOrCallback === 'string' ? encodingOrCallback : 'utf8';
    const done = typeof encodingOrCallback === 'function' ? encodingOrCallback : callback;
    const plain = typeof chunk !== 'string' || encoding === 'utf8' || encoding === 'utf-8';
    splitter.write(plain ? chunk : Buffer.from(chunk, encoding));
    if (done) process.nextTick(done);
    return true;
  };
  // `end` would go past `write`; and the log of an instance is never at its end.
  stream.end = (...last: readonly unknown[]): NodeJS.WriteStream => {
    const [chunk] = last;
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) splitter.write(chunk);
    return stream;
  };
  return stream;
}

function encode(fields: JsonObject): string | undefined {
  try {
    return JSON.stringify(fields);
  } catch {
    return undefined;
  }
}
