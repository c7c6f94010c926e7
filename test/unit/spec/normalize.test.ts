import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizeEvent, normalizeFunction } from '../../../src/spec/normalize.ts';
import { secret } from '../../../src/spec/secret.ts';
import type { EventSpec } from '../../../src/spec/types.ts';
import { validateEvent } from '../../../src/spec/validate.ts';
import type { NormalEvent } from '../../../src/spi/bindings.ts';
import { anyEvent, anyFunction, reversedKeys } from './arbitraries.ts';

/** A normal form, declared again: only `methods` and `when` have other names there. */
function declared(id: string, event: NormalEvent): EventSpec {
  if (event.type === 'http') {
    const { methods, ...rest } = event;
    return { ...rest, id, method: methods };
  }
  if (event.type !== 'schedule') return { ...event, id };
  const { when, timezone, ...rest } = event;
  return 'cron' in when
    ? { ...rest, id, timezone, cron: when.cron }
    : { ...rest, id, every: `${when.everySeconds} seconds` };
}

describe('normalizeEvent', () => {
  it('fills in everything, kind by kind', () => {
    const retry = {
      maxAttempts: 3,
      backoff: 'exponential',
      delaySeconds: 1,
      maxDelaySeconds: 900,
      jitter: true,
    };
    const delivered = { enabled: true, create: false, retry };
    const event = (spec: EventSpec): NormalEvent => normalizeEvent(spec).event;
    expect(event({ type: 'http' })).toEqual({
      type: 'http',
      enabled: true,
      methods: ['ANY'],
      path: '/{path+}',
    });
    expect(event({ type: 'schedule', every: '2 days' })).toEqual({
      type: 'schedule',
      enabled: true,
      when: { everySeconds: 172_800 },
      timezone: 'UTC',
      input: null,
    });
    expect(event({ type: 'queue', queue: 'q' })).toEqual({
      type: 'queue',
      queue: 'q',
      batchSize: 10,
      batchWindowSeconds: 0,
      ...delivered,
    });
    expect(event({ type: 'topic', topic: 't' })).toEqual({
      type: 'topic',
      topic: 't',
      ...delivered,
    });
    expect(event({ type: 'object', bucket: 'b' })).toEqual({
      type: 'object',
      bucket: 'b',
      on: ['created'],
      prefix: '',
      suffix: '',
      ...delivered,
    });
    const ordered = { from: 'latest', batchSize: 100, batchWindowSeconds: 0, ...delivered };
    expect(event({ type: 'stream', stream: 's' })).toEqual({
      type: 'stream',
      stream: 's',
      ...ordered,
    });
    expect(event({ type: 'table', table: 't' })).toEqual({ type: 'table', table: 't', ...ordered });
    expect(event({ type: 'bus' })).toEqual({
      type: 'bus',
      bus: 'default',
      pattern: {},
      ...delivered,
    });
  });

  it('fills in the rules of a route', () => {
    const { event } = normalizeEvent({
      type: 'http',
      method: ['PUT', 'GET', 'PUT'],
      path: '/a',
      cors: true,
      jwt: { issuer: 'https://login.example.com/', audience: ['b', 'a'] },
      rateLimit: { requestsPerSecond: 1.5 },
    });
    expect(event).toEqual({
      type: 'http',
      enabled: true,
      methods: ['GET', 'PUT'],
      path: '/a',
      cors: {
        origins: ['*'],
        methods: ['GET', 'PUT'],
        headers: ['authorization', 'content-type'],
        exposeHeaders: [],
        credentials: false,
        maxAgeSeconds: 600,
      },
      jwt: {
        issuer: 'https://login.example.com/',
        audience: ['a', 'b'],
        jwksUri: 'https://login.example.com/.well-known/jwks.json',
      },
      rateLimit: { requestsPerSecond: 1.5, burst: 2 },
    });
  });

  it('reads the same interval from all of its spellings', () => {
    const when = (every: string): unknown => normalizeEvent({ type: 'schedule', every });
    expect(when('1 hour')).toEqual(when('60 minutes'));
    expect(when('rate(1 hour)')).toEqual(when('3600 seconds'));
  });

  it('keeps the default id when anything but the source changes', () => {
    const id = (spec: EventSpec): string => normalizeEvent(spec).id;
    expect(id({ type: 'queue', queue: 'orders' })).toMatch(/^queue-[0-9a-f]{8}$/);
    expect(id({ type: 'queue', queue: 'orders', batchSize: 5, enabled: false })).toBe(
      id({ type: 'queue', queue: 'orders' }),
    );
    expect(id({ type: 'queue', queue: 'orders' })).not.toBe(id({ type: 'queue', queue: 'other' }));
    expect(id({ type: 'http', method: 'GET', path: '/a' })).not.toBe(
      id({ type: 'http', method: 'POST', path: '/a' }),
    );
    expect(id({ type: 'http', method: ['GET', 'POST'] })).toBe(
      id({ type: 'http', method: ['POST', 'GET'] }),
    );
    expect(id({ type: 'queue', queue: 'orders', id: 'mine' })).toBe('mine');
  });

  it('gives the same again when its result is declared again', () => {
    fc.assert(
      fc.property(anyEvent, (spec) => {
        const once = normalizeEvent(spec);
        const again = normalizeEvent(validateEvent(declared(once.id, once.event)));
        expect(JSON.stringify(again)).toBe(JSON.stringify(once));
      }),
    );
  });

  it('does not look at the order of keys, and changes nothing it is given', () => {
    fc.assert(
      fc.property(anyEvent, (spec) => {
        const before = JSON.stringify(spec);
        const turned = normalizeEvent(reversedKeys(spec));
        expect(JSON.stringify(turned)).toBe(JSON.stringify(normalizeEvent(spec)));
        expect(JSON.stringify(spec)).toBe(before);
      }),
    );
  });
});

