/**
 * What comes item by item: errors get their names here too. A repeat after the first item would give items twice, so
 * only what fails before it is repeated; from there on, paging is the adapter's.
 */
import type { CallContext, ServerlessProvider } from '../spi/provider.ts';
import { wrapError } from './errors.ts';
import type { CallInfo, Layer } from './layer.ts';

export interface ItemsParts<Item> {
  readonly provider: Pick<ServerlessProvider, 'classify'>;
  readonly retry: Layer;
  readonly info: CallInfo;
  readonly items: (context: CallContext) => AsyncIterable<Item>;
}

export async function* itemByItem<Item>(
  { provider, retry, info, items }: ItemsParts<Item>,
  context: CallContext,
): AsyncGenerator<Item> {
  const named = (cause: unknown): Error => wrapError(provider, info, context.signal, cause);
  const begin = async (): Promise<{
    readonly iterator: AsyncIterator<Item>;
    readonly first: IteratorResult<Item, unknown>;
  }> => {
    try {
      context.signal.throwIfAborted();
      const iterator = items(context)[Symbol.asyncIterator]();
      return { iterator, first: await iterator.next() };
    } catch (cause) {
      throw named(cause);
    }
  };
  const { iterator, first } = await retry.around(info, context, begin);
  let isDone = first.done === true;
  try {
    for (let result = first; result.done !== true;) {
      yield result.value;
      result = await iterator.next();
      isDone = result.done === true;
    }
  } catch (cause) {
    isDone = true;
    throw named(cause);
  } finally {
    // Whoever stops reading early lets go of what the adapter holds.
    if (!isDone) await iterator.return?.();
  }
}
