/** What goes into a function and comes out of it, by its type: `typeof handler`. */
import type { JsonValue } from './json.types.ts';

/** What the other end gets of a value that JSON carries: a text for a Date, nothing for what is undefined. */
export type JsonArrived<Value> = Value extends JsonValue
  ? Value
  : Value extends undefined | void
    ? null
    : Value extends { toJSON(...none: never): infer Form }
      ? JsonArrived<Form>
      : Value extends readonly (infer Element)[]
        ? readonly JsonArrived<Element>[]
        : Value extends object
          ? {
              readonly [Key in keyof Value as Key & string]: JsonArrived<
                Exclude<Value[Key], undefined>
              >;
            }
          : Value;

/**
 * What `invoke` of a function takes.
 *
 * @example
 * ```ts
 * import type { ServerlessManager } from 'polyfaas';
 * import { defineFunction, type InputOf, type OutputOf } from 'polyfaas/function';
 *
 * const orders = defineFunction({
 *   invoke: (input: { id: number }) => ({ id: input.id, at: new Date() }),
 * });
 *
 * export async function order(manager: ServerlessManager, id: number): Promise<string> {
 *   const input: InputOf<typeof orders> = { id };
 *   const { output } = await manager.invoke<OutputOf<typeof orders>>('orders', input);
 *   return output.at; // A text by now.
 * }
 * ```
 */
export type InputOf<Function> = Function extends {
  invoke(input: infer Input, context: never): unknown;
}
  ? Input
  : JsonValue;

/** What a caller of `invoke` gets from a function, as it arrives. See {@link InputOf}. */
export type OutputOf<Function> = Function extends { invoke(...call: never): infer Output }
  ? JsonArrived<Awaited<Output>>
  : JsonValue;