describe('normalizeFunction', () => {
  const app = { app: 'shop', stage: 'dev' };

  it('fills in everything', () => {
    const { spec, warnings } = normalizeFunction('orders', { entry: './a.ts' }, app);
    expect(spec).toEqual({
      name: 'orders',
      description: '',
      runtime: 'node',
      memoryMb: 256,
      timeoutSeconds: 30,
      env: {},
      minInstances: 0,
      maxInstances: undefined,
      concurrency: 1,
      architecture: undefined,
      async: {
        retry: {
          maxAttempts: 3,
          backoff: 'exponential',
          delaySeconds: 1,
          maxDelaySeconds: 900,
          jitter: true,
        },
        maxAgeSeconds: 21_600,
      },
      tracing: undefined,
      keepVersions: 5,
      tags: {},
      bindings: [],
      providerOptions: {},
    });
    expect(warnings).toEqual([]);
  });

  it('lays the function over the defaults', () => {
    const defaults = {
      memoryMb: 128,
      timeoutSeconds: 5,
      env: { A: 'default', B: 'default' },
      tags: { team: 'x' },
      tracing: true,
      async: { maxAgeSeconds: 60, retry: { maxAttempts: 9 } },
      events: [{ type: 'topic', topic: 'all' } as const],
    };
    const own = {
      entry: './a.ts',
      memoryMb: 512,
      env: { B: 'own', C: secret('c') },
      async: { retry: { backoff: 'fixed' } } as const,
      tracing: { sampleRate: 0.25 },
    };
    const { spec } = normalizeFunction('orders', own, { defaults, ...app });
    expect(spec).toMatchObject({
      memoryMb: 512,
      timeoutSeconds: 5,
      env: { A: 'default', B: 'own', C: { $secret: 'c' } },
      tags: { team: 'x' },
      tracing: { sampleRate: 0.25 },
      async: { maxAgeSeconds: 60, retry: { maxAttempts: 9, backoff: 'fixed' } },
      bindings: [{ origin: 'spec', event: { type: 'topic', topic: 'all' } }],
    });
    const none = normalizeFunction('orders', { ...own, events: [] }, { defaults, ...app });
    expect(none.spec.bindings).toEqual([]);
  });

  it('is the same for any order of keys and of events', () => {
    fc.assert(
      fc.property(anyFunction, (spec) => {
        const one = normalizeFunction('orders', spec, app);
        const turned = normalizeFunction('orders', reversedKeys(spec), app);
        expect(JSON.stringify(turned)).toBe(JSON.stringify(one));
        const ids = new Set(one.spec.bindings.map(({ id }) => id));
        fc.pre(ids.size === one.spec.bindings.length);
        const events = spec.events?.toReversed() ?? [];
        expect(normalizeFunction('orders', { ...spec, events }, app)).toEqual(one);
      }),
    );
  });

  it.each([
    ['GITHUB_TOKEN', 'abcdefgh'],
    ['DB_PASSWORD', 'hunter2'],
    ['PASSWORD', 'hunter2'],
    ['dbPassword', 'hunter2'],
    ['API_KEY', 'kkkkkkk'],
    ['CLIENT_SECRET', 'xxxxxxx'],
    ['X', 'AKIAIOSFODNN7EXAMPLE'],
    ['X', `ghp_${'a'.repeat(36)}`],
    ['X', 'sk-proj-abcdefghijklmnop'],
    ['X', '-----BEGIN RSA PRIVATE KEY-----\nMIIE'],
    ['X', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc'],
    ['DATABASE_URL', 'postgres://user:hunter2@db.example/orders'],
  ])('warns of the plain value of %s without quoting it', (name, value) => {
    const { warnings } = normalizeFunction(
      'orders',
      { entry: './a.ts', env: { [name]: value } },
      app,
    );
    expect(warnings).toEqual([
      {
        type: 'secretLike',
        field: `functions.orders.env.${name}`,
        message: expect.stringContaining('secret("<name>")'),
      },
    ]);
    expect(warnings[0]?.message).not.toContain(value);
  });

  it.each([
    ['STAGE', 'production'],
    ['MAX_TOKENS', '4096'],
    ['TOKEN_URL', 'https://login.example.com'],
    ['USE_PASSWORD', 'true'],
    ['API_KEY', ''],
    ['MONKEY', 'george'],
    ['HOMEPAGE', 'https://example.com/a:b@c'],
  ])('does not warn of %s=%s', (name, value) => {
    const spec = { entry: './a.ts', env: { [name]: value } };
    expect(normalizeFunction('orders', spec, app).warnings).toEqual([]);
  });

  it('does not warn of a secret reference', () => {
    const spec = { entry: './a.ts', env: { API_KEY: secret('key') } };
    expect(normalizeFunction('orders', spec, app).warnings).toEqual([]);
  });
});
