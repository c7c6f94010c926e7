/** `console` within a call: what it prints becomes an entry of that call, where the platform could not say whose it is. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { LogLevel } from '../../function/context.ts';
import type { JsonObject } from '../../function/json.types.ts';
import type { CallMeta, HandlerRuntime } from '../../function/shim.ts';
import { piecesOfLines } from '../../function/pieces-of-lines.ts';
import { takeOverConsole } from '../../function/take-over-console.ts';

/** Makes the line of an entry, as it stands in the platform's log. */
export interface EntryLines {
  entry(
    level: LogLevel,
    message: string,
    fields: JsonObject | undefined,
    meta: Pick<CallMeta, 'requestId'>,
  ): string;
}

interface CallOfConsole {
  readonly lines: EntryLines;
  readonly meta: CallMeta;
  isOver: boolean;
}

/** An entry of so many characters is kept whole by every platform, unless most of them are escaped. */
const MAX_CHARACTERS = 16_000;

/** The call that code runs in, also in what it left for later. */
const CALLS = new AsyncLocalStorage<CallOfConsole>();
let running = 0;
let isTakenOver = false;

/**
 * The runtime; what its calls print is one entry for each print, as a stack has several lines. It goes where `console` puts
 * it, for that is written at once, and the platform knows its level.
 */
export function withConsole(runtime: HandlerRuntime, lines: EntryLines): HandlerRuntime {
  return {
    instanceId: runtime.instanceId,
    get cold() {
      return runtime.cold;
    },
    async call(call, meta, signal) {
      const on: CallOfConsole = { lines, meta, isOver: false };
      running += 1;
      try {
        return await CALLS.run(on, () => runtime.call(call, meta, signal));
      } finally {
        on.isOver = true;
        running -= 1;
      }
    },
  };
}

/**
 * For {@link withConsole}, before the user's code is loaded. What is printed outside of calls stays as it is, and so does a
 * line of JSON: it is meant for whoever reads it there, such as Cloud Logging.
 */
export function takeOverCallConsole(): void {
  if (isTakenOver) return;
  isTakenOver = true;
  takeOverConsole((level, said) => {
    const on = currentCall();
    if (on === undefined || isLineOfJson(said)) return [said];
    const { lines, meta } = on;
    const pieces = piecesOfLines(textOf(said), MAX_CHARACTERS);
    return pieces.map((piece) => [lines.entry(level, piece, undefined, meta)]);
  });
  // What is printed in a group is indented, which no entry may be: not those of other calls beside it, either.
  console.group = console.groupCollapsed = (...label: readonly unknown[]) => {
    if (label.length > 0) console.log(...label);
  };
  console.groupEnd = () => {};
}

function currentCall(): CallOfConsole | undefined {
  const on = CALLS.getStore();
  // A connection that the call opened and left to others may print for hours.
  if (on === undefined || Date.now() > on.meta.deadline) return undefined;
  // And it may print for the call that uses it now.
  return on.isOver && running > 0 ? undefined : on;
}

/** What has a mark of this library is none: whoever sends it to the function would write into the log of another call. */
function isLineOfJson(said: readonly unknown[]): boolean {
  const [text] = said;
  if (said.length !== 1 || typeof text !== 'string' || !/^\{.*\}$/.test(text)) return false;
  try {
    const fields: unknown = JSON.parse(text);
    return isFilled(fields) && !Object.hasOwn(fields, 'polyfaas');
  } catch {
    return false;
  }
}

function isFilled(fields: unknown): fields is object {
  return typeof fields === 'object' && fields !== null && Object.keys(fields).length > 0;
}

function textOf(said: readonly unknown[]): string {
  // Not imported: to import `node:util` into a module loads all that it has, at the start of every instance.
  return process.getBuiltinModule('node:util').format(...said);
}
