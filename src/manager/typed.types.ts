/** A manager that knows what its functions take and answer. */
import type { InputOf, OutputOf } from '../function/io-of.types.ts';
import type { DeployOutcome } from './results.types.ts';
import type {
  DeployAllOptions,
  InvokeOptions,
  ServerlessManager,
  TargetedInvokeResult,
} from './types.ts';

/** What follows the name in a call: the input may be left out where null or nothing is one. */
type InputAndOptions<Input> = null extends Input
  ? [input?: Input, options?: InvokeOptions]
  : undefined extends Input
    ? [input?: Input, options?: InvokeOptions]
    : [input: Input, options?: InvokeOptions];

/**
 * A manager whose `invoke` takes and answers what the handlers do, by a map of their types. It is a type alone: every
 * manager that has the functions is one, and nothing is checked at run time.
 *
 * @example
 * ```ts
 * import type { ServerlessManager, TypedManager } from 'polyfaas';
 * import { defineFunction } from 'polyfaas/function';
 *
 * const orders = defineFunction({
 *   invoke: (input: { id: number }) => ({ id: input.id, at: new Date() }),
 * });
 *
 * interface Shop {
 *   orders: typeof orders; // In a file of its own: typeof import('./functions/orders.ts').default
 * }
 *
 * export async function orderedAt(manager: ServerlessManager, id: number): Promise<string> {
 *   const shop: TypedManager<Shop> = manager;
 *   const { output } = await shop.invoke('orders', { id });
 *   return output.at; // A text by now.
 * }
 * ```
 */
export interface TypedManager<Functions extends object> extends Omit<
  ServerlessManager<keyof Functions & string>,
  'invoke' | 'target' | 'functions' | 'deployAll'
> {
  /** The names of the configured functions, also of those that the map has not. */
  readonly functions: readonly string[];
  /** See {@link ServerlessManager.target}. */
  target(id: string): TypedManager<Functions>;
  /** See {@link ServerlessManager.deployAll}. */
  deployAll(
    options?: DeployAllOptions<keyof Functions & string>,
  ): Promise<{ readonly outcomes: readonly DeployOutcome[] }>;
  /** See {@link ServerlessManager.invoke}. */
  invoke<Name extends keyof Functions & string>(
    name: Name,
    ...call: InputAndOptions<InputOf<Functions[Name]>>
  ): Promise<TargetedInvokeResult<OutputOf<Functions[Name]>>>;
}
