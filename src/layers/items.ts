/** What comes item by item: errors get their names here too. A repeat would give items twice, so none is made. */
import type { CallContext, ServerlessProvider } from '../spi/provider.ts';
import { wrapError } from './errors.ts';
import type { CallInfo } from './layer.ts';

export async function* namedErrors<Item>(
  provider: Pick<ServerlessProvider, 'classify'>,
  info: CallInfo,
  context: CallContext,
  items: (context: CallContext) => AsyncIterable<Item>,
): AsyncGenerator<Item> {
  try {
    context.signal.throwIfAborted();
    yield* items(context);
  } catch (cause) {
    throw wrapError(provider, info, context.signal, cause);
  }
}
