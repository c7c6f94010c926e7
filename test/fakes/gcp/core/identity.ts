/** Who is who: access tokens, ID tokens with the keys that prove them, and the credentials that hold them. */
import { createHash, randomBytes } from 'node:crypto';
import { GoogleAuth, OAuth2Client } from 'google-auth-library';
import { exportJWK, generateKeyPair, jwtVerify, SignJWT, type CryptoKey, type JWK } from 'jose';
import type { Caller, IdentityPort } from './ports.ts';

const ISSUER = 'https://accounts.google.com';
const ID_TOKEN_SECONDS = 3_600;
/** Longer than Google's hour: credentials of tests are made once. */
const ACCESS_TOKEN_MS = 24 * 3_600_000;

/** What the identity needs of the service accounts that there are. */
export type AccountLookup = (email: string) => boolean;

interface Token {
  readonly caller: Caller;
  readonly endsAt: number;
}

export class Identity implements IdentityPort {
  readonly deployer: Caller;
  readonly observer: Caller;
  readonly #projectId: string;
  readonly #exists: AccountLookup;
  readonly #now: () => number;
  readonly #tokens = new Map<string, Token>();
  readonly #keys: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey };
  readonly #keyId: string;
  #certificates = '';

  private constructor(parts: {
    readonly projectId: string;
    readonly exists: AccountLookup;
    readonly now: () => number;
    readonly keys: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey };
  }) {
    this.#projectId = parts.projectId;
    this.#exists = parts.exists;
    this.#now = parts.now;
    this.#keys = parts.keys;
    this.#keyId = randomBytes(20).toString('hex');
    this.deployer = { kind: 'deployer', email: this.#emailOf('deployer') };
    this.observer = { kind: 'observer', email: this.#emailOf('observer') };
  }

  /** @param now the platform's time, which ID tokens are issued and judged by: what runs on the platform knows no other */
  static async create(
    projectId: string,
    exists: AccountLookup,
    now: () => number = Date.now,
  ): Promise<Identity> {
    const keys = await generateKeyPair('RS256');
    return new Identity({ projectId, exists, keys, now });
  }

  get certificates(): string {
    return this.#certificates;
  }

  /** Told once, when the plane of the keys is open. */
  setCertificates(url: string): void {
    this.#certificates = url;
  }

  /** The public keys: `https://www.googleapis.com/oauth2/v3/certs`. */
  async jwks(): Promise<{ readonly keys: readonly JWK[] }> {
    const key = await exportJWK(this.#keys.publicKey);
    return { keys: [{ ...key, kid: this.#keyId, alg: 'RS256', use: 'sig' }] };
  }

  accessToken(caller: Caller): string {
    const token = `ya29.${randomBytes(32).toString('base64url')}`;
    this.#tokens.set(token, { caller, endsAt: Date.now() + ACCESS_TOKEN_MS });
    return token;
  }

  callerOfAccessToken(token: string): Caller | undefined {
    const found = this.#tokens.get(token);
    return found && found.endsAt > Date.now() ? found.caller : undefined;
  }

  /** @param hasEmail false for a token of IAM Credentials that was not asked to tell it */
  async idToken(email: string, audience: string, hasEmail = true): Promise<string> {
    const subject = uniqueIdOf(email);
    return new SignJWT({ azp: subject, ...(hasEmail && { email, email_verified: true }) })
      .setProtectedHeader({ alg: 'RS256', kid: this.#keyId, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(audience)
      .setSubject(subject)
      .setIssuedAt(Math.floor(this.#now() / 1_000))
      .setExpirationTime(Math.floor(this.#now() / 1_000) + ID_TOKEN_SECONDS)
      .sign(this.#keys.privateKey);
  }

  async claimsOfIdToken(
    token: string,
  ): Promise<{ readonly email: string; readonly aud: string } | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#keys.publicKey, {
        issuer: ISSUER,
        currentDate: new Date(this.#now()),
      });
      const { email, aud } = payload;
      return typeof email === 'string' && typeof aud === 'string' ? { email, aud } : undefined;
    } catch {
      return undefined;
    }
  }

  accountExists(email: string): boolean {
    const isOurs = email === this.deployer.email || email === this.observer.email;
    return isOurs || this.#exists(email);
  }

  /** Credentials as `new GoogleAuth()` finds them for a service account: with ID tokens of its own. */
  authOf(caller: Caller): GoogleAuth {
    const authClient = new AccountClient((audience) => this.idToken(caller.email, audience));
    authClient.setCredentials({
      access_token: this.accessToken(caller),
      expiry_date: Date.now() + ACCESS_TOKEN_MS,
    });
    return new GoogleAuth({ authClient, projectId: this.#projectId });
  }

  #emailOf(name: string): string {
    return `${name}@${this.#projectId}.iam.gserviceaccount.com`;
  }
}

/** A service account's numeric id. */
export function uniqueIdOf(text: string): string {
  const digest = createHash('sha256').update(text).digest();
  return `1${String(digest.readBigUInt64BE(0)).padStart(20, '0')}`;
}

class AccountClient extends OAuth2Client {
  readonly #idToken: (audience: string) => Promise<string>;

  constructor(idToken: (audience: string) => Promise<string>) {
    super();
    this.#idToken = idToken;
  }

  fetchIdToken(audience: string): Promise<string> {
    return this.#idToken(audience);
  }
}
