/** What a signature makes of the user's export. */
import type { CallContext } from '../call-context.ts';
import type { HandlerKind } from '../events.ts';
import type { ShimCall, Signature } from '../shim.ts';

export interface Caller {
  readonly signature: Signature;
  /** In the order of `HANDLER_KINDS`. */
  readonly handles: readonly HandlerKind[];
  /** Calls the handler. The answer is in the normal form, or a promise of it, and not yet checked. */
  call(call: ShimCall, context: CallContext): unknown;
}

/** A function of the user's, whose arguments are ours to get right. */
export type Callable = (...given: readonly unknown[]) => unknown;

export function isCallable(value: unknown): value is Callable {
  return typeof value === 'function';
}

/** A method of an object, or of the class that it comes from. */
export function methodOf(value: object, name: string): Callable | undefined {
  const method: unknown = Reflect.get(value, name);
  return isCallable(method) ? method : undefined;
}
