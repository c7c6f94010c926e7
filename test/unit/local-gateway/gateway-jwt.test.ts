import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalHttpRequest } from '../../../providers/local/ports.ts';
import type { FunctionRef } from '../../../src/spi/index.ts';
import {
  openGateway,
  reply,
  route,
  sendToOrders,
  type Answered,
  type TestGateway,
} from './support.ts';

interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

async function makeKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return {
    kid,
    alg,
    privateKey,
    publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
  };
}

/** An issuer with a real key endpoint. */
class Issuer {
  keys: readonly SigningKey[];
  fetches = 0;
  status = 200;
  #server: Server;

  constructor(keys: readonly SigningKey[]) {
    this.keys = keys;
    this.#server = createServer((_, response) => {
      this.fetches += 1;
      response.writeHead(this.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ keys: this.keys.map((key) => key.publicJwk) }));
    });
  }

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get uri(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/keys`;
  }

  async close(): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const NOW_SECONDS = Date.UTC(2026, 0, 1) / 1000;

interface TokenParts {
  readonly issuer?: string;
  readonly audience?: string;
  readonly scope?: string;
  readonly expires?: number;
  readonly notBefore?: number;
  readonly kid?: string | null;
}

function sign(key: SigningKey, parts: TokenParts = {}): Promise<string> {
  const kid = parts.kid === null ? {} : { kid: parts.kid ?? key.kid };
  const token = new SignJWT({ scope: parts.scope ?? 'orders:read orders:write', role: 'clerk' })
    .setProtectedHeader({ alg: key.alg, ...kid })
    .setIssuer(parts.issuer ?? 'https://issuer.test')
    .setAudience(parts.audience ?? 'shop')
    .setSubject('user-1')
    .setExpirationTime(parts.expires ?? NOW_SECONDS + 600);
  if (parts.notBefore !== undefined) token.setNotBefore(parts.notBefore);
  return token.sign(key.privateKey);
}

describe('tokens', () => {
  let first: SigningKey;
  let issuer: Issuer;

  beforeEach(async () => {
    first = await makeKey('first');
    issuer = new Issuer([first]);
    await issuer.open();
  });
  afterEach(() => issuer.close());

  const open = (scopes?: readonly string[]): Promise<TestGateway> =>
    openGateway(
      [
        route('/a', {
          methods: ['GET'],
          jwt: {
            issuer: 'https://issuer.test',
            audience: ['other', 'shop'],
            jwksUri: issuer.uri,
            ...(scopes ? { scopes } : {}),
          },
          cors: {
            origins: ['*'],
            methods: ['GET'],
            headers: ['authorization'],
            exposeHeaders: [],
            credentials: false,
            maxAgeSeconds: 1,
          },
        }),
      ],
      async (_: FunctionRef, request: LocalHttpRequest) =>
        reply(JSON.stringify(request.http.claims ?? null)),
    );

  const ask = (gateway: TestGateway, token?: string): Promise<Answered> =>
    sendToOrders(gateway, '/a', {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });

  it('lets a good token in and hands its claims on', async () => {
    const gateway = await open(['orders:read']);
    const answered = await ask(gateway, await sign(first));
    expect(answered.status).toBe(200);
    expect(JSON.parse(answered.text)).toMatchObject({
      sub: 'user-1',
      role: 'clerk',
      iss: 'https://issuer.test',
    });
  });

  it('asks for a token, and not for one on a preflight', async () => {
    const gateway = await open();
    const missing = await ask(gateway);
    expect([missing.status, missing.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    const preflight = await sendToOrders(gateway, '/a', {
      method: 'OPTIONS',
      headers: { origin: 'https://a.test', 'access-control-request-method': 'GET' },
    });
    expect(preflight.headers['access-control-allow-origin']).toBe('*');
    expect(issuer.fetches).toBe(0);
  });

  it.each<[string, TokenParts]>([
    ['another issuer', { issuer: 'https://evil.test' }],
    ['another audience', { audience: 'else' }],
    ['an expired token', { expires: NOW_SECONDS - 31 }],
    ['a token that is not valid yet', { notBefore: NOW_SECONDS + 31 }],
    ['an unknown key', { kid: 'nobody' }],
  ])('refuses %s', async (_, parts) => {
    const gateway = await open();
    const answered = await ask(gateway, await sign(first, parts));
    expect(answered.status).toBe(401);
    expect(answered.headers['www-authenticate']).toContain('error="invalid_token"');
  });

  it('allows clocks to differ by 30 seconds', async () => {
    const gateway = await open();
    const token = await sign(first, { expires: NOW_SECONDS - 29, notBefore: NOW_SECONDS - 60 });
    expect((await ask(gateway, token)).status).toBe(200);
    expect((await ask(gateway, await sign(first, { notBefore: NOW_SECONDS + 29 }))).status).toBe(
      200,
    );
  });

  it('refuses a token without an expiry', async () => {
    const gateway = await open();
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES256', kid: 'first' })
      .setIssuer('https://issuer.test')
      .setAudience('shop')
      .sign(first.privateKey);
    expect((await ask(gateway, token)).status).toBe(401);
  });

  it('refuses a changed payload, no algorithm, a shared secret, and what is no token', async () => {
    const gateway = await open();
    const [head = '', , signature = ''] = (await sign(first)).split('.');
    const encode = (value: unknown): string =>
      Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: 'https://issuer.test', aud: 'shop', exp: NOW_SECONDS + 600 };
    const shared = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .sign(Buffer.from(JSON.stringify(first.publicJwk)));
    for (const token of [
      `${head}.${encode(claims)}.${signature}`,
      `${encode({ alg: 'none', kid: 'first' })}.${encode(claims)}.`,
      shared,
      'abc',
      'a.b.c',
    ]) {
      expect((await ask(gateway, token)).status).toBe(401);
    }
    const basic = await sendToOrders(gateway, '/a', { headers: { authorization: 'Basic abc' } });
    expect(basic.status).toBe(401);
  });

  it('refuses a token that lacks a scope, also the second time', async () => {
    const gateway = await open(['orders:read', 'orders:delete']);
    const token = await sign(first);
    for (const answered of [await ask(gateway, token), await ask(gateway, token)]) {
      expect(answered.status).toBe(403);
      expect(answered.headers['www-authenticate']).toBe(
        'Bearer error="insufficient_scope", scope="orders:read orders:delete"',
      );
    }
  });

  it('forgets a verified token when it expires', async () => {
    const gateway = await open();
    const token = await sign(first, { expires: NOW_SECONDS + 10 });
    expect((await ask(gateway, token)).status).toBe(200);
    await gateway.clock.advance(39_000);
    expect((await ask(gateway, token)).status).toBe(200);
    await gateway.clock.advance(1_000);
    expect((await ask(gateway, token)).status).toBe(401);
  });

  it('follows a key rotation, and fetches no more often than it must', async () => {
    const gateway = await open();
    const early = await sign(first);
    expect((await ask(gateway, early)).status).toBe(200);
    expect((await ask(gateway, await sign(first))).status).toBe(200);
    expect(issuer.fetches).toBe(1);
    const second = await makeKey('second');
    issuer.keys = [second];
    // Unknown keys do not make it fetch at once: anybody can make up a key id.
    expect((await ask(gateway, await sign(second))).status).toBe(401);
    expect(issuer.fetches).toBe(1);
    await gateway.clock.advance(5_000);
    expect((await ask(gateway, await sign(second))).status).toBe(200);
    expect(issuer.fetches).toBe(2);
    // What was found good with the old keys is not good for ever.
    expect((await ask(gateway, early)).status).toBe(401);
  });

  it('tries every fitting key for a token without a key id', async () => {
    const second = await makeKey('second');
    issuer.keys = [first, second];
    const gateway = await open();
    expect((await ask(gateway, await sign(second, { kid: null }))).status).toBe(200);
    const stranger = await makeKey('third');
    expect((await ask(gateway, await sign(stranger, { kid: null }))).status).toBe(401);
  });

  it.each(['RS256', 'PS256', 'EdDSA'])('takes %s', async (alg) => {
    const key = await makeKey('other', alg);
    issuer.keys = [key];
    const gateway = await open();
    expect((await ask(gateway, await sign(key))).status).toBe(200);
  });

  it('answers 503 while the keys cannot be had, and recovers', async () => {
    issuer.status = 500;
    const gateway = await open();
    const token = await sign(first);
    expect((await ask(gateway, token)).status).toBe(503);
    expect((await ask(gateway, token)).status).toBe(503);
    expect(issuer.fetches).toBe(1);
    expect(gateway.warnings[0]?.fields['why']).toBe('it answered with status 500');
    issuer.status = 200;
    await gateway.clock.advance(1_000);
    expect((await ask(gateway, token)).status).toBe(200);
  });
});
