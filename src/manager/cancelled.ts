import { ServerlessError } from '../errors/index.ts';

/** An abort is CANCELLED, whoever noticed it first. */
export async function unlessCancelled<Value>(
  name: string,
  signal: AbortSignal | undefined,
  work: () => Promise<Value>,
): Promise<Value> {
  if (signal?.aborted) throw cancelled(name, signal);
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted && !ServerlessError.isInstance(error)) throw cancelled(name, signal);
    throw error;
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
