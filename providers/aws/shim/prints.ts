/** Tells when a call prints: the lines of `console` carry Lambda's id of the call alone. */
import { takeOverConsole } from 'polyfaas/function';

/** Of the call under way: Lambda gives an instance one at a time. */
let tell: (() => void) | undefined;

// The shim is loaded before the user's code, though behind what that imports from outside the bundle.
takeOverConsole((_level, said) => {
  tell?.();
  return [said];
});
// Lambda's own, which print by none of the others.
for (const method of ['trace', 'fatal']) {
  const print: unknown = Reflect.get(console, method);
  if (typeof print !== 'function') continue;
  Reflect.set(console, method, (...said: readonly unknown[]): void => {
    tell?.();
    Reflect.apply(print, console, said);
  });
}

/**
 * `onPrint` is called before each print.
 *
 * @returns ends it.
 */
export function watchPrints(onPrint: () => void): () => void {
  tell = onPrint;
  return () => {
    if (tell === onPrint) tell = undefined;
  };
}
