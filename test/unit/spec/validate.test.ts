import { describe, expect, it } from 'vitest';
import { secret } from '../../../src/spec/secret.ts';
import { validateConfig, validateEvent, validateFunction } from '../../../src/spec/validate.ts';
import { fn, problems, withEvent, withFunction } from './problems.ts';

describe('validateConfig', () => {
  it('takes a full configuration, and gives it back unchanged', () => {
    const config = {
      app: 'shop',
      stage: 'dev',
      provider: 'acme',
      adapters: { acme: '@acme/polyfaas' },
      region: { aws: 'eu-central-1', gcp: 'europe-west3' },
      root: '.',
      limits: { parallelDeploys: 2, concurrentCalls: 8, maxAttempts: 2, attemptTimeoutSeconds: 9 },
      defaults: { memoryMb: 128, tracing: true },
      providerOptions: { acme: { anything: [1] } },
      environments: { production: { functions: { orders: { memoryMb: 1024 } } } },
      functions: {
        orders: {
          entry: './functions/orders.ts',
          handler: 'default',
          signature: 'polyfaas',
          handles: ['http'],
          env: { STAGE: 'dev', DB: secret('orders/db', { version: '3' }) },
          async: { retry: { maxAttempts: 2 }, onFailure: { type: 'queue', name: 'dead' } },
          tracing: { sampleRate: 0.5 },
          package: { external: ['sharp'], include: ['data/**'], minify: false },
          tags: { team: 'shop' },
          events: [
            {
              type: 'http',
              method: ['GET', 'POST'],
              path: '/a/{id}/{rest+}',
              cors: { origins: ['https://a.example'], credentials: true },
              jwt: { issuer: 'https://login.example.com', audience: ['a'] },
              rateLimit: { requestsPerSecond: 0.5 },
            },
            { type: 'queue', queue: 'orders', batchSize: 10, deadLetter: 'orders-dead' },
            { type: 'schedule', every: 'rate(5 minutes)' },
            {
              type: 'schedule',
              cron: '0 9 * * MON-FRI',
              timezone: 'Europe/Berlin',
              input: { a: 1 },
            },
            { type: 'topic', topic: 'news', filter: { country: ['de'] } },
            { type: 'object', bucket: 'files', on: ['created', 'deleted'], suffix: '.png' },
            { type: 'stream', stream: 'clicks', from: 'oldest' },
            { type: 'table', table: 'users', batchWindowSeconds: 5 },
            {
              type: 'bus',
              pattern: { source: ['a', { prefix: 'b' }], data: { n: [{ numeric: ['>', 5] }] } },
            },
          ],
        },
      },
    };
    expect(validateConfig(config)).toEqual(config);
  });

  it('takes an empty configuration, and drops what is undefined', () => {
    expect(validateConfig({ app: undefined })).toEqual({});
  });

  it('names all problems at once, each with path, value, range and next step', () => {
    const value = {
      app: 'Shop!',
      functions: {
        orders: {
          entry: './a.ts',
          source: 'x',
          memoryMb: 50,
          timeoutSeconds: 'long',
          minInstances: 5,
          maxInstances: 2,
          events: [{ type: 'queue', queue: 'q', batchSize: 0, deadLetter: 'q' }, { type: 'sqs' }],
        },
      },
    };
    expect(problems(value)).toEqual({
      app: '"Shop!" is not an app name. Use lower case letters, digits and dashes, at most 40 characters, with no dash at either end.',
      'functions.orders': 'says entry and source. Keep one of them: the code comes from one place.',
      'functions.orders.memoryMb': '50 is not allowed. Give a whole number from 64 to 32,768.',
      'functions.orders.timeoutSeconds':
        '"long" is not allowed. Give a whole number from 1 to 86,400.',
      'functions.orders.minInstances':
        'minInstances (5) is more than maxInstances (2). Lower the one or raise the other.',
      'functions.orders.events[0].batchSize':
        '0 is not allowed. Give a whole number from 1 to 10,000.',
      'functions.orders.events[0].deadLetter':
        '"q" is the queue itself, so a failed message would never leave it. Name another queue.',
      'functions.orders.events[1].type':
        '"sqs" is not allowed. Give "queue", which is the nearest of "http", "schedule", "queue", "topic", "object", "stream", "table", "bus".',
    });
  });

  it('puts the problems into one readable message', () => {
    expect(() => validateConfig({ app: 1, stage: 'Dev' })).toThrow(
      /^The configuration has 2 problems:\n- app: 1 is not allowed\..*\n- stage: "Dev" is not a stage name\./,
    );
    expect(() => validateConfig(7)).toThrow('The configuration has a problem. 7 is not allowed.');
  });

  it.each([
    [{ function: {} }, 'function', 'unknown field. Did you mean "functions"? Rename or remove it.'],
    [withFunction({ memory: 5 }), 'functions.orders.memory', 'Did you mean "memoryMb"?'],
    [withFunction({ timeout: 5 }), 'functions.orders.timeout', 'Did you mean "timeoutSeconds"?'],
    [withFunction({ memory_mb: 5 }), 'functions.orders.memory_mb', 'Did you mean "memoryMb"?'],
    [withFunction({ zzz: 5 }), 'functions.orders.zzz', 'Known fields of a function: description,'],
    [withFunction({ reservedConcurrency: 5 }), 'functions.orders.reservedConcurrency', 'maxInsta'],
    [withFunction({ constructor2: 5 }), 'functions.orders.constructor2', 'Known fields of'],
    [
      withEvent({ type: 'schedule', rate: '5 minutes' }),
      'functions.orders.events[0].rate',
      'An interval is `every`',
    ],
    [
      withEvent({ type: 'bus', pattern: { 'detail-type': ['a'] } }),
      'functions.orders.events[0].pattern.detail-type',
      'is `type` on every platform',
    ],
    [
      withEvent({ type: 'bus', source: 'shop', pattern: { source: ['shop'] } }),
      'functions.orders.events[0].source',
      'stands in `pattern`',
    ],
    [
      withEvent({ type: 'http', cors: { origin: ['*'] } }),
      'functions.orders.events[0].cors.origin',
      'Did you mean "origins"?',
    ],
    [
      withEvent({ type: 'queue', queue: 'q', retry: { attempts: 3 } }),
      'functions.orders.events[0].retry.attempts',
      'unknown field.',
    ],
  ])('refuses an unknown field of %j', (value, path, message) => {
    expect(problems(value)[path]).toContain(message);
  });

  it.each([
    ['61 * * * *', 'is no cron expression (Invalid value for minute: 61)'],
    ['0 0 30 2 *', 'never occurs'],
    ['0 0 31 4,6,9,11 *', 'never occurs'],
    ['0 12 * * ? *', 'Write "0 12 * * *"'],
    ['cron(15 10 ? * MON-FRI *)', 'Write "15 10 * * MON-FRI"'],
    ['0 12 ? * 2-6 *', 'which AWS counts from 1'],
    ['0 12 * * ? 2027', 'Leave the year out'],
    ['0 0 12 * * *', 'has 6 of the five cron fields'],
    ['* * * *', 'has 4 of the five cron fields'],
    ['0 0 12 * * ? *', 'has 7 of the five cron fields'],
    ['@daily', 'has 1 of the five cron fields'],
    ['', 'has 0 of the five cron fields'],
    ['a b c d e', 'is no cron expression'],
  ])('refuses the cron expression %j', (cron, message) => {
    const found = problems(withEvent({ type: 'schedule', cron }));
    expect(found['functions.orders.events[0].cron']).toContain(message);
  });

  it.each(['0 0 29 2 *', '*/5 * * * *', '0 9 1 JAN-MAR mon', '0 0 * * 7'])(
    'takes the cron expression %j',
    (cron) => {
      expect(problems(withEvent({ type: 'schedule', cron }))).toEqual({});
    },
  );

  it.each([
    '',
    '5',
    'minutes',
    '5 weeks',
    '-1 minute',
    '0 minutes',
    '1.5 hours',
    'rate(5 minutes',
    '400 days',
  ])('refuses the interval %j', (every) => {
    const found = problems(withEvent({ type: 'schedule', every }));
    expect(found['functions.orders.events[0].every']).toContain('is no interval');
  });

  it('wants exactly one of every and cron, and a time zone only with cron', () => {
    const found = problems(
      withEvent(
        { type: 'schedule' },
        { type: 'schedule', every: '1 hour', cron: '* * * * *' },
        { type: 'schedule', every: '1 hour', timezone: 'UTC' },
        { type: 'schedule', cron: '* * * * *', timezone: 'Europe/Atlantis' },
        { type: 'schedule', cron: '1 * * * *', timezone: '+01:00' },
      ),
    );
    expect(found).toMatchObject({
      'functions.orders.events[0]': expect.stringContaining('neither "every" nor "cron"'),
      'functions.orders.events[1]': expect.stringContaining('both "every" and "cron"'),
      'functions.orders.events[2].timezone': expect.stringContaining('has no meaning with "every"'),
      'functions.orders.events[3].timezone': expect.stringContaining(
        '"Europe/Atlantis" is no time zone',
      ),
      'functions.orders.events[4].timezone': expect.stringContaining('"+01:00" is no time zone'),
    });
  });
});

