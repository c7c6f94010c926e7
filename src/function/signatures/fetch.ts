/** The web-standard signature: `{ fetch(request) }`, or a bare function when the signature is declared. */
import type { Callable, Caller } from './caller.ts';

/** @param self what `this` is inside the method. */
export function fetchCaller(fetchMethod: Callable, self: unknown): Caller {
  return {
    signature: 'fetch',
    handles: ['http'],
    call: (call, context) => fetchMethod.call(self, call.event, context),
  };
}
