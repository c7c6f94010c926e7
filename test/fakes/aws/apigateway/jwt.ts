/** The JWT authorizer: real signatures, with keys from the issuer, on simulated time. */
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import {
  createLocalJWKSet,
  errors,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import type { AuthorizerState } from './state.ts';

/** RSA alone (API Gateway: controlling access with JWT authorizers). */
const ALGORITHMS = ['RS256', 'RS384', 'RS512'];

export type Verdict =
  | { readonly kind: 'accepted'; readonly claims: Readonly<Record<string, string>> }
  | { readonly kind: 'unauthorized'; readonly why: string }
  | { readonly kind: 'forbidden' };

export class JwtAuthorizers {
  readonly #keys = new Map<string, JWTVerifyGetKey>();

  /** Judges a token, with or without `Bearer`. */
  async judge(
    authorizer: AuthorizerState,
    identity: string | undefined,
    scopes: readonly string[],
    nowMs: number,
  ): Promise<Verdict> {
    const token = identity?.replace(/^Bearer\s+/i, '').trim();
    if (!token) return { kind: 'unauthorized', why: 'the token is missing' };
    let payload: JWTPayload;
    try {
      payload = await this.#verify(authorizer.issuer, token, nowMs);
    } catch (error) {
      const why = error instanceof errors.JOSEError ? error.code : 'the keys are unavailable';
      return { kind: 'unauthorized', why };
    }
    if (!hasAudience(payload, authorizer.audience)) {
      return { kind: 'unauthorized', why: 'the token does not have a valid audience' };
    }
    if (!hasScope(payload, scopes)) return { kind: 'forbidden' };
    return { kind: 'accepted', claims: stringified(payload) };
  }

  async #verify(issuer: string, token: string, nowMs: number): Promise<JWTPayload> {
    const options = {
      issuer,
      algorithms: ALGORITHMS,
      currentDate: new Date(nowMs),
      requiredClaims: ['exp'],
    };
    try {
      const { payload } = await jwtVerify(token, await this.#keysOf(issuer), options);
      return payload;
    } catch (error) {
      // The issuer may have changed its keys since they were read.
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      this.#keys.delete(issuer);
      const { payload } = await jwtVerify(token, await this.#keysOf(issuer), options);
      return payload;
    }
  }

  async #keysOf(issuer: string): Promise<JWTVerifyGetKey> {
    const known = this.#keys.get(issuer);
    if (known) return known;
    const keys = createLocalJWKSet(await discoverKeys(issuer));
    this.#keys.set(issuer, keys);
    return keys;
  }
}

/** The keys that an issuer publishes by OpenID Connect discovery. */
export async function discoverKeys(issuer: string): Promise<JSONWebKeySet> {
  const root = issuer.endsWith('/') ? issuer.slice(0, -1) : issuer;
  const configuration = await readJson(`${root}/.well-known/openid-configuration`);
  if (!('jwks_uri' in configuration) || typeof configuration.jwks_uri !== 'string') {
    throw new Error('The configuration of the issuer names no jwks_uri');
  }
  const keys = await readJson(configuration.jwks_uri);
  if (!isKeySet(keys)) throw new Error('The issuer published no keys');
  return keys;
}

function isKeySet(value: object): value is JSONWebKeySet {
  return 'keys' in value && Array.isArray(value.keys);
}

async function readJson(url: string): Promise<object> {
  const get = url.startsWith('https:') ? getHttps : getHttp;
  const text = await new Promise<string>((resolve, reject) => {
    get(url, { agent: false, timeout: 5000 }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(parts).toString('utf8'));
        else reject(new Error(`${url} answered ${response.statusCode}`));
      });
    }).on('error', reject);
  });
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error(`${url} is no JSON object`);
  return value;
}

/** `aud`, or `client_id` where there is no `aud`. */
function hasAudience(payload: JWTPayload, audience: readonly string[]): boolean {
  if (audience.length === 0) return true;
  const { aud } = payload;
  const given = aud ?? payload['client_id'];
  const names = Array.isArray(given) ? given : [given];
  return names.some((name) => typeof name === 'string' && audience.includes(name));
}

/** Any one of the scopes will do. */
function hasScope(payload: JWTPayload, scopes: readonly string[]): boolean {
  if (scopes.length === 0) return true;
  const given = payload['scope'] ?? payload['scp'];
  const names = Array.isArray(given) ? given : typeof given === 'string' ? given.split(' ') : [];
  return names.some((name) => typeof name === 'string' && scopes.includes(name));
}

/** As the event carries claims: everything is a text, and a list stands in brackets. */
function stringified(payload: JWTPayload): Readonly<Record<string, string>> {
  const claims: Record<string, string> = {};
  for (const [name, value] of Object.entries(payload)) {
    if (value === undefined) continue;
    if (Array.isArray(value)) claims[name] = `[${value.map(plain).join(' ')}]`;
    else claims[name] = plain(value);
  }
  return claims;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
