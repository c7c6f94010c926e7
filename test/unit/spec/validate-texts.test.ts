import { describe, expect, it } from 'vitest';
import { normalizeEvent } from '../../../src/spec/normalize.ts';
import { secret } from '../../../src/spec/secret.ts';
import { validateEvent } from '../../../src/spec/validate.ts';
import { fn, problems, withEvent, withFunction } from './problems.ts';

const originProblem = (origin: string): string | undefined =>
  problems(withEvent({ type: 'http', cors: { origins: ['https://ok.example', origin] } }))[
    'functions.orders.events[0].cors.origins[1]'
  ];

describe('origins of CORS', () => {
  it.each([
    ['https://example.com/', 'https://example.com'],
    ['https://example.com/a?b#c', 'https://example.com'],
    ['HTTPS://Example.com', 'https://example.com'],
    ['https://example.com:443', 'https://example.com'],
    ['https://müller.example', 'https://xn--mller-kva.example'],
    ['example.com', 'https://example.com'],
    ['example.com:8443', 'https://example.com:8443'],
    ['localhost:3000', 'http://localhost:3000'],
    ['Capacitor://localhost/', 'capacitor://localhost'],
  ])('refuse %j, which no browser sends, and say %j', (origin, right) => {
    expect(originProblem(origin)).toBe(
      `${JSON.stringify(origin)} is no origin as browsers send it, so no request would match. Write ${JSON.stringify(right)}.`,
    );
  });

  it.each(['https://*.example.com', '*.example.com', 'https://*'])(
    'refuse the wildcard %j',
    (origin) => {
      expect(originProblem(origin)).toBe(
        `${JSON.stringify(origin)} holds "*", which matches nothing inside an origin. List each origin, such as "https://app.example.com", or "*" alone for all.`,
      );
    },
  );

  it.each(['null', '/', 'https://', 'a b', 'data:text', '://x', ' https://a.example'])(
    'refuse %j, and say what one looks like',
    (origin) => {
      expect(originProblem(origin)).toMatch(/is no origin as browsers send it/);
    },
  );

  it.each([
    '*',
    'https://example.com',
    'http://localhost:3000',
    'http://[::1]:8080',
    'https://xn--mller-kva.example',
    'capacitor://localhost',
    'chrome-extension://abcdefghijklmnop',
  ])('take %j', (origin) => {
    expect(originProblem(origin)).toBeUndefined();
  });

  it('hide a password', () => {
    expect(originProblem('https://me:hunter2hunter2@example.com')).not.toMatch(/hunter2/);
  });
});

describe('other texts of routes', () => {
  it.each([
    ['/:id', 'has the segment ":id", which would match only that very text. Write "{id}".'],
    ['/a/:user-id/b', 'which would match only that very text. Write "{user}".'],
    ['/*', 'has "*", which would match only that very character. Write "{rest+}"'],
    ['/files/**', 'has "*"'],
    ['/a/b*', 'has "*"'],
  ])('refuse the path %j', (path, message) => {
    const found = problems(withEvent({ type: 'http', path }));
    expect(found['functions.orders.events[0].path']).toContain(message);
  });

  it('take a colon inside a segment', () => {
    expect(problems(withEvent({ type: 'http', path: '/v1/jobs:cancel' }))).toEqual({});
  });

  it.each(['https://x.example/?a=b', 'https://x.example/a#c', 'https://x.example/?'])(
    'refuse the issuer %j',
    (issuer) => {
      const found = problems(withEvent({ type: 'http', jwt: { issuer, audience: ['a'] } }));
      expect(found).toEqual({
        'functions.orders.events[0].jwt.issuer': `"${issuer}" has a query or a fragment, which no issuer has. Write it as the "iss" of the tokens does, such as "https://login.example.com".`,
      });
    },
  );

  it('take an address of keys with a query', () => {
    const jwt = { issuer: 'https://x.example', audience: ['a'], jwksUri: 'https://x.example/?k=1' };
    expect(problems(withEvent({ type: 'http', jwt }))).toEqual({});
  });
});

