/** `console` within a call: what it prints goes to the log of that call, where the platform could not say whose it is. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { format } from 'node:util';
import type { LogLevel } from '../../function/context.ts';
import type { CallMeta, HandlerRuntime, LogSink } from '../../function/shim.ts';

type Method = 'debug' | 'log' | 'info' | 'warn' | 'error';

/** The others print by these, but for `dir` and `group`. */
const LEVELS: Readonly<Record<Method, LogLevel>> = {
  debug: 'debug',
  log: 'info',
  info: 'info',
  warn: 'warn',
  error: 'error',
};
const METHODS: readonly Method[] = ['debug', 'log', 'info', 'warn', 'error'];

/** The call that code runs in, also in what it left for later. */
const CALLS = new AsyncLocalStorage<{ readonly sink: LogSink; readonly meta: CallMeta }>();
let isTakenOver = false;

/**
 * The runtime, with the `console` of its calls in `sink`: an entry for each, as a stack has several lines. What is printed
 * outside of calls goes where it went, and so does JSON: it is meant for whoever reads it there, such as Cloud Logging.
 */
export function withConsole(runtime: HandlerRuntime, sink: LogSink): HandlerRuntime {
  return {
    instanceId: runtime.instanceId,
    get cold() {
      return runtime.cold;
    },
    call(call, meta, signal) {
      takeOver();
      return CALLS.run({ sink, meta }, () => runtime.call(call, meta, signal));
    },
  };
}

function takeOver(): void {
  if (isTakenOver) return;
  isTakenOver = true;
  for (const method of METHODS) {
    const print = console[method];
    console[method] = (...said: readonly unknown[]) => {
      const on = CALLS.getStore();
      const text = on === undefined ? '' : format(...said);
      if (on === undefined || isJson(text)) print(...said);
      else on.sink.write(LEVELS[method], text, undefined, on.meta);
    };
  }
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
