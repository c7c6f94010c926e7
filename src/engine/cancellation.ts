/** Calls that end before their time: by their caller, with their manager, or because they take too long. */
import { ServerlessError, type ServerlessErrorInit } from '../errors/index.ts';

type Place = Pick<ServerlessErrorInit, 'provider' | 'function' | 'step' | 'details'>;

const own = new WeakSet<object>();

/** Marks an error as a reason of the library's own, such as a deadline: an abort with it is no cancellation. */
export function ownReason(error: ServerlessError): ServerlessError {
  own.add(error);
  return error;
}

/** True for what {@link ownReason} marked. A caller may abort with any error, a `ServerlessError` too. */
export function isOwnReason(reason: unknown): reason is ServerlessError {
  return ServerlessError.isInstance(reason) && own.has(reason);
}

/** @param what was cancelled: `The metrics call`. */
export function cancelledByCaller(what: string, reason: unknown, place: Place): ServerlessError {
  return new ServerlessError({
    ...place,
    code: 'CANCELLED',
    message: `${what} was cancelled by its caller.`,
    cause: reason,
  });
}

/** Its manager was closed meanwhile. */
export function closedMeanwhile(cause: unknown, place: Place): ServerlessError {
  const whose = place.function === undefined ? 'this call' : `a call for "${place.function}"`;
  return new ServerlessError({
    ...place,
    code: 'CANCELLED',
    message: `The manager was closed during ${whose}. Await what is under way before close(). A new manager can make the call again.`,
    cause,
  });
}
