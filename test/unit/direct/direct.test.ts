import fc from 'fast-check';
import {
  DIRECT_HEADER,
  formatDirectKeys,
  parseDirectKeys,
  SIGNATURE_WINDOW_MS,
  type DirectKey,
  type DirectServer,
} from 'polyfaas/http';
import {
  DirectCallError,
  DirectTimeoutError,
  invokeBody,
  signedCall,
  type DirectEndpoint,
} from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { KEY, serve, serverOf } from './served.ts';

describe('a direct call', () => {
  it('answers with the result, the instance and whether it was cold', async () => {
    const { client, endpoint, call, reports } = await serve((input) => ({ got: input }));
    const first = await client.send(endpoint, invokeBody({ id: 7, ü: 'grün' }, undefined), call());
    expect(first.data).toEqual({ got: { id: 7, ü: 'grün' } });
    expect(first.$polyfaas).toMatchObject({
      version: 'abc1234567',
      instanceId: 'instance-1',
      coldStart: true,
      initDurationMs: 12,
    });
    const second = await client.send(endpoint, invokeBody(null, undefined), call());
    expect(second.$polyfaas).toMatchObject({ coldStart: false, initDurationMs: null });
    expect(reports.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['invoke', 'ok'],
      ['invoke', 'ok'],
    ]);
  });

  it('carries the error that the handler threw', async () => {
    const { client, endpoint, call } = await serve(() => {
      throw new TypeError('no way', { cause: new Error('deep') });
    });
    const answer = await client.send(endpoint, invokeBody(1, undefined), call());
    expect(answer.error).toMatchObject({
      name: 'TypeError',
      message: 'no way',
      cause: { message: 'deep' },
    });
    expect(answer.error?.stack).toContain('no way');
  });

  it('ends a handler’s call at its timeout', async () => {
    const { client, endpoint, call, reports } = await serve(() => new Promise(() => {}), {
      timeoutSeconds: 0.05,
    });
    const answer = await client.send(endpoint, invokeBody(1, undefined), call());
    expect(answer.timedOut).toBe(true);
    expect(answer.error?.message).toContain('ran longer than');
    expect(reports[0]?.outcome).toBe('timeout');
  });

  it('gives up when no answer comes at all', async () => {
    const { client, endpoint, call } = await serve(() => new Promise(() => {}));
    await expect(
      client.send(endpoint, invokeBody(1, undefined), call({ timeoutMs: 60 })),
    ).rejects.toBeInstanceOf(DirectTimeoutError);
  });

  it('warms without running the handler, and the first call after it is warm', async () => {
    let ran = 0;
    const { client, endpoint, call } = await serve(() => (ran += 1));
    const warm = await client.send(endpoint, { kind: 'warm', holdMs: 0 }, call());
    expect(warm.$polyfaas.coldStart).toBe(true);
    expect(ran).toBe(0);
    const first = await client.send(endpoint, invokeBody(1, undefined), call());
    expect(first.$polyfaas.coldStart).toBe(false);
  });

  it('verifies without starting anything', async () => {
    const { client, endpoint, call } = await serve(() => 1);
    await client.send(endpoint, { kind: 'verify' }, call());
    const first = await client.send(endpoint, invokeBody(1, undefined), call());
    expect(first.$polyfaas.coldStart).toBe(true);
  });

  it('sets its clock by the other side’s, once', async () => {
    const { client, endpoint, call, reports } = await serve(() => 1);
    const clock = new ManualClock(Date.now() + 86_400_000.25);
    const answer = await client.send(endpoint, invokeBody(1, undefined), call({ clock }));
    expect(answer.data).toBe(1);
    expect(reports).toHaveLength(1);
  });

  it('reaches only the version that is meant', async () => {
    const { client, endpoint, call } = await serve(() => 1);
    const body = invokeBody(1, undefined);
    await client.send(endpoint, body, call({ version: 'abc1234567' }));
    const error = await client
      .send(endpoint, body, call({ version: 'other' }))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DirectCallError);
    expect(error).toMatchObject({ status: 409, refused: 'otherVersion' });
  });
});

