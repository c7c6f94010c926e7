import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorsRules, normalTarget, pathOfTarget } from 'polyfaas/http';
import { requestHeaders, responseHeaders } from '../../../providers/local/gateway/headers.ts';
import { hostName, hostRule } from '../../../providers/local/gateway/host-name.ts';
import { splitPrefix } from '../../../providers/local/gateway/request-target.ts';
import { TokenBucket } from '../../../providers/local/gateway/token-bucket.ts';
import { traceOf } from '../../../providers/local/gateway/trace.ts';

describe('normalTarget', () => {
  it('gives what the URL parser makes of it', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '/',
        '.',
        '..',
        '%2e',
        '%2E%2e',
        '\\',
        '?',
        '#',
        "'",
        '"',
        ' ',
        '|',
        '{',
        '%',
        '//',
        '^',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.constantFrom('a', 'B', '~shop', '=', '&', ';', '@', ':', '[', ']'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const target = `/${pieces.join('')}`;
        const url = new URL(`http://localhost${target}`);
        const normal = normalTarget(target) ?? '';
        expect(pathOfTarget(normal)).toBe(url.pathname);
        expect(new URL(`http://localhost${normal}`).search).toBe(url.search);
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes the absolute form, and nothing that is no path', () => {
    expect(normalTarget('http://shop.test/a/../b?c')).toBe('/b?c');
    expect(normalTarget('*')).toBeUndefined();
    expect(normalTarget('ftp://shop.test/a')).toBeUndefined();
    expect(normalTarget('')).toBeUndefined();
  });
});

describe('splitPrefix', () => {
  it.each([
    ['/~shop/dev/orders', 'shop/dev/orders', '/'],
    ['/~shop/dev/orders?x=1', 'shop/dev/orders', '/?x=1'],
    ['/~shop/dev/orders/', 'shop/dev/orders', '/'],
    ['/~shop/dev/or_ders/a/b?c=/d', 'shop/dev/or_ders', '/a/b?c=/d'],
    ['/~shop/dev/orders//a', 'shop/dev/orders', '//a'],
  ])('splits %s', (target, key, rest) => {
    expect(splitPrefix(target)).toEqual({ key, target: rest });
  });

  it.each(['/', '/~', '/~shop', '/~shop/dev', '/shop/dev/orders'])('leaves %s', (target) => {
    expect(splitPrefix(target)).toBeUndefined();
  });
});

describe('Host names', () => {
  it.each([
    ['LocalHost:3000', 'localhost'],
    ['orders.dev.shop.localhost.', 'orders.dev.shop.localhost'],
    ['send_mail.dev.shop.localhost:80', 'send_mail.dev.shop.localhost'],
    ['[::1]:3000', '[::1]'],
    ['127.0.0.1', '127.0.0.1'],
  ])('reads %s', (header, name) => {
    expect(hostName(header)).toBe(name);
  });

  it.each(['', 'a b', 'a/b', 'user@localhost', 'localhost:', 'localhost:123456', '::1'])(
    'refuses %j',
    (header) => {
      expect(hostName(header)).toBeUndefined();
    },
  );

  it('lets in loopback names and those allowed', () => {
    const letsIn = hostRule('192.168.1.5', ['Dev.Example.test']);
    const names = [
      'localhost',
      'x.localhost',
      '127.9.9.9',
      '[::1]',
      '192.168.1.5',
      'dev.example.test',
    ];
    expect(names.filter(letsIn)).toEqual(names);
    expect(
      ['evil.test', 'localhost.evil.test', '10.0.0.1', '127.0.0.1.evil.test'].filter(letsIn),
    ).toEqual([]);
    expect(hostRule('127.0.0.1', ['*'])('evil.test')).toBe(true);
  });
});

describe('TokenBucket', () => {
  it('never lets through more than burst plus drip', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 100, noNaN: true }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: -100, max: 2_000 }), { maxLength: 200 }),
        (perSecond, burst, steps) => {
          const bucket = new TokenBucket(perSecond, burst, 0);
          let now = 0;
          let taken = 0;
          let forwardMs = 0;
          for (const step of steps) {
            now += step;
            forwardMs += Math.max(0, step);
            if (bucket.take(now) === 0) taken += 1;
          }
          expect(taken).toBeLessThanOrEqual(burst + (forwardMs / 1000) * perSecond + 1e-6);
        },
      ),
    );
  });

  it('says how long to wait, and is right', () => {
    const bucket = new TokenBucket(2, 1, 0);
    expect(bucket.take(0)).toBe(0);
    expect(bucket.take(0)).toBe(500);
    expect(bucket.take(499)).toBeGreaterThan(0);
    expect(bucket.take(500)).toBe(0);
  });
});