describe('validateFunction and validateEvent', () => {
  it('check one part alone', () => {
    expect(validateFunction('orders', fn)).toEqual(fn);
    expect(validateEvent({ type: 'topic', topic: 'news' })).toEqual({
      type: 'topic',
      topic: 'news',
    });
  });

  it('name the part in the path', () => {
    expect(() => validateFunction('or ders', { ...fn, memoryMb: 1 })).toThrow(
      /functions\["or ders"\]\.memoryMb: 1 is not allowed[\s\S]*functions\["or ders"\]: is no function name/,
    );
    expect(() => validateEvent({ type: 'queue' })).toThrow('event.queue: is missing.');
    expect(() => validateEvent('queue')).toThrow('event: "queue" is not allowed. Give an event');
  });

  it('judge instance counts together with the defaults', () => {
    const spec = { ...fn, minInstances: 5 };
    expect(validateFunction('orders', spec)).toEqual(spec);
    expect(() => validateFunction('orders', spec, { defaults: { maxInstances: 2 } })).toThrow(
      'minInstances (5) is more than maxInstances (2)',
    );
  });
});

describe('secret', () => {
  it('refers by name, and by version where one is given', () => {
    expect(secret('orders/db')).toEqual({ $secret: 'orders/db' });
    expect(secret('orders/db', { version: '7' })).toEqual({ $secret: 'orders/db', version: '7' });
  });

  it.each(['', ' ', 'a b', '../x', 'a//b', '/a', 'a/', 'x'.repeat(129)])('refuses %j', (name) => {
    expect(() => secret(name)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('does not repeat what may be the secret itself', () => {
    expect(() => secret('my secret value')).toThrow(/^(?!.*my secret value)/);
  });
});
