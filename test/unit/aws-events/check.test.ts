import { describe, expect, it } from 'vitest';
import type { Binding } from 'polyfaas/spi';
import { bindingIssues } from '../../../providers/aws/events/check.ts';
import {
  bucket,
  bus,
  http,
  ONE_OF_EACH,
  queue,
  RETRY,
  schedule,
  stream,
  table,
  topic,
} from './bindings.ts';

const JWT = {
  issuer: 'https://login.example',
  audience: ['a'],
  jwksUri: 'https://login.example/.well-known/jwks.json',
};

describe('what AWS cannot do', () => {
  it.each(ONE_OF_EACH)('is nothing of a plain $event.type', (binding) => {
    expect(bindingIssues('orders', binding)).toEqual([]);
  });

  const refused: readonly (readonly [string, Binding, string])[] = [
    ['an interval of seconds', schedule('x', { when: { everySeconds: 30 } }), 'every'],
    ['both days', schedule('x', { when: { cron: '0 0 1 * MON' } }), 'cron'],
    ['a large input', schedule('x', { input: 'x'.repeat(300_000) }), 'input'],
    ['a queue name with a dot', queue('x', { queue: 'a.b' }), 'queue'],
    ['a long queue name', queue('x', { queue: 'q'.repeat(81) }), 'queue'],
    ['a large FIFO batch', queue('x', { queue: 'a.fifo', batchSize: 11 }), 'batchSize'],
    [
      'a window of a FIFO queue',
      queue('x', { queue: 'a.fifo', batchWindowSeconds: 1 }),
      'batchWindowSeconds',
    ],
    [
      'a standard queue for dead letters of a FIFO queue',
      queue('x', { queue: 'a.fifo', deadLetter: 'dead' }),
      'deadLetter',
    ],
    ['a FIFO queue for dead letters', queue('x', { deadLetter: 'dead.fifo' }), 'deadLetter'],
    [
      'an ARN of another service',
      queue('x', { queue: 'arn:aws:sns:eu-central-1:123456789012:a', create: false }),
      'queue',
    ],
    [
      'an ARN that is to be made',
      topic('x', { topic: 'arn:aws:sns:eu-central-1:123456789012:a' }),
      'topic',
    ],
    ['a long topic name', topic('x', { topic: 't'.repeat(257) }), 'topic'],
    ['a FIFO topic', topic('x', { topic: 'a.fifo' }), 'topic'],
    [
      'too many attempts of a push',
      topic('x', { retry: { ...RETRY, maxAttempts: 4 } }),
      'retry.maxAttempts',
    ],
    [
      'too many attempts of a bucket',
      bucket('x', { retry: { ...RETRY, maxAttempts: 4 } }),
      'retry.maxAttempts',
    ],
    [
      'too many attempts of a bus',
      bus('x', { retry: { ...RETRY, maxAttempts: 4 } }),
      'retry.maxAttempts',
    ],
    ['an empty list of a filter', topic('x', { filter: { a: [] } }), 'filter.a'],
    [
      'many keys of a filter',
      topic('x', { filter: Object.fromEntries('abcdef'.split('').map((key) => [key, ['v']])) }),
      'filter',
    ],
    [
      'many combinations of a filter',
      topic('x', { filter: { a: Array.from({ length: 151 }, (_, index) => `${index}`) } }),
      'filter',
    ],
    ['a bucket in capitals', bucket('x', { bucket: 'Pictures' }), 'bucket'],
    ['a short bucket name', bucket('x', { bucket: 'ab' }), 'bucket'],
    ['a long bucket name', bucket('x', { bucket: 'b'.repeat(64) }), 'bucket'],
    ['a bucket that is an address', bucket('x', { bucket: '192.168.0.1' }), 'bucket'],
    ['a long prefix', bucket('x', { prefix: 'p'.repeat(1025) }), 'prefix'],
    ['a long stream name', stream('x', { stream: 's'.repeat(129) }), 'stream'],
    ['a short table name', table('x', { table: 'ab' }), 'table'],
    ['a long bus name', bus('x', { bus: 'b'.repeat(257) }), 'bus'],
    ['a bus with a slash', bus('x', { bus: 'a/b' }), 'bus'],
    [
      'a number that is too large',
      bus('x', { pattern: { data: { n: [{ numeric: ['>', 6e9] }] } } }),
      'pattern.data.n.numeric',
    ],
    ['a long pattern', bus('x', { pattern: { source: ['s'.repeat(4096)] } }), 'pattern'],
    ['a large body', http('x', { maxBodyBytes: 7_000_000 }), 'maxBodyBytes'],
    [
      'keys elsewhere',
      http('x', { jwt: { ...JWT, jwksUri: 'https://keys.example' } }),
      'jwt.jwksUri',
    ],
    [
      'an issuer over plain http',
      http('x', {
        jwt: {
          ...JWT,
          issuer: 'http://login.example',
          jwksUri: 'http://login.example/.well-known/jwks.json',
        },
      }),
      'jwt.issuer',
    ],
  ];

  it.each(refused)('%s is refused, and the field is named', (_what, binding, field) => {
    const issues = bindingIssues('orders', binding).filter(({ warning }) => warning === undefined);
    expect(issues.map(({ path }) => path)).toEqual([`functions.orders.events.x.${field}`]);
    expect(issues[0]?.message).toMatch(/\.$/);
  });

  it.each([
    [
      'an ARN of a queue',
      queue('x', { queue: 'arn:aws:sqs:eu-central-1:123456789012:a', create: false }),
    ],
    [
      'an address of a queue',
      queue('x', { queue: 'https://sqs.eu-central-1.amazonaws.com/123456789012/a', create: false }),
    ],
    [
      'an issuer on this machine',
      http('x', {
        jwt: {
          ...JWT,
          issuer: 'http://127.0.0.1:9000/i/',
          jwksUri: 'http://127.0.0.1:9000/i/.well-known/jwks.json',
        },
      }),
    ],
    [
      'a stream of a table',
      table('x', {
        table:
          'arn:aws:dynamodb:eu-central-1:123456789012:table/stock/stream/2026-01-01T00:00:00.000',
        create: false,
      }),
    ],
  ])('%s is fine', (_what, binding) => {
    expect(bindingIssues('orders', binding)).toEqual([]);
  });

  it.each([
    ['a window that large batches need', queue('x', { batchSize: 100 }), 'rounded'],
    ['delays of a push', topic('x', { retry: { ...RETRY, delaySeconds: 5 } }), 'ignored'],
    ['delays of a stream', stream('x', { retry: { ...RETRY, jitter: false } }), 'ignored'],
    [
      'rates above the quota',
      http('x', { rateLimit: { requestsPerSecond: 20_000, burst: 1 } }),
      'limit',
    ],
  ])('%s: said aloud', (_what, binding, warning) => {
    expect(bindingIssues('orders', binding).map((issue) => issue.warning)).toEqual([warning]);
  });

  it('is told all at once', () => {
    const wrong = queue('x', { queue: 'a b', deadLetter: 'c d' });
    expect(bindingIssues('orders', wrong)).toHaveLength(2);
  });
});
