/** The public keys of one issuer: fetched when first needed, kept, and fetched again when a key is unknown. */
import type { FlattenedJWSInput, JWK, JWSHeaderParameters, LocalJWKSet } from 'jose';
import type { HttpClock } from '../clock.ts';
import { fetchKeySet } from './fetch-key-set.ts';

/** Older keys are asked for anew before they are used. */
const MAX_AGE_MS = 10 * 60_000;
/**
 * While the issuer cannot be reached, its last keys serve on for so long after they were read: an outage of its must not
 * lock everybody out. Not for ever, for a key that it withdrew would stay good as long as somebody keeps us from it.
 */
const HOLD_MS = 24 * 3_600_000;
/** Tokens with made-up key ids must not make us hammer the issuer. */
const COOLDOWN_MS = 5_000;
const COOLDOWN_AFTER_FAILURE_MS = 1_000;

/** The keys cannot be had now; no verdict on the token. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

export class KeySet {
  readonly uri: string;
  /** Counts the fetches that succeeded: what was verified with older keys is verified again. */
  generation = 0;
  readonly #clock: HttpClock;
  #keys: LocalJWKSet | undefined;
  #fetchedAt = -Infinity;
  #failedAt = -Infinity;
  #failure = '';
  #pending: Promise<LocalJWKSet> | undefined;

  constructor(uri: string, clock: HttpClock) {
    this.uri = uri;
    this.#clock = clock;
  }

  /**
   * The key for a token, as `jwtVerify` asks for it.
   *
   * @throws KeysUnavailable when the keys cannot be fetched; jose's own errors when none fits.
   */
  readonly find = async (
    header: JWSHeaderParameters,
    token: FlattenedJWSInput,
  ): ReturnType<LocalJWKSet> => {
    const keys = await this.#current();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!isNoMatch(error) || this.#clock.now() - this.#fetchedAt < COOLDOWN_MS) throw error;
      return (await this.#fetch())(header, token);
    }
  };

  /** No keys that are held now are used from then on. Milliseconds since the epoch. */
  get usableUntilMs(): number {
    return this.#fetchedAt + HOLD_MS;
  }

  async #current(): Promise<LocalJWKSet> {
    const now = this.#clock.now();
    if (this.#keys && now - this.#fetchedAt < MAX_AGE_MS) return this.#keys;
    const fetched = this.#fetch();
    const held = this.#held();
    // The issuer did not answer lately, and may not for long: this request does not wait to hear that again.
    if (held && now - this.#failedAt < MAX_AGE_MS) {
      fetched.catch(() => {});
      return held;
    }
    try {
      return await fetched;
    } catch (error) {
      const last = this.#held();
      if (last) return last;
      throw error;
    }
  }

  #held(): LocalJWKSet | undefined {
    return this.#clock.now() < this.usableUntilMs ? this.#keys : undefined;
  }

  #fetch(): Promise<LocalJWKSet> {
    if (this.#clock.now() - this.#failedAt < COOLDOWN_AFTER_FAILURE_MS) {
      return Promise.reject(new KeysUnavailable(this.#failure));
    }
    this.#pending ??= this.#load().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #load(): Promise<LocalJWKSet> {
    try {
      const { createLocalJWKSet } = await import('jose/jwks/local');
      const body = await fetchKeySet(this.uri, this.#clock);
      if (!isKeySet(body)) throw new Error('it is not a JSON Web Key Set');
      // An entry that is no key must not take the others with it (RFC 7517, 5).
      this.#keys = createLocalJWKSet({ keys: body.keys.filter(isKey) });
      this.#fetchedAt = this.#clock.now();
      this.generation += 1;
      return this.#keys;
    } catch (error) {
      this.#failedAt = this.#clock.now();
      this.#failure = error instanceof Error ? error.message : 'unknown failure';
      throw new KeysUnavailable(this.#failure);
    }
  }
}

function isKeySet(value: unknown): value is { readonly keys: readonly unknown[] } {
  return (
    typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys)
  );
}

function isKey(value: unknown): value is JWK {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNoMatch(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_JWKS_NO_MATCHING_KEY';
}
