import type { FunctionContext, HttpContext } from './context.ts';
import type {
  BusEvent,
  HandlerKind,
  ObjectEvent,
  OrderedResult,
  QueueBatch,
  QueueResult,
  ScheduleTick,
  StreamBatch,
  TableBatch,
  TopicMessage,
} from './events.ts';
import type { JsonProblem, JsonReceived, NotJson } from './json-problem.types.ts';
import type { JsonValue } from './json.types.ts';

type Awaitable<Value> = Value | Promise<Value>;

/**
 * The handlers of a function, one per kind of call. Give those that the function serves. `Queue`, `Topic`, `Stream` and
 * `Bus` are what their messages carry.
 */
export interface FunctionHandlers<
  Input extends JsonReceived<Exclude<Input, undefined>> = JsonValue,
  Output = JsonValue | void,
  Queue extends JsonReceived<Queue> = JsonValue,
  Topic extends JsonReceived<Topic> = JsonValue,
  Stream extends JsonReceived<Stream> = JsonValue,
  Bus extends JsonReceived<Bus> = JsonValue,
> {
  invoke?(input: Input, context: FunctionContext): Awaitable<Output>;
  http?(request: Request, context: HttpContext): Awaitable<Response>;
  schedule?(tick: ScheduleTick, context: FunctionContext): Awaitable<void>;
  queue?(batch: QueueBatch<Queue>, context: FunctionContext): Awaitable<QueueResult | void>;
  topic?(message: TopicMessage<Topic>, context: FunctionContext): Awaitable<void>;
  object?(event: ObjectEvent, context: FunctionContext): Awaitable<void>;
  stream?(batch: StreamBatch<Stream>, context: FunctionContext): Awaitable<OrderedResult | void>;
  table?(batch: TableBatch, context: FunctionContext): Awaitable<OrderedResult | void>;
  bus?(event: BusEvent<Bus>, context: FunctionContext): Awaitable<void>;
}

/** Marks what `defineFunction` returns; shared by every copy of the library in a process. */
export const FUNCTION_MARK: unique symbol = Symbol.for('polyfaas.function');

/** A function as {@link defineFunction} returns it; the `Kinds` are those that it was given. */
export type DefinedFunction<
  Input extends JsonReceived<Exclude<Input, undefined>> = JsonValue,
  Output = JsonValue | void,
  Kinds extends HandlerKind = never,
  Queue extends JsonReceived<Queue> = JsonValue,
  Topic extends JsonReceived<Topic> = JsonValue,
  Stream extends JsonReceived<Stream> = JsonValue,
  Bus extends JsonReceived<Bus> = JsonValue,
> = FunctionHandlers<Input, Output, Queue, Topic, Stream, Bus> &
  Required<Pick<FunctionHandlers<Input, Output, Queue, Topic, Stream, Bus>, Kinds>> & {
    readonly [FUNCTION_MARK]: true;
  };

/** What JSON never brings of an input that was annotated: then the parameter is what it should have been instead. */
type InputProblem<Input> = unknown extends Input
  ? never
  : Input extends NotJson<infer Problem>
    ? `input ${Problem}`
    : never;

/** Nothing to ask for when JSON carries input and output; else a type that no handler has, whose name says why. */
type JsonCheck<Input, Output> = [InputProblem<Input> | JsonProblem<Output>] extends [never]
  ? unknown
  : { readonly invoke: NotJson<InputProblem<Input> | JsonProblem<Output>> };

/**
 * Declares a function that runs on every provider.
 *
 * The types of `invoke` come from the handler: annotate its input, and its output is inferred. An input without an
 * annotation is a `JsonValue`, and one that JSON never brings (a Date, a Map) does not compile. An output that JSON would lose (a Map, a bigint, a function) does not compile; the
 * error names the place. What the messages of queue, topic, stream and bus carry is a `JsonValue` too, unless the
 * handler says more: `queue: (batch: QueueBatch<Order>) => ...`.
 *
 * @returns the same object, marked; a marked copy of one that is frozen.
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
export function defineFunction<
  Input extends JsonReceived<Exclude<Input, undefined>> = JsonValue,
  Output = JsonValue | void,
  Kinds extends HandlerKind = never,
  Queue extends JsonReceived<Queue> = JsonValue,
  Topic extends JsonReceived<Topic> = JsonValue,
  Stream extends JsonReceived<Stream> = JsonValue,
  Bus extends JsonReceived<Bus> = JsonValue,
>(
  handlers: FunctionHandlers<Input, Output, Queue, Topic, Stream, Bus> & {
    readonly [Kind in Kinds]: unknown;
  } & JsonCheck<Input, Output>,
): DefinedFunction<Input, Output, Kinds, Queue, Topic, Stream, Bus>;
export function defineFunction(handlers: object): object {
  // Marked in place: a copy of a class instance would lose its methods and its private fields.
  return Object.defineProperty(
    Object.isExtensible(handlers) ? handlers : twinOf(handlers),
    FUNCTION_MARK,
    { value: true },
  );
}

/** With the methods of its class, too, which a spread would leave behind. */
const twinOf = (handlers: object): object =>
  Object.defineProperties(
    { __proto__: Object.getPrototypeOf(handlers) },
    Object.getOwnPropertyDescriptors(handlers),
  );
