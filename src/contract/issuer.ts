/** An issuer of JSON Web Tokens, made of `node:crypto` alone. */
import { createHash, generateKeyPair, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { JsonObject, JsonValue } from '../function/json.types.ts';

/** What a token shall hold. */
export interface TokenOptions {
  readonly audience: string | readonly string[];
  readonly subject?: string;
  readonly scope?: string;
  /** Default: the issuer itself. */
  readonly issuer?: string;
  /** Milliseconds since the epoch; the token lives for five minutes from here. */
  readonly issuedAtMs: number;
  /** `other`: signed by a key that the issuer does not publish. `none`: not signed at all. */
  readonly key?: 'published' | 'other' | 'none';
  readonly claims?: JsonObject;
}

interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const LIFETIME_SECONDS = 300;
const makeKeys = promisify(generateKeyPair);

/** Makes its keys on first use. */
export function createIssuer(): {
  jwks(): Promise<JsonObject>;
  token(issuer: string, options: TokenOptions): Promise<string>;
} {
  const rsa = (): Promise<Keys> => makeKeys('rsa', { modulusLength: 2048 });
  let published: Promise<Keys> | undefined;
  let other: Promise<Keys> | undefined;
  const keysOf = (which: 'published' | 'other'): Promise<Keys> =>
    which === 'published' ? (published ??= rsa()) : (other ??= rsa());
  return {
    async jwks() {
      const { publicKey } = await keysOf('published');
      const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
      return { keys: [{ kty: 'RSA', n, e, kid: keyId(n), alg: 'RS256', use: 'sig' }] };
    },
    async token(issuer, options) {
      const which = options.key ?? 'published';
      const issuedAt = Math.floor(options.issuedAtMs / 1000);
      const payload = encode({
        iss: options.issuer ?? issuer,
        aud: options.audience,
        iat: issuedAt,
        exp: issuedAt + LIFETIME_SECONDS,
        ...(options.subject === undefined ? {} : { sub: options.subject }),
        ...(options.scope === undefined ? {} : { scope: options.scope }),
        ...options.claims,
      });
      if (which === 'none') return `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`;
      const { privateKey } = await keysOf(which);
      const { publicKey } = await keysOf('published');
      const { n = '' } = publicKey.export({ format: 'jwk' });
      const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid: keyId(n) })}.${payload}`;
      return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
    },
  };
}

function keyId(modulus: string): string {
  return createHash('sha256').update(modulus).digest('hex').slice(0, 16);
}

function encode(value: JsonValue): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