describe('headers', () => {
  it('keeps repeated request headers and drops what belongs to the connection or the library', () => {
    const kept = requestHeaders([
      'Host',
      'x',
      'Connection',
      'keep-alive, X-Private',
      'X-Private',
      '1',
      'TE',
      'trailers',
      'Transfer-Encoding',
      'chunked',
      'X-PolyFaas-Signature',
      'forged',
      'X-Many',
      '1',
      'x-many',
      '2',
      'Expect',
      '100-continue',
      'Upgrade',
      'h2c',
      'Proxy-Authorization',
      'secret',
    ]);
    expect(kept).toEqual(['Host', 'x', 'X-Many', '1', 'x-many', '2']);
  });

  it('keeps repeated response headers and replaces what the gateway sets', () => {
    const made = responseHeaders(
      [
        'Set-Cookie',
        'a=1',
        'set-cookie',
        'b=2',
        'Connection',
        'close',
        'X-Request-Id',
        'mine',
        'Access-Control-Allow-Origin',
        'https://other.test',
        'Content-Length',
        '7',
      ],
      ['access-control-allow-origin', '*'],
      'id-1',
    );
    expect(made).toEqual({
      list: [
        'Set-Cookie',
        'a=1',
        'set-cookie',
        'b=2',
        'access-control-allow-origin',
        '*',
        'x-request-id',
        'id-1',
      ],
      contentLength: '7',
    });
  });

  it('refuses names and values that cannot be sent', () => {
    for (const pair of [
      ['bad name', 'x'],
      ['', 'x'],
      ['x', 'a\r\nb: c'],
      ['x', '\u{1f600}'],
      ['x'],
    ]) {
      expect(responseHeaders(pair, undefined, 'id')).toBeUndefined();
    }
  });
});

describe('CorsRules', () => {
  const rules = (parts: Partial<ConstructorParameters<typeof CorsRules>[0]> = {}): CorsRules =>
    new CorsRules({
      origins: ['*'],
      methods: ['GET', 'POST'],
      headers: ['content-type'],
      exposeHeaders: [],
      credentials: false,
      maxAgeSeconds: 600,
      ...parts,
    });

  it('names the origin and varies by it where origins are listed', () => {
    const listed = rules({ origins: ['https://a.test', 'https://b.test'], credentials: true });
    expect(listed.responseHeaders('https://b.test')).toEqual([
      'access-control-allow-origin',
      'https://b.test',
      'access-control-allow-credentials',
      'true',
      'vary',
      'Origin',
    ]);
    expect(listed.responseHeaders('https://c.test')).toEqual(['vary', 'Origin']);
    expect(listed.responseHeaders(undefined)).toEqual(['vary', 'Origin']);
  });

  it('never gives credentials to every origin', () => {
    expect(rules({ credentials: true }).responseHeaders('https://a.test')).toEqual([
      'access-control-allow-origin',
      '*',
    ]);
  });

  it('allows a preflight only with a permitted method and permitted headers', () => {
    const ask = (method: string, headers?: string): readonly string[] =>
      rules().preflightHeaders({ origin: 'https://a.test', method, headers });
    expect(ask('POST', 'Content-Type')).toContain('access-control-allow-methods');
    expect(ask('DELETE')).not.toContain('access-control-allow-origin');
    expect(ask('POST', 'content-type, x-other')).not.toContain('access-control-allow-origin');
  });
});

describe('traceOf', () => {
  const valid = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  it('takes what is valid', () => {
    expect(traceOf({ traceparent: valid, tracestate: 'a=1' })).toEqual({
      traceparent: valid,
      tracestate: 'a=1',
    });
    expect(traceOf({ traceparent: valid })).toEqual({ traceparent: valid });
  });

  it('reads a later version as far as the first goes', () => {
    expect(traceOf({ traceparent: `cc${valid.slice(2)}-more` })).toEqual({ traceparent: valid });
  });

  it.each([
    '',
    '00-0-0-01',
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    valid.toUpperCase(),
    `ff${valid.slice(2)}`,
  ])('ignores %j', (traceparent) => {
    expect(traceOf({ traceparent })).toBeUndefined();
  });
});
