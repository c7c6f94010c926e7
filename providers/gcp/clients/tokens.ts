/** Tokens, each asked for once and kept until shortly before it ends. */
import { unlessAborted } from 'polyfaas/spi';

/** A token that ends within this time is asked for anew. */
const RENEWAL_MS = 300_000;

export interface Token {
  readonly text: string;
  /** Undefined: not kept, since whoever gave it keeps it. */
  readonly endsAt: number | undefined;
}

export class Tokens {
  readonly #ask: (what: string) => Promise<Token>;
  readonly #now: () => number;
  readonly #kept = new Map<string, Token>();
  readonly #asking = new Map<string, Promise<Token>>();

  /** @param ask gets a token for what is asked for: an audience. */
  constructor(ask: (what: string) => Promise<Token>, now: () => number) {
    this.#ask = ask;
    this.#now = now;
  }

  async of(what: string, signal: AbortSignal): Promise<string> {
    const kept = this.#kept.get(what);
    if (kept?.endsAt !== undefined && kept.endsAt - this.#now() > RENEWAL_MS) return kept.text;
    // One request for all who ask at once.
    let asking = this.#asking.get(what);
    if (!asking) {
      asking = this.#get(what).finally(() => this.#asking.delete(what));
      this.#asking.set(what, asking);
      asking.catch(() => {});
    }
    return (await unlessAborted(asking, signal)).text;
  }

  /** The service did not take it: it ended earlier than it said, or was taken back. */
  forget(what: string, text: string): void {
    if (this.#kept.get(what)?.text === text) this.#kept.delete(what);
  }

  async #get(what: string): Promise<Token> {
    const token = await this.#ask(what);
    if (token.endsAt === undefined) this.#kept.delete(what);
    else this.#kept.set(what, token);
    return token;
  }
}
