import { cancelledByCaller, closedMeanwhile } from '../engine/cancellation.ts';
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
  const signal = eitherOf(name, given, closing);
  try {
    return await work(signal);
  } catch (error) {
    throw endedBy(error, name, signal, closing);
  }
}

/** Aborts with the caller's signal, and when the manager is closed. Refuses one that has aborted already. */
export function eitherOf(
  name: string | undefined,
  given: AbortSignal | undefined,
  closing: AbortSignal,
): AbortSignal {
  if (given?.aborted) throw cancelledBefore(name, given);
  return given ? AbortSignal.any([given, closing]) : closing;
}

/**
 * What is thrown instead of the error of a call.
 *
 * @param name of its function; undefined when it has none.
 * @param signal of {@link eitherOf}.
 */
export function endedBy(
  error: unknown,
  name: string | undefined,
  signal: AbortSignal,
  closing: AbortSignal,
): unknown {
  if (!signal.aborted) return error;
  // A caller may abort with an error of ours: as a reason it is no failure of the call.
  const known = ServerlessError.isInstance(error) && error !== signal.reason ? error : undefined;
  if (known && known.code !== 'CANCELLED') return error;
  // Of two that aborted, the first gave the reason.
  if (closing.aborted && signal.reason === closing.reason) {
    const { provider, step, details } = known ?? {};
    return closedMeanwhile(error, { provider, step, details, function: name });
  }
  return known ?? cancelledByCaller(callOf(name), signal.reason, { function: name });
}

export function cancelledBefore(name: string | undefined, signal: AbortSignal): ServerlessError {
  return new ServerlessError({
    code: 'CANCELLED',
    function: name,
    message: `${callOf(name)} was cancelled by its caller; nothing was sent.`,
    cause: signal.reason,
  });
}

function callOf(name: string | undefined): string {
  return name === undefined ? 'The call' : `The call for "${name}"`;
}
