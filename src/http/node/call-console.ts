/** `console` within a call: what it prints becomes an entry of that call, where the platform could not say whose it is. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { LogLevel } from '../../function/context.ts';
import type { JsonObject } from '../../function/json.types.ts';
import type { CallMeta, HandlerRuntime } from '../../function/shim.ts';
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
}

/** The call that code runs in, also in what it left for later. */
const CALLS = new AsyncLocalStorage<CallOfConsole>();
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
    call: (call, meta, signal) =>
      CALLS.run({ lines, meta }, () => runtime.call(call, meta, signal)),
  };
}

/**
 * For {@link withConsole}, before the user's code is loaded. What is printed outside of calls stays as it is, and so does
 * JSON: it is meant for whoever reads it there, such as Cloud Logging.
 */
export function takeOverCallConsole(): void {
  if (isTakenOver) return;
  isTakenOver = true;
  takeOverConsole((level, said) => {
    const on = currentCall();
    if (on === undefined) return said;
    const text = textOf(said);
    if (isJson(text)) return said;
    return [on.lines.entry(level, text, undefined, on.meta)];
  });
  takeOverGroups();
}

function currentCall(): CallOfConsole | undefined {
  const on = CALLS.getStore();
  // A connection that the call opened and left to others may print for hours.
  return on === undefined || Date.now() > on.meta.deadline ? undefined : on;
}

/** What is printed in a group is indented: no line of an entry, and none of the next call, may be. */
function takeOverGroups(): void {
  for (const method of ['group', 'groupCollapsed'] as const) {
    const begin = console[method];
    console[method] = (...label: readonly unknown[]) => {
      if (currentCall() === undefined) Reflect.apply(begin, console, label);
      else if (label.length > 0) console.log(...label);
    };
  }
  const end = console.groupEnd;
  console.groupEnd = () => {
    if (currentCall() === undefined) Reflect.apply(end, console, []);
  };
}

function textOf(said: readonly unknown[]): string {
  // Not imported: to import `node:util` into a module loads all that it has, at the start of every instance.
  return process.getBuiltinModule('node:util').format(...said);
}

function isJson(text: string): boolean {
  if (!text.startsWith('{') || !text.endsWith('}')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
