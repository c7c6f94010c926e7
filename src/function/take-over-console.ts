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
 * @param inPlaceOf what is printed instead; nothing where it is `undefined`.
 */
export function takeOverConsole(
  inPlaceOf: (level: LogLevel, said: readonly unknown[]) => readonly unknown[] | undefined,
): void {
  for (const [method, level] of METHODS) {
    const print = console[method];
    console[method] = (...said: readonly unknown[]) => {
      const printed = inPlaceOf(level, said);
      if (printed !== undefined) Reflect.apply(print, console, printed);
    };
  }
}
