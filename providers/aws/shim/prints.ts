/** Tells when a call prints: the lines of `console` carry Lambda's id of the call alone. */

const METHODS = ['debug', 'log', 'info', 'warn', 'error', 'trace'] as const;

/** Of the call under way: Lambda gives an instance one at a time. */
let tell: (() => void) | undefined;
let isListening = false;

/**
 * `onPrint` is called before each print.
 *
 * @returns ends it.
 */
export function watchPrints(onPrint: () => void): () => void {
  tell = onPrint;
  listen();
  return () => {
    if (tell === onPrint) tell = undefined;
  };
}

function listen(): void {
  if (isListening) return;
  isListening = true;
  for (const method of METHODS) {
    const print: (...said: readonly unknown[]) => void = console[method];
    console[method] = (...said: readonly unknown[]) => {
      tell?.();
      print(...said);
    };
  }
}
