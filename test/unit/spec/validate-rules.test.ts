import { describe, expect, it } from 'vitest';
import { validateConfig } from '../../../src/spec/validate.ts';
import { fn, problems, withEvent, withFunction } from './problems.ts';

describe('validateConfig', () => {
  it.each([
    ['orders', 'does not start with "/"'],
    ['/orders/', 'ends with "/"'],
    ['/a//b', 'empty segment'],
    ['/a/../b', '".."'],
    ['/{id}/{id}', 'names {id} twice'],
    ['/{rest+}/a', 'Only the last segment'],
    ['/a-{id}', 'not one whole segment'],
    ['/{}', 'not one whole segment'],
    ['/{id', 'not one whole segment'],
    ['/a b', 'space'],
    ['/a?b=1', '?'],
    ['/a%2Fb', '%'],
  ])('refuses the path %j', (path, message) => {
    const found = problems(withEvent({ type: 'http', path }));
    expect(found['functions.orders.events[0].path']).toContain(message);
  });

  it.each([
    ['nodejs22.x', 'node22'],
    ['nodejs22', 'node22'],
    ['node22.x', 'node22'],
    ['Node22', 'node22'],
    ['node-24', 'node24'],
    ['NODE', 'node'],
    ['nodejs', 'node'],
    ['Node.js', 'node'],
    ['nodejs6.10', 'node'],
    ['v22', 'node22'],
    ['22', 'node22'],
    ['22.x', 'node22'],
    ['v24.1.0', 'node24'],
    ['NodeJS-22', 'node22'],
    ['nodejs20.x', 'node'],
    ['v20', 'node'],
    ['20', 'node'],
    ['v21', 'node'],
    ['26', 'node'],
    ['2022', 'node'],
  ])('refuses %j, which is Node.js by another name', (runtime, instead) => {
    const message = problems(withFunction({ runtime }))['functions.orders.runtime'];
    const start = `${JSON.stringify(runtime)} is Node.js by another name. Write "${instead}"`;
    expect(message?.slice(0, start.length)).toBe(start);
  });

  it.each([
    'node',
    'node22',
    'node24',
    'node99',
    'python3.13',
    'provided.al2023',
    'java21',
    '8.0',
    '3.12',
    'nodejs_compat',
    'node-edge',
  ])('leaves the runtime %j to the provider', (runtime) => {
    expect(problems(withFunction({ runtime }))).toEqual({});
  });

  it.each([
    ['sqs', 'queue'],
    ['SNS', 'topic'],
    ['s3', 'object'],
    ['dynamodb', 'table'],
    ['kinesis', 'stream'],
    ['EventBridge', 'bus'],
    ['event-bridge', 'bus'],
    ['cron', 'schedule'],
    ['pubsub', 'topic'],
    ['pub/sub', 'topic'],
    ['gcs', 'object'],
    ['blob', 'object'],
    ['serviceBus', 'queue'],
    ['eventHub', 'stream'],
    ['apigateway', 'http'],
    ['api', 'http'],
    ['queu', 'queue'],
    ['topics', 'topic'],
    ['htttp', 'http'],
  ])('names what the event type %j is called here', (type, meant) => {
    expect(problems(withEvent({ type }))['functions.orders.events[0].type']).toContain(
      `Give "${meant}", which is the nearest of "http",`,
    );
  });

  it.each(['ses', 'lambda', '', '__proto__', 7, undefined])(
    'lists the types of events for %j, which is like none',
    (type) => {
      expect(problems(withEvent({ type }))['functions.orders.events[0].type']).toContain(
        'Give one of "http", "schedule",',
      );
    },
  );

  it('refuses a route without a method: an empty list is not all of them', () => {
    expect(problems(withEvent({ type: 'http', method: [] }))).toEqual({
      'functions.orders.events[0].method':
        'an empty list is not allowed. Give at least one method, or leave it out for all of them.',
    });
  });

  it('refuses credentials with every origin', () => {
    const found = problems(withEvent({ type: 'http', cors: { credentials: true } }));
    expect(Object.keys(found)).toEqual(['functions.orders.events[0].cors.credentials']);
  });

  it.each(['x-\u2192', 'a b', 'a, b', 'a\r\nb', ''])('refuses the header name %j', (name) => {
    const cors = { headers: ['*', name], exposeHeaders: [name, 'X-Total'] };
    expect(Object.keys(problems(withEvent({ type: 'http', cors })))).toEqual([
      'functions.orders.events[0].cors.headers[1]',
      'functions.orders.events[0].cors.exposeHeaders[0]',
    ]);
  });

  it('refuses an issuer that is no address', () => {
    const found = problems(withEvent({ type: 'http', jwt: { issuer: 'cognito', audience: [] } }));
    expect(found).toEqual({
      'functions.orders.events[0].jwt.issuer': expect.stringContaining('"cognito" is no address'),
      'functions.orders.events[0].jwt.audience': expect.stringContaining(
        'Give at least one audience',
      ),
    });
  });

  it('refuses two routes that match the same requests, and two bindings of one id', () => {
    const found = problems(
      withEvent(
        { type: 'http', method: ['GET', 'POST'], path: '/a/{id}' },
        { type: 'http', method: 'POST', path: '/a/{name}' },
        { type: 'http', method: 'ANY', path: '/a/{id}' },
        { type: 'queue', queue: 'q' },
        { type: 'queue', queue: 'q', batchSize: 2 },
        { type: 'queue', queue: 'q', id: 'second' },
        { type: 'topic', topic: 't', id: 'second' },
      ),
    );
    expect(found).toEqual({
      'functions.orders.events[1].path': expect.stringContaining('same route as events[0]'),
      'functions.orders.events[4].id': expect.stringContaining('also the id of events[3]'),
      'functions.orders.events[6].id': expect.stringContaining('also the id of events[5]'),
    });
  });

  it('refuses names that platforms could not keep', () => {
    const found = problems({
      stage: 'a'.repeat(21),
      provider: 'amazon',
      adapters: { aws: '@acme/aws', local: 'x', mine: '../evil', other: 'https://evil.example/x' },
      environments: { Production: {} },
      functions: { '1st': fn, 'my fn': fn, user_management: fn, ['a'.repeat(41)]: fn },
    });
    expect(Object.keys(found).sort()).toEqual([
      'adapters.local',
      'adapters.mine',
      'adapters.other',
      'environments.Production',
      `functions.${'a'.repeat(41)}`,
      'functions["1st"]',
      'functions["my fn"]',
      'provider',
      'stage',
    ]);
    expect(found['provider']).toContain(
      'Choose one of local, aws, azure, gcp, vercel, mine, other',
    );
  });

  it('refuses environment names that are reserved or not names', () => {
    const found = problems(
      withFunction({ env: { POLYFAAS_X: 'a', 'a-b': 'b', '1A': 'c', OK_1: 'd' } }),
    );
    expect(Object.keys(found)).toEqual([
      'functions.orders.env.POLYFAAS_X',
      'functions.orders.env.a-b',
      'functions.orders.env["1A"]',
    ]);
  });

  it('never shows a value under env, nor under a key that sounds like a secret', () => {
    const secretText = 'hunter2-hunter2';
    const value = {
      functions: {
        orders: {
          ...fn,
          env: {
            PORT: 5_000_777,
            PASSWORD: [secretText],
            DB: { $secret: secretText, password: 1 },
          },
          apiKey: secretText,
          tags: { apiToken: { value: secretText } },
          description: 'ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n',
          events: [{ type: 'http', jwt: { issuer: 'x://u:hunter2@h', audience: ['a'] } }],
        },
      },
    };
    let text = '';
    try {
      validateConfig(value);
    } catch (error) {
      text = `${String(error)} ${JSON.stringify(error)}`;
    }
    expect(text).toContain('functions.orders.env.PORT');
    expect(text).not.toMatch(/hunter2|5000777|5_000_777|ghp_a/);
  });

  it('cuts long values', () => {
    const found = problems({ app: 'x'.repeat(10_000) });
    expect(found['app']?.length).toBeLessThan(250);
  });

  it('refuses keys that reach a prototype, and cycles', () => {
    const loop: Record<string, unknown> = {};
    loop['functions'] = loop;
    const found = problems(JSON.parse('{"__proto__":{"app":"x"},"functions":{"constructor":{}}}'));
    expect(Object.entries(found)).toEqual([
      ['__proto__', expect.stringContaining('this key is refused')],
      ['functions.constructor', expect.stringContaining('this key is refused')],
    ]);
    expect(problems(loop)).toMatchObject({
      functions: expect.stringContaining('refers back to itself'),
    });
    expect(Object.hasOwn(Object.prototype, 'app')).toBe(false);
  });

  it('checks what an environment makes of the configuration', () => {
    const found = problems({
      functions: { orders: { ...fn, maxInstances: 2 } },
      environments: {
        production: {
          provider: 'awz',
          functions: { orders: { minInstances: 3 }, fresh: { memoryMb: 128 }, order: {} },
        },
        test: { functions: { orders: { source: 'export default 1' } }, stage: 'x' },
      },
    });
    expect(found).toEqual({
      'environments.production.provider': expect.stringContaining('Did you mean "aws"?'),
      'environments.production.functions.orders.minInstances': expect.stringContaining('more than'),
      'environments.production.functions.fresh':
        "is none of the configuration's functions. A function that only this environment has needs its code: give one of entry, source, artifact, image.",
      'environments.production.functions.order': expect.stringContaining('Did you mean "orders"?'),
      'environments.test.stage': expect.stringContaining('unknown field'),
    });
  });

  it('checks bus patterns down to the operator', () => {
    const found = problems(
      withEvent({
        type: 'bus',
        pattern: {
          source: [],
          data: { a: 'b', c: [{ numeric: ['>'] }], d: { e: [{ matches: 1 }] } },
        },
      }),
    );
    expect(Object.keys(found)).toEqual([
      'functions.orders.events[0].pattern.source',
      'functions.orders.events[0].pattern.data.a',
      'functions.orders.events[0].pattern.data.c[0]',
      'functions.orders.events[0].pattern.data.d.e[0]',
    ]);
  });

  it('refuses a first delay that is longer than the longest', () => {
    const found = problems(
      withFunction({ async: { retry: { delaySeconds: 60, maxDelaySeconds: 5 } } }),
    );
    expect(Object.keys(found)).toEqual(['functions.orders.async.retry.delaySeconds']);
  });
});
