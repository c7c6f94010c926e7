/** What calls need to know of their functions, read once and kept for a while. */
import type { FunctionRef } from '../plan.ts';
import type { CallContext } from '../provider.ts';
import { unlessAborted } from '../once.ts';

interface Kept<Known> {
  readonly reading: Promise<Known>;
  readonly readAt: number;
  /** Of who reads. */
  readonly signal: AbortSignal;
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
    for (let kept = this.#freshOf(id, call); kept; kept = this.#freshOf(id, call)) {
      try {
        return await unlessAborted(kept.reading, call.signal);
      } catch (error) {
        // Another caller gave up, and with it the reading. The first of those who waited reads again.
        if (call.signal.aborted || !kept.signal.aborted) throw error;
        if (this.#kept.get(id) === kept) this.#kept.delete(id);
      }
    }
    const reading = this.#read(ref, call);
    const made: Kept<Known> = {
      reading,
      readAt: call.clock.now(),
      signal: call.signal,
      value: undefined,
    };
    this.#kept.set(id, made);
    try {
      made.value = await reading;
      return made.value;
    } catch (error) {
      if (this.#kept.get(id) === made) this.#kept.delete(id);
      throw error;
    }
  }

  /**
   * Works with what is known of a function, and once more with what is read anew when that was no longer true.
   *
   * @param isStale whether a failure says so: keys that were changed, or a function that was made anew.
   */
  async use<Result>(
    ref: FunctionRef,
    call: CallContext,
    isStale: (error: unknown) => boolean,
    work: (known: Known) => Promise<Result>,
  ): Promise<Result> {
    const known = this.peek(ref, call) ?? (await this.get(ref, call));
    try {
      return await work(known);
    } catch (error) {
      if (!isStale(error)) throw error;
      this.forget(ref, known);
      return work(await this.get(ref, call));
    }
  }

  /**
   * The function was deployed or removed, or what was read is no longer true.
   *
   * @param known what is no longer true; something that was read since stays. Default: whatever there is.
   */
  forget(ref: FunctionRef, known?: Known): void {
    const id = functionIdOf(ref);
    if (known === undefined || this.#kept.get(id)?.value === known) this.#kept.delete(id);
  }

  #freshOf(id: string, call: CallContext): Kept<Known> | undefined {
    const kept = this.#kept.get(id);
    return kept !== undefined && this.#isFresh(kept, call) ? kept : undefined;
  }

  #isFresh({ readAt }: Kept<Known>, { clock }: CallContext): boolean {
    const age = clock.now() - readAt;
    return age >= 0 && age < this.#keptMs;
  }
}
