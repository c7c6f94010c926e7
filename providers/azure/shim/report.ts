/** Lines of the shim's own in the function's log: of what failed, for whoever looks for it there. */
import type { InvocationContext } from '@azure/functions';
import { serializeError, type JsonObject } from 'polyfaas/function';
import type { Instance } from './instance.ts';

/** @param requestId Default: the id of the invocation. */
export function report(
  instance: Instance,
  level: 'warn' | 'error',
  message: string,
  thrown: unknown,
  context: InvocationContext,
  requestId = context.invocationId,
): void {
  const { text, fields } = failureLine(message, thrown);
  instance.sink.tell(context, level, text, fields, requestId);
}

/** What a failure is told with; without fields where nothing was thrown. */
export function failureLine(
  message: string,
  thrown: unknown,
): { readonly text: string; readonly fields: JsonObject | undefined } {
  if (thrown === undefined) return { text: message, fields: undefined };
  const { name, message: said, stack } = serializeError(thrown);
  return {
    text: `${message}: ${name}: ${said}`,
    fields: { error: { name, message: said, stack } },
  };
}