describe('the signature', () => {
  const endpoint: DirectEndpoint = {
    url: 'https://x.example/polyfaas/invoke',
    headers: {},
    key: KEY,
    functionId: 'shop/dev/orders',
  };
  const request = (
    change: { timeMs?: number; key?: DirectKey; functionId?: string } = {},
    body = invokeBody({ a: 1 }, undefined),
  ): Parameters<DirectServer['serve']>[0] => {
    const { timeMs = Date.now(), ...rest } = change;
    const signed = signedCall({ ...endpoint, ...rest }, body, { requestId: 'r1', timeMs });
    return {
      method: 'POST',
      url: '/polyfaas/invoke',
      headers: signed.headers,
      body: Buffer.from(signed.body),
    };
  };

  it('refuses a change of any part', async () => {
    const parts = ['method', 'url', 'body', 'time', 'requestId', 'version', 'signature'] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...parts),
        fc.string({ minLength: 1, unit: fc.constantFrom('a', 'b', '0', '9', '-') }),
        async (part, noise) => {
          let ran = 0;
          const { server } = serverOf(() => (ran += 1));
          const good = request();
          const { headers } = good;
          const bad = {
            ...good,
            ...(part === 'method' ? { method: `POST${noise}` } : {}),
            ...(part === 'url' ? { url: `${good.url}?${noise}` } : {}),
            ...(part === 'body' ? { body: Buffer.concat([good.body, Buffer.from(' ')]) } : {}),
            headers: {
              ...headers,
              ...(part === 'time'
                ? { [DIRECT_HEADER.time]: String(Number(headers[DIRECT_HEADER.time]) + 1) }
                : {}),
              ...(part === 'requestId' ? { [DIRECT_HEADER.requestId]: `r1${noise}` } : {}),
              ...(part === 'version' ? { [DIRECT_HEADER.version]: noise } : {}),
              ...(part === 'signature'
                ? { [DIRECT_HEADER.signature]: `${noise}${headers[DIRECT_HEADER.signature]}` }
                : {}),
            },
          };
          const reply = await server.serve(bad);
          expect(reply.status).toBe(401);
          expect(reply.headers[DIRECT_HEADER.refused]).toBe('forged');
          expect(ran).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('counts by a clock that knows parts of milliseconds', async () => {
    const { server } = serverOf(() => 1);
    expect((await server.serve(request({ timeMs: Date.now() + 0.25 }))).status).toBe(200);
  });

  it('is taken once', async () => {
    const { server } = serverOf(() => 1);
    const good = request();
    expect((await server.serve(good)).status).toBe(200);
    // The last character of base64url holds two bits that mean nothing.
    const signature = good.headers[DIRECT_HEADER.signature] ?? '';
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet[alphabet.indexOf(signature.slice(-1)) ^ 1] ?? '';
    const twin = {
      ...good,
      headers: { ...good.headers, [DIRECT_HEADER.signature]: signature.slice(0, -1) + last },
    };
    for (const replay of [good, twin]) {
      const reply = await server.serve(replay);
      expect([reply.status, reply.headers[DIRECT_HEADER.refused]]).toEqual([401, 'replayed']);
    }
  });

  it.each([SIGNATURE_WINDOW_MS + 1, -SIGNATURE_WINDOW_MS - 1])(
    'is refused %d ms away from the clock',
    async (away) => {
      const now = 1_800_000_000_000;
      const { server } = serverOf(() => 1, { now: () => now });
      const reply = await server.serve(request({ timeMs: now + away }));
      expect(reply.headers[DIRECT_HEADER.refused]).toBe('expired');
      expect(reply.headers[DIRECT_HEADER.time]).toBe(String(now));
    },
  );

  it('opens only the function that it was made for, with a key that is known', async () => {
    const { server } = serverOf(() => 1);
    const other = await server.serve(request({ functionId: 'shop/dev/other' }));
    expect(other.headers[DIRECT_HEADER.refused]).toBe('forged');
    const stranger = { id: 'k9', secret: KEY.secret };
    const unknown = await server.serve(request({ key: stranger }));
    expect(unknown.headers[DIRECT_HEADER.refused]).toBe('unknownKey');
    const unsigned = await server.serve({ ...request(), headers: {} });
    expect(unsigned.headers[DIRECT_HEADER.refused]).toBe('unsigned');
    expect(unsigned.body).not.toContain('stack');
  });

  it('is taken by two keys while they are rotated', async () => {
    const next = { id: 'k2', secret: 'another-secret-of-good-length-0123456789' };
    const { server } = serverOf(() => 1, { keys: [next, KEY] });
    expect((await server.serve(request())).status).toBe(200);
    expect((await server.serve(request({ key: next }))).status).toBe(200);
  });

  it('has keys that are written and read again', () => {
    const keys = [KEY, { id: 'k2', secret: 'x'.repeat(43) }];
    expect(parseDirectKeys(formatDirectKeys(keys))).toEqual(keys);
    expect(parseDirectKeys(' nonsense,k1:short, ')).toEqual([]);
  });
});
