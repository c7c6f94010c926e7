/**
 * What comes item by item: errors get their names here too, and every item its timeout. A repeat after the first item
 * would give items twice, so only what fails before it is repeated; from there on, paging is the adapter's.
 */
import { abortable } from '../engine/keyed-mutex.ts';
import type { CallContext, ServerlessProvider } from '../spi/provider.ts';
import { wrapError } from './errors.ts';
import { begunItems, checkedItem } from './iterated.ts';
import type { CallInfo, Layer } from './layer.ts';
import { noAnswer } from './timeout.ts';

export interface ItemsParts<Item> {
  readonly provider: Pick<ServerlessProvider, 'classify'>;
  readonly retry: Layer;
  readonly info: CallInfo;
  /** What one item may take. Without: as long as it likes, as when new ones are waited for. */
  readonly attemptTimeoutSeconds?: number | undefined;
  readonly items: (context: CallContext) => AsyncIterable<Item>;
}

export async function* itemByItem<Item>(
  parts: ItemsParts<Item>,
  context: CallContext,
): AsyncGenerator<Item> {
  const begin = async (attempt: CallContext): Promise<Begun<Item>> => {
    const source = new Source(parts, attempt);
    return { source, first: await source.next() };
  };
  const { source, first } = await parts.retry.around(parts.info, context, begin);
  try {
    for (let result = first; result.done !== true; result = await source.next()) {
      yield result.value;
    }
  } finally {
    // Whoever stops reading early lets go of what the adapter holds.
    await source.end();
  }
}

interface Begun<Item> {
  readonly source: Source<Item>;
  readonly first: IteratorResult<Item, unknown>;
}

/** An adapter's items, bounded in time, with errors that have names. */
class Source<Item> {
  readonly #parts: ItemsParts<Item>;
  readonly #context: CallContext;
  readonly #own = new AbortController();
  #iterator: AsyncIterator<Item> | undefined;

  constructor(parts: ItemsParts<Item>, context: CallContext) {
    this.#parts = parts;
    this.#context = context;
    if (context.signal.aborted) this.#onAbort();
    context.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  async next(): Promise<IteratorResult<Item, unknown>> {
    try {
      const result = await this.#bounded(async () =>
        checkedItem(this.#parts.info, await this.#begun().next()),
      );
      if (result.done === true) this.#finish();
      return result;
    } catch (error) {
      letGo(this.#finish());
      throw error;
    }
  }

  /** Does nothing after the last item or an error. Quiet after an abort: whoever leaves then knows why. */
  async end(): Promise<void> {
    const iterator = this.#iterator;
    if (this.#own.signal.aborted) {
      letGo(this.#finish());
      return;
    }
    try {
      if (iterator?.return) await this.#bounded(async () => iterator.return?.());
    } catch (error) {
      if (!this.#context.signal.aborted) throw error;
    } finally {
      this.#finish();
    }
  }

  #begun(): AsyncIterator<Item> {
    const context = { ...this.#context, signal: this.#own.signal };
    this.#iterator ??= begunItems(this.#parts.info, this.#parts.items(context));
    return this.#iterator;
  }

  #finish(): AsyncIterator<Item> | undefined {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    this.#context.signal.removeEventListener('abort', this.#onAbort);
    return iterator;
  }

  async #bounded<Value>(work: () => Promise<Value>): Promise<Value> {
    const { attemptTimeoutSeconds: seconds, info, provider } = this.#parts;
    const { signal } = this.#own;
    let cancel = (): void => {};
    try {
      signal.throwIfAborted();
      if (seconds !== undefined) {
        const late = (): void => this.#own.abort(noAnswer(info, seconds));
        cancel = this.#context.clock.after(seconds * 1000, late);
      }
      return await abortable(work(), signal);
    } catch (cause) {
      throw wrapError(provider, info, signal, cause);
    } finally {
      cancel();
    }
  }

  readonly #onAbort = (): void => this.#own.abort(this.#context.signal.reason);
}

/** One that hangs would never answer this either, so that nobody waits for it, nor hears that it failed. */
function letGo(iterator: AsyncIterator<unknown> | undefined): void {
  // Of an adapter without types it may answer, or throw, at once.
  const leave = async (): Promise<unknown> => iterator?.return?.();
  leave().catch(() => {});
}
