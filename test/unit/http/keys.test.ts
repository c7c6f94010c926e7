/** The keys of an issuer, good and bad, and what tokens are worth while they cannot be had. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { KeySet, TokenVerifier, type TokenVerdict } from 'polyfaas/http';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let good: { readonly privateKey: CryptoKey; readonly jwk: JWK };
let other: typeof good;
/** Of 1,024 bits, which no signature of today may have. */
let small: JWK;

async function makeKey(): Promise<typeof good> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  return { privateKey, jwk: await exportJWK(publicKey) };
}

beforeAll(async () => {
  good = await makeKey();
  other = await makeKey();
  small = await exportJWK(generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey);
});

/** What the issuer answers, and how often it was asked. */
let mode: 'keys' | 'down' | 'silent';
let keys: readonly unknown[];
let asked: number;
let server: Server;
let clock: ManualClock;
let verifier: TokenVerifier;

beforeEach(async () => {
  [mode, keys, asked] = ['keys', [{ ...good.jwk, kid: 'k' }], 0];
  server = createServer((_request, response) => {
    asked += 1;
    if (mode === 'down') response.writeHead(503).end();
    if (mode === 'keys') response.end(JSON.stringify({ keys }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  clock = new ManualClock(Date.UTC(2026, 0, 1));
  const spec = { issuer: 'https://issuer.example', audience: ['api'] };
  verifier = new TokenVerifier(spec, new KeySet(`http://127.0.0.1:${port}/`, clock), clock);
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

interface TokenParts {
  readonly kid?: string;
  readonly by?: CryptoKey;
  readonly lifetimeMs?: number;
}

/** No two are the same: one that was verified a moment ago needs no keys. */
function token({ kid, by, lifetimeMs = 48 * HOUR_MS }: TokenParts = {}): Promise<string> {
  return new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: 'RS256', ...(kid === undefined ? {} : { kid }) })
    .setIssuer('https://issuer.example')
    .setAudience('api')
    .setExpirationTime(Math.floor((clock.now() + lifetimeMs) / 1_000))
    .sign(by ?? good.privateKey);
}

async function judged(parts?: TokenParts): Promise<TokenVerdict> {
  return verifier.judge(`Bearer ${await token(parts)}`);
}

/** Lets what is on its way to the issuer arrive. */
async function untilAsked(times: number): Promise<void> {
  while (asked < times) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('a key that cannot be used', () => {
  const garbage = { kty: 'RSA', n: '!!', e: 'AQAB' };

  it.each<[string, () => readonly unknown[], string?]>([
    ['is too short', () => [small, good.jwk]],
    ['is too short, and comes last', () => [good.jwk, small]],
    [
      'is too short, with the same id',
      () => [small, good.jwk].map((k) => ({ ...k, kid: 'k' })),
      'k',
    ],
    ['is garbage', () => [garbage, good.jwk]],
    [
      'is garbage, with the same id',
      () => [garbage, good.jwk].map((k) => ({ ...k, kid: 'k' })),
      'k',
    ],
    ['lacks a part', () => [{ kty: 'RSA', e: 'AQAB' }, good.jwk]],
    ['is private', () => [{ ...other.jwk, d: 'AQAB' }, good.jwk]],
    ['is of a kind of tomorrow', () => [{ kty: 'NEW', x: 1 }, good.jwk]],
    ['is no object', () => [null, 7, 'key', [], { ...good.jwk, kid: 'k' }], 'k'],
  ])('and %s leaves the others good', async (_what, list, kid) => {
    keys = list();
    const verdict = await judged(kid === undefined ? {} : { kid });
    expect(verdict).toMatchObject({ kind: 'accepted' });
  });

  it.each<[string, () => readonly unknown[], string?]>([
    ['alone', () => [{ ...small, kid: 'k' }], 'k'],
    ['alone and garbage', () => [{ ...garbage, kid: 'k' }], 'k'],
    ['beside another that did not sign', () => [small, garbage, other.jwk]],
    ['beside its like', () => [small, garbage]],
  ])('makes no token good, %s', async (_what, list, kid) => {
    keys = list();
    const verdict = await judged(kid === undefined ? {} : { kid });
    expect(verdict).toEqual({ kind: 'invalid', why: 'the signature is wrong' });
  });

  it('does not hide what is wrong with a token that another key has signed', async () => {
    keys = [small, garbage, good.jwk];
    const expired = await judged({ lifetimeMs: -MINUTE_MS });
    expect(expired).toEqual({ kind: 'invalid', why: 'the token has expired' });
    const cut = (await token()).slice(0, -1);
    expect(await verifier.judge(`Bearer ${cut}~`)).toEqual({
      kind: 'invalid',
      why: 'the token is malformed',
    });
  });
});

describe('while the issuer cannot be reached', () => {
  it('its last keys serve on for a day, and no longer', async () => {
    expect(await judged()).toMatchObject({ kind: 'accepted' });
    mode = 'down';
    for (const ms of [11 * MINUTE_MS, HOUR_MS, 22 * HOUR_MS]) {
      await clock.advance(ms);
      expect(await judged()).toMatchObject({ kind: 'accepted' });
    }
    expect(await judged({ by: other.privateKey })).toMatchObject({ kind: 'invalid' });
    await clock.advance(24 * HOUR_MS - (23 * HOUR_MS + 11 * MINUTE_MS) - 1);
    const last = `Bearer ${await token()}`;
    expect(await verifier.judge(last)).toMatchObject({ kind: 'accepted' });
    await clock.advance(1);
    expect(await judged()).toMatchObject({ kind: 'unavailable' });
    // What was verified a moment ago was verified with those keys, too.
    expect(await verifier.judge(last)).toMatchObject({ kind: 'unavailable' });
  });

  it('nobody waits for it time and again', async () => {
    expect(await judged()).toMatchObject({ kind: 'accepted' });
    mode = 'silent';
    await clock.advance(11 * MINUTE_MS);
    const first = judged();
    await untilAsked(2);
    // It has five seconds.
    await clock.advance(5_000);
    expect(await first).toMatchObject({ kind: 'accepted' });
    expect(await judged()).toMatchObject({ kind: 'accepted' });
    expect(asked).toBe(2);
    await clock.advance(1_000);
    expect(await judged()).toMatchObject({ kind: 'accepted' });
    await untilAsked(3);
    expect(await judged()).toMatchObject({ kind: 'accepted' });
  });

  it('its new keys are looked for, and count as soon as they are there', async () => {
    expect(await judged()).toMatchObject({ kind: 'accepted' });
    mode = 'down';
    await clock.advance(11 * MINUTE_MS);
    expect(await judged()).toMatchObject({ kind: 'accepted' });
    [mode, keys] = ['keys', [{ ...other.jwk, kid: 'k' }]];
    await clock.advance(5_000);
    await judged();
    await untilAsked(3);
    await expect.poll(() => judged({ by: other.privateKey })).toMatchObject({ kind: 'accepted' });
    expect(await judged()).toMatchObject({ kind: 'invalid' });
  });

  it('a key that it withdrew before does not come back, however long nobody asked', async () => {
    expect(await judged({ kid: 'k' })).toMatchObject({ kind: 'accepted' });
    keys = [{ ...other.jwk, kid: 'new' }];
    await clock.advance(10 * HOUR_MS);
    expect(await judged({ kid: 'k' })).toEqual({ kind: 'invalid', why: 'the key is unknown' });
  });
});

describe('credentials', () => {
  it.each(['', 'Basic eDp5', 'Digest username="x"', 'Bearers x'])(
    'of another scheme are no token: %j',
    (authorization) => {
      expect(verifier.judge(authorization)).toEqual({ kind: 'missing' });
    },
  );

  it.each(['Bearer', 'bearer ', 'Bearer a b', 'Bearer "x"'])(
    'that hold no token are refused: %j',
    (authorization) => {
      expect(verifier.judge(authorization)).toMatchObject({ kind: 'invalid' });
    },
  );
});
