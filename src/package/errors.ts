import { ServerlessError } from '../errors/index.ts';
import type { JsonValue } from '../function/json.types.ts';

/** Code or settings that cannot be packaged. */
export function refused(
  functionName: string,
  message: string,
  more: { readonly cause?: unknown; readonly details?: Readonly<Record<string, JsonValue>> } = {},
): ServerlessError {
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `Function "${functionName}": ${message}`,
    function: functionName,
    ...more,
  });
}

/** Ends a packaging whose caller gave up. */
export function throwIfCancelled(functionName: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(functionName, signal);
}

/** Waits for `work`, but no longer than the caller does. */
export function orCancelled<Value>(
  functionName: string,
  signal: AbortSignal | undefined,
  work: Promise<Value>,
): Promise<Value> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(cancelled(functionName, signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function cancelled(functionName: string, signal: AbortSignal): ServerlessError {
  return new ServerlessError({
    code: 'CANCELLED',
    message: `Packaging function "${functionName}" was cancelled. Nothing was sent.`,
    function: functionName,
    cause: signal.reason,
  });
}

/** What an unknown thrown value says. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** True for a Node file system error with this code. */
export function hasCode(thrown: unknown, ...codes: readonly string[]): boolean {
  return (
    thrown instanceof Error &&
    'code' in thrown &&
    typeof thrown.code === 'string' &&
    codes.includes(thrown.code)
  );
}
