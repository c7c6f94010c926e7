/** Bearer tokens, each asked for once and kept until shortly before it ends. */
import type { TokenCredential } from '@azure/identity';
import { ServerlessError, unlessAborted } from 'polyfaas/spi';

/** A token that ends within this time is asked for anew. */
const RENEWAL_MS = 300_000;

interface Kept {
  readonly token: string;
  readonly endsAt: number;
}

export class Tokens {
  readonly #credential: () => Promise<TokenCredential>;
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();
  readonly #asking = new Map<string, Promise<Kept>>();

  constructor(credential: () => Promise<TokenCredential>, now: () => number) {
    this.#credential = credential;
    this.#now = now;
  }

  async of(scope: string, signal: AbortSignal): Promise<string> {
    const kept = this.#kept.get(scope);
    if (kept && kept.endsAt - this.#now() > RENEWAL_MS) return kept.token;
    // One request for all who ask at once; whoever gives up stops only its own waiting.
    let asking = this.#asking.get(scope);
    if (!asking) {
      asking = this.#ask(scope).finally(() => this.#asking.delete(scope));
      this.#asking.set(scope, asking);
      asking.catch(() => {});
    }
    const { token } = await unlessAborted(asking, signal);
    return token;
  }

  /** The service did not take it: it ended earlier than it said, or was taken back. */
  forget(scope: string, token: string): void {
    if (this.#kept.get(scope)?.token === token) this.#kept.delete(scope);
  }

  async #ask(scope: string): Promise<Kept> {
    const credential = await this.#credential();
    const given = await credential.getToken(scope);
    if (!given) {
      throw new ServerlessError({
        code: 'UNAUTHENTICATED',
        provider: 'azure',
        message: `The credential gave no token for ${scope}. Sign in with \`az login\`, or pass another credential in providerOptions.azure.credential.`,
      });
    }
    const kept = { token: given.token, endsAt: given.expiresOnTimestamp };
    this.#kept.set(scope, kept);
    return kept;
  }
}
