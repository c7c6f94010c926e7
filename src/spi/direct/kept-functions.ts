/** What calls need to know of their functions, read once and kept for a while. */
import { ServerlessError } from '../../errors/index.ts';
import type { FunctionRef } from '../plan.ts';
import type { CallContext } from '../provider.ts';

interface Kept<Known> {
  readonly reading: Promise<Known>;
  readonly readAt: number;
  /** What it came to, once it has. */
  value: Known | undefined;
}

/** Made once for each: as a key, a text that was just put together costs more than the look-up. */
const ids = new WeakMap<FunctionRef, string>();

/** `app/stage/name`: what the signature of a direct call is over. */
export function functionIdOf(ref: FunctionRef): string {
  let id = ids.get(ref);
  if (id === undefined) {
    id = `${ref.app}/${ref.stage}/${ref.name}`;
    ids.set(ref, id);
  }
  return id;
}

export class KeptFunctions<Known> {
  readonly #read: (ref: FunctionRef, call: CallContext) => Promise<Known>;
  readonly #keptMs: number;
  readonly #kept = new Map<string, Kept<Known>>();

  /**
   * @param read looks at the platform.
   * @param keptMs how long what was read is good for. Another process may deploy or remove the function meanwhile.
   */
  constructor(read: (ref: FunctionRef, call: CallContext) => Promise<Known>, keptMs = 600_000) {
    this.#read = read;
    this.#keptMs = keptMs;
  }

  /** As {@link get}, when it was read already: a hot path waits for nothing. */
  peek(ref: FunctionRef, call: CallContext): Known | undefined {
    const kept = this.#kept.get(functionIdOf(ref));
    return kept !== undefined && this.#isFresh(kept, call) ? kept.value : undefined;
  }

  /** Those who ask at once share one reading. */
  async get(ref: FunctionRef, call: CallContext): Promise<Known> {
    const id = functionIdOf(ref);
    const kept = this.#kept.get(id);
    if (kept !== undefined && this.#isFresh(kept, call)) {
      try {
        return await kept.reading;
      } catch (error) {
        // It may have failed because another caller gave up.
        if (call.signal.aborted || ServerlessError.isInstance(error)) throw error;
      }
    }
    const reading = this.#read(ref, call);
    const made: Kept<Known> = { reading, readAt: call.clock.now(), value: undefined };
    this.#kept.set(id, made);
    try {
      made.value = await reading;
      return made.value;
    } catch (error) {
      if (this.#kept.get(id) === made) this.#kept.delete(id);
      throw error;
    }
  }

  /** The function was deployed or removed, or what was read is no longer true. */
  forget(ref: FunctionRef): void {
    this.#kept.delete(functionIdOf(ref));
  }

  #isFresh({ readAt }: Kept<Known>, { clock }: CallContext): boolean {
    const age = clock.now() - readAt;
    return age >= 0 && age < this.#keptMs;
  }
}
