import type { Binding, SpecIssue } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { bindingIssues } from '../../../providers/vercel/check.ts';
import {
  bucket,
  bus,
  http,
  queue,
  RETRY,
  schedule,
  stream,
  table,
  topic,
} from '../../support/bindings.ts';

const issuesOf = (binding: Binding): readonly SpecIssue[] => bindingIssues('orders', binding);

/** The one that there is. */
function issueOf(binding: Binding): SpecIssue {
  const [issue, ...others] = issuesOf(binding);
  expect(others).toStrictEqual([]);
  if (issue === undefined) throw new Error('There is none.');
  return issue;
}

describe('http', () => {
  it('may have any path but those that are taken', () => {
    for (const path of ['/', '/polyfaas-shop', '/orders/{id}', '/{rest+}']) {
      expect(issuesOf(http('web', { path }))).toStrictEqual([]);
    }
    for (const path of ['/polyfaas', '/polyfaas/invoke', '/_vercel/x', '/.well-known/vercel/y']) {
      expect(issueOf(http('web', { path }))).toMatchObject({
        path: 'functions.orders.events.web.path',
        message: expect.stringContaining(`"${path}"`),
      });
    }
  });

  it('takes bodies of up to 4.5 MB', () => {
    expect(issuesOf(http('web', { maxBodyBytes: 4_500_000 }))).toStrictEqual([]);
    expect(issueOf(http('web', { maxBodyBytes: 4_500_001 })).message).toMatch(/4500000.*Blob/);
  });
});

describe('a schedule', () => {
  it('that no cron job can keep is refused, with the nearest that one can', () => {
    expect(issuesOf(schedule('tick'))).toStrictEqual([]);
    const odd = issueOf(schedule('tick', { when: { everySeconds: 420 } }));
    expect(odd).toMatchObject({
      path: 'functions.orders.events.tick.every',
      message: expect.stringContaining('"6 minutes" or "10 minutes"'),
    });
    const both = issueOf(schedule('tick', { when: { cron: '0 9 1 * MON' } }));
    expect(both.path).toBe('functions.orders.events.tick.cron');
  });

  it('has an input that fits beside everything else', () => {
    const input = 'x'.repeat(20_000);
    expect(issueOf(schedule('tick', { input }))).toMatchObject({
      path: 'functions.orders.events.tick.input',
      message: expect.stringContaining('16384'),
    });
  });
});

describe('a queue or a topic', () => {
  it('has a name that Vercel Queues take', () => {
    for (const name of ['orders', 'My_queue-2', 'x'.repeat(128)]) {
      expect(issuesOf(queue('q', { queue: name }))).toStrictEqual([]);
      expect(issuesOf(topic('t', { topic: name }))).toStrictEqual([]);
    }
    for (const name of ['', 'a.b', 'a b', 'user-*', 'arn:aws:sqs:x', 'x'.repeat(129)]) {
      expect(issueOf(queue('q', { queue: name }))).toMatchObject({
        path: 'functions.orders.events.q.queue',
        message: expect.stringContaining('1 to 128 letters'),
      });
      expect(issueOf(topic('t', { topic: name })).path).toBe('functions.orders.events.t.topic');
    }
  });

  it("is not one of polyfaas's own", () => {
    expect(issueOf(queue('q', { queue: 'polyfaas-async' })).message).toContain("polyfaas's own");
  });

  it('has another topic for its dead letters', () => {
    expect(issuesOf(queue('q', { deadLetter: 'orders-dead' }))).toStrictEqual([]);
    expect(issueOf(queue('q', { deadLetter: 'orders dead' })).path).toBe(
      'functions.orders.events.q.deadLetter',
    );
    expect(issueOf(topic('t', { deadLetter: 'users' })).message).toContain('for ever');
  });

  it('is delivered one by one, which is said to who asks for more', () => {
    expect(issuesOf(queue('q'))).toStrictEqual([]);
    expect(issueOf(queue('q', { batchSize: 5 }))).toMatchObject({
      warning: 'ignored',
      path: 'functions.orders.events.q.batchSize',
    });
    expect(issueOf(queue('q', { batchWindowSeconds: 5 }))).toMatchObject({ warning: 'ignored' });
  });
});

describe('retries', () => {
  const retrying = (change: Partial<typeof RETRY>): readonly SpecIssue[] =>
    issuesOf(queue('q', { retry: { ...RETRY, ...change } }));

  it('wait at most an hour', () => {
    expect(retrying({ delaySeconds: 3600, maxDelaySeconds: 3600 })).toStrictEqual([]);
    expect(retrying({ delaySeconds: 3601, maxDelaySeconds: 3601 })).toMatchObject([
      {
        path: 'functions.orders.events.q.retry.delaySeconds',
        message: expect.stringContaining('0 to 3600'),
      },
    ]);
    const growing = { delaySeconds: 1800, maxDelaySeconds: 7200 };
    expect(retrying(growing)).toStrictEqual([]);
    expect(retrying({ ...growing, maxAttempts: 4 })).toMatchObject([{ warning: 'rounded' }]);
    expect(retrying({ ...growing, maxAttempts: 1 })).toStrictEqual([]);
  });

  it('that last longer than a message is kept are told of', () => {
    const change = { backoff: 'fixed', delaySeconds: 3600, maxDelaySeconds: 3600 } as const;
    expect(retrying({ ...change, maxAttempts: 25 })).toStrictEqual([]);
    expect(retrying({ ...change, maxAttempts: 26 })).toMatchObject([
      { warning: 'limit', path: 'functions.orders.events.q.retry.maxAttempts' },
    ]);
  });
});

describe('what Vercel does not have', () => {
  it('is refused, with the nearest that works', () => {
    const words = [
      [bucket('o'), 'Vercel Blob'],
      [stream('s'), 'queue'],
      [table('t'), 'http event'],
      [bus('b'), 'topic'],
    ] as const;
    for (const [binding, word] of words) {
      expect(issueOf(binding)).toMatchObject({
        path: `functions.orders.events.${binding.id}`,
        message: expect.stringContaining(word),
      });
    }
  });

  it('is told with everything else that is wrong', () => {
    const all = issuesOf(
      queue('q', { queue: 'a b', deadLetter: 'c d', retry: { ...RETRY, delaySeconds: 9_999 } }),
    );
    expect(all.map(({ path }) => path.split('.').slice(4).join('.'))).toStrictEqual([
      'queue',
      'deadLetter',
      'retry.delaySeconds',
    ]);
  });
});
