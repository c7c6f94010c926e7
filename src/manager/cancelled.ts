import { ServerlessError } from '../errors/index.ts';

/**
 * Does some work until its caller or the manager ends it. An abort is CANCELLED, whoever noticed it first, and told
 * by whom it came.
 *
 * @param given the caller's.
 * @param closing aborts when the manager is closed.
 */
export async function unlessCancelled<Value>(
  name: string,
  given: AbortSignal | undefined,
  closing: AbortSignal,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const signal = given ? AbortSignal.any([given, closing]) : closing;
  if (signal.aborted) throw cancelled(name, signal);
  try {
    return await work(signal);
  } catch (error) {
    const known = ServerlessError.isInstance(error) ? error : undefined;
    if (!signal.aborted || (known && known.code !== 'CANCELLED')) throw error;
    // Of two that aborted, the first gave the reason.
    if (closing.aborted && signal.reason === closing.reason) throw closed(name, error, known);
    throw known ?? cancelled(name, signal);
  }
}

export function cancelled(name: string, signal: AbortSignal): ServerlessError {
  return new ServerlessError({
    code: 'CANCELLED',
    function: name,
    message: `The call for "${name}" was cancelled by its caller; nothing was sent.`,
    cause: signal.reason,
  });
}

/** Who noticed the abort could not tell whose it was, and blames the caller. */
function closed(name: string, cause: unknown, known: ServerlessError | undefined): ServerlessError {
  return new ServerlessError({
    code: 'CANCELLED',
    function: name,
    provider: known?.provider,
    step: known?.step,
    details: known?.details,
    message: `The manager was closed during a call for "${name}". Await what is under way before close(). A new manager can make the call again.`,
    cause,
  });
}
