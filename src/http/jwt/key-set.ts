/** The public keys of one issuer: fetched when first needed, kept, and fetched again when a key is unknown. */
import type { JSONWebKeySet, JWSHeaderParameters, FlattenedJWSInput, LocalJWKSet } from 'jose';
import type { HttpClock } from '../clock.ts';
import { fetchKeySet } from './fetch-key-set.ts';

const MAX_AGE_MS = 10 * 60_000;
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

  async #current(): Promise<LocalJWKSet> {
    if (this.#keys && this.#clock.now() - this.#fetchedAt < MAX_AGE_MS) return this.#keys;
    return this.#fetch();
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
      this.#keys = createLocalJWKSet(body);
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

function isKeySet(value: unknown): value is JSONWebKeySet {
  return (
    typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys)
  );
}

function isNoMatch(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_JWKS_NO_MATCHING_KEY';
}
