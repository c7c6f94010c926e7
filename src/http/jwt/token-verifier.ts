/** Judges the bearer tokens of a route. */
import type { CryptoKey } from 'jose';
import type { JsonObject, JsonValue } from '../../function/json.types.ts';
import type { JwtSpec } from '../../spec/types.ts';
import type { HttpClock } from '../clock.ts';
import { type KeySet, KeysUnavailable } from './key-set.ts';

/** Asymmetric only: with `none` or a shared secret, whoever knows the public key could sign. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const TOLERANCE_SECONDS = 30;
const CACHE_MS = 60_000;
const CACHE_SIZE = 1_000;

export type TokenVerdict =
  | { readonly kind: 'accepted'; readonly claims: JsonObject }
  | { readonly kind: 'missing' }
  | { readonly kind: 'invalid'; readonly why: string }
  | { readonly kind: 'scope'; readonly scopes: readonly string[] }
  | { readonly kind: 'unavailable'; readonly why: string };

interface Remembered {
  readonly verdict: TokenVerdict;
  readonly untilMs: number;
  readonly generation: number;
}

export class TokenVerifier {
  readonly #spec: JwtSpec;
  readonly #keys: KeySet;
  readonly #clock: HttpClock;
  /** By hash, so that no token stays in memory. */
  readonly #verified = new Map<string, Remembered>();

  constructor(spec: JwtSpec, keys: KeySet, clock: HttpClock) {
    this.#spec = spec;
    this.#keys = keys;
    this.#clock = clock;
  }

  /**
   * Judges the `Authorization` header. A token verified a moment ago is answered without a promise.
   *
   * @param authorization the raw header.
   */
  judge(authorization: string | undefined): TokenVerdict | Promise<TokenVerdict> {
    // Credentials of another scheme are no token that was found wrong (RFC 6750, 3.1).
    if (authorization === undefined || !/^Bearer(?: |$)/i.test(authorization)) {
      return { kind: 'missing' };
    }
    const token = /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization)?.[1];
    if (token === undefined) return { kind: 'invalid', why: 'not a bearer token' };
    const key = process.getBuiltinModule('node:crypto').hash('sha256', token, 'base64');
    const known = this.#verified.get(key);
    if (known && known.generation === this.#keys.generation && this.#clock.now() < known.untilMs) {
      return known.verdict;
    }
    return this.#verify(token, key);
  }

  async #verify(token: string, key: string): Promise<TokenVerdict> {
    try {
      const claims = await this.#claims(token);
      const scopes = this.#spec.scopes ?? [];
      const granted = scopesOf(claims);
      const verdict: TokenVerdict = scopes.every((scope) => granted.has(scope))
        ? { kind: 'accepted', claims }
        : { kind: 'scope', scopes };
      this.#remember(key, verdict, claims['exp']);
      return verdict;
    } catch (error) {
      if (error instanceof KeysUnavailable) return { kind: 'unavailable', why: error.message };
      return { kind: 'invalid', why: reason(error) };
    }
  }

  async #claims(token: string): Promise<JsonObject> {
    const { jwtVerify } = await import('jose/jwt/verify');
    const options = {
      algorithms: ALGORITHMS,
      issuer: this.#spec.issuer,
      audience: [...this.#spec.audience],
      requiredClaims: ['exp'],
      clockTolerance: TOLERANCE_SECONDS,
      currentDate: new Date(this.#clock.now()),
    };
    try {
      return (await jwtVerify<JsonObject>(token, this.#keys.find, options)).payload;
    } catch (error) {
      if (!isSeveralKeys(error)) throw error;
      // Whichever key of its kind may have signed a token without a key id.
      for await (const candidate of error) {
        try {
          return (await jwtVerify<JsonObject>(token, candidate, options)).payload;
        } catch (next) {
          // A key that cannot be used is passed over (RFC 7517, 5), as one that did not sign.
          if (isOfToken(next)) throw next;
        }
      }
      throw error;
    }
  }

  #remember(key: string, verdict: TokenVerdict, exp: JsonValue | undefined): void {
    const expiresMs = typeof exp === 'number' ? (exp + TOLERANCE_SECONDS) * 1000 : 0;
    const untilMs = Math.min(expiresMs, this.#clock.now() + CACHE_MS, this.#keys.usableUntilMs);
    this.#verified.delete(key);
    if (this.#verified.size >= CACHE_SIZE) {
      const oldest = this.#verified.keys().next();
      if (!oldest.done) this.#verified.delete(oldest.value);
    }
    this.#verified.set(key, { verdict, untilMs, generation: this.#keys.generation });
  }
}

/** `scope` as in RFC 8693, and `scp` as Microsoft and Okta write it. */
function scopesOf(claims: JsonObject): ReadonlySet<string> {
  const granted = new Set<string>();
  for (const claim of [claims['scope'], claims['scp']]) {
    if (typeof claim === 'string') for (const scope of claim.split(' ')) granted.add(scope);
    else if (Array.isArray(claim)) {
      for (const scope of claim) if (typeof scope === 'string') granted.add(scope);
    }
  }
  return granted;
}

type SeveralKeys = Error & AsyncIterable<CryptoKey>;

function isSeveralKeys(error: unknown): error is SeveralKeys {
  return codeOf(error) === 'ERR_JWKS_MULTIPLE_MATCHING_KEYS';
}

/** What is wrong with the token itself: its form, or the claims that a key has signed. */
function isOfToken(error: unknown): boolean {
  const code = codeOf(error);
  return typeof code === 'string' && (code.startsWith('ERR_JWT_') || code === 'ERR_JWS_INVALID');
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** A cause that the client may know, in words of ours: a header must not carry what a library felt like saying. */
function reason(error: unknown): string {
  switch (codeOf(error)) {
    case 'ERR_JWT_EXPIRED':
      return 'the token has expired';
    case 'ERR_JWT_CLAIM_VALIDATION_FAILED':
      return error instanceof Error && 'claim' in error && typeof error.claim === 'string'
        ? `the claim ${error.claim.replaceAll(/[^\w.-]/g, '')} is missing or wrong`
        : 'a claim is wrong';
    case 'ERR_JOSE_ALG_NOT_ALLOWED':
    case 'ERR_JOSE_NOT_SUPPORTED':
      return 'the algorithm is not allowed';
    case 'ERR_JWKS_NO_MATCHING_KEY':
      return 'the key is unknown';
    case 'ERR_JWS_INVALID':
    case 'ERR_JWT_INVALID':
      return 'the token is malformed';
    // No key made it, or none that can be used.
    default:
      return 'the signature is wrong';
  }
}
