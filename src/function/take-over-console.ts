import type { LogLevel } from './context.ts';

type Method = 'debug' | 'log' | 'info' | 'warn' | 'error';

/** The others print by these, but for `dir` and `dirxml`. */
const METHODS: readonly (readonly [Method, LogLevel])[] = [
  ['debug', 'debug'],
  ['log', 'info'],
  ['info', 'info'],
  ['warn', 'warn'],
  ['error', 'error'],
];

/**
 * Changes for good what `console` prints. Before the user's code is loaded: what that puts around `console`, or keeps of
 * it, then has this within.
 *
 * @param inPlaceOf what is printed instead, and in how many prints: in none, what it is given is not printed.
 */
export function takeOverConsole(
  inPlaceOf: (level: LogLevel, said: readonly unknown[]) => readonly (readonly unknown[])[],
): void {
  for (const [method, level] of METHODS) {
    const print = console[method];
    console[method] = (...said: readonly unknown[]) => {
      for (const instead of inPlaceOf(level, said)) Reflect.apply(print, console, instead);
    };
  }
}
