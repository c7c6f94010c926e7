import type { FunctionContext, HttpContext } from './context.ts';
import type {
  BusEvent,
  ObjectEvent,
  OrderedResult,
  QueueBatch,
  QueueResult,
  ScheduleTick,
  StreamBatch,
  TableBatch,
  TopicMessage,
} from './events.ts';
import type { JsonValue } from './json.types.ts';

type Awaitable<Value> = Value | Promise<Value>;

/** The handlers of a function, one per kind of call. Give those that the function serves. */
export interface FunctionHandlers<Input = JsonValue, Output = JsonValue | void> {
  invoke?(input: Input, context: FunctionContext): Awaitable<Output>;
  http?(request: Request, context: HttpContext): Awaitable<Response>;
  schedule?(tick: ScheduleTick, context: FunctionContext): Awaitable<void>;
  queue?(batch: QueueBatch, context: FunctionContext): Awaitable<QueueResult | void>;
  topic?(message: TopicMessage, context: FunctionContext): Awaitable<void>;
  object?(event: ObjectEvent, context: FunctionContext): Awaitable<void>;
  stream?(batch: StreamBatch, context: FunctionContext): Awaitable<OrderedResult | void>;
  table?(batch: TableBatch, context: FunctionContext): Awaitable<OrderedResult | void>;
  bus?(event: BusEvent, context: FunctionContext): Awaitable<void>;
}

/** Marks what `defineFunction` returns; shared by every copy of the library in a process. */
export const FUNCTION_MARK: unique symbol = Symbol.for('polyfaas.function') as never;

/** A function as {@link defineFunction} returns it. */
export type DefinedFunction<Input = JsonValue, Output = JsonValue | void> = FunctionHandlers<
  Input,
  Output
> & { readonly [FUNCTION_MARK]: true };

/**
 * Declares a function that runs on every provider.
 *
 * @example
 * ```ts
 * import { defineFunction } from 'polyfaas/function';
 *
 * export default defineFunction({
 *   invoke: (input: { id: number }) => ({ doubled: input.id * 2 }),
 *   http: (request) => Response.json({ path: new URL(request.url).pathname }),
 * });
 * ```
 */
export function defineFunction<Input = JsonValue, Output = JsonValue | void>(
  handlers: FunctionHandlers<Input, Output>,
): DefinedFunction<Input, Output> {
  return Object.assign({ [FUNCTION_MARK]: true as const }, handlers);
}
