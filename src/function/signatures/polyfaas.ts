/** The signature of `defineFunction`: one method per kind of call. */
import { HANDLER_KINDS } from '../events.ts';
import type { HandlerKind } from '../events.ts';
import { type Callable, type Caller, methodOf } from './caller.ts';

/** The kinds that an object has a method for. */
export function kindsOf(handlers: object): readonly HandlerKind[] {
  return HANDLER_KINDS.filter((kind) => methodOf(handlers, kind) !== undefined);
}

export function polyfaasCaller(handlers: object): Caller {
  const methods = new Map<HandlerKind, Callable>();
  for (const kind of kindsOf(handlers)) {
    const method = methodOf(handlers, kind);
    if (method !== undefined) methods.set(kind, method);
  }
  return {
    signature: 'polyfaas',
    handles: [...methods.keys()],
    call: (call, context) => methods.get(call.kind)?.call(handlers, call.event, context),
  };
}