describe('NUL', () => {
  it('is refused in env, naming the key alone', () => {
    const env = { A: 'hunter2\0', B: 'fine', 'C\0': 'x' };
    const found = problems({ ...Object(withFunction({ env })), defaults: { env: { D: '\0' } } });
    const message =
      'the value (hidden) holds the character NUL (\\0), which no process can be given. Remove it, or give the bytes as base64.';
    expect(found).toEqual({
      'functions.orders.env.A': message,
      'functions.orders.env["C\\u0000"]': expect.stringContaining('is no name'),
      'defaults.env.D': message,
    });
  });
});

describe('a variable', () => {
  it('that says secret(...) or env(...) as a text is refused, and the text is not repeated', () => {
    const env = {
      A: "secret('shop/stripe')",
      B: ' env("REGION", "eu") ',
      C: 'the secret("is") out',
      D: '(secret)',
    };
    const found = problems(withFunction({ env }));
    expect(Object.keys(found)).toEqual(['functions.orders.env.A', 'functions.orders.env.B']);
    expect(found['functions.orders.env.A']).toMatch(
      /^the value \(hidden\) is a text that says secret\(\.\.\.\), .*\{ "\$secret": "<name>" \}/,
    );
    expect(found['functions.orders.env.B']).toContain('@env("<NAME>")');
    expect(JSON.stringify(found)).not.toMatch(/stripe|REGION/);
  });

  it('that is undefined is refused, wherever it stands; other fields are as if left out', () => {
    const env = { A: undefined };
    const found = problems({
      stage: undefined,
      defaults: { env, timeoutSeconds: undefined },
      functions: { orders: { entry: './orders.ts', env, tags: { a: undefined } } },
      environments: { prod: { defaults: { env }, functions: { orders: { env } } } },
    });
    expect(Object.keys(found).toSorted()).toEqual([
      'defaults.env.A',
      'environments.prod.defaults.env.A',
      'environments.prod.functions.orders.env.A',
      'functions.orders.env.A',
    ]);
    expect(found['defaults.env.A']).toMatch(/^is undefined, .* or leave the name out\.$/);
  });
});

describe('smaller things', () => {
  it('name the target that is there twice', () => {
    expect(problems({ targets: ['aws', 'gcp', 'aws'] })).toEqual({
      'targets[2]': '"aws" is listed already, as targets[0]. Name each provider once.',
    });
    expect(problems({ environments: { dev: { targets: ['aws', 'aws'] } } })).toHaveProperty([
      'environments.dev.targets[1]',
    ]);
  });

  it('cut long names', () => {
    const found = problems({
      functions: { ['a'.repeat(5_000)]: fn },
      ['b'.repeat(5_000)]: 1,
    });
    for (const path of Object.keys(found)) expect(path.length).toBeLessThan(100);
    expect(Object.keys(found)).toHaveLength(2);
  });

  it('refuse a secret without a name', () => {
    const refusal = {
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('is no name of a secret'),
    };
    for (const given of [[], [null], [7]]) {
      const call = (): unknown => Reflect.apply(secret, undefined, given);
      expect(call).toThrow(expect.objectContaining(refusal));
    }
  });

  it.each([
    ['utc', 'UTC'],
    ['UTC', 'UTC'],
    ['europe/BERLIN', 'Europe/Berlin'],
    ['Europe/Berlin', 'Europe/Berlin'],
    ['america/port-au-prince', 'America/Port-au-Prince'],
    // Neither is the name of another zone's here: where it is an alias depends on the machine.
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['Asia/Calcutta', 'Asia/Calcutta'],
  ])('spell the time zone %j as %j', (given, timezone) => {
    const plain = validateEvent({ type: 'schedule', cron: '0 9 * * *', timezone });
    const other = validateEvent({ type: 'schedule', cron: '0 9 * * *', timezone: given });
    expect(normalizeEvent(other).event).toMatchObject({ timezone });
    expect(normalizeEvent(other)).toEqual(normalizeEvent(plain));
  });
});
