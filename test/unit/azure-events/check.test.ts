import { describe, expect, it } from 'vitest';
import type { Binding } from 'polyfaas/spi';
import { bindingIssues } from '../../../providers/azure/events/check.ts';
import {
  bucket,
  bus,
  GROUP,
  http,
  ONE_OF_EACH,
  queue,
  RETRY,
  schedule,
  stream,
  table,
  topic,
} from './bindings.ts';

const QUEUE_ID = `${GROUP}/providers/Microsoft.Storage/storageAccounts/a/queueServices/default/queues/q`;

function issues(binding: Binding): readonly string[] {
  return bindingIssues('orders', binding)
    .filter(({ warning }) => warning === undefined)
    .map(({ path, message }) => `${path}: ${message}`);
}

function warnings(binding: Binding): readonly string[] {
  return bindingIssues('orders', binding).flatMap(({ path, warning }) =>
    warning === undefined ? [] : [`${warning} ${path}`],
  );
}

describe('what Azure cannot do with a binding', () => {
  it('is nothing, for plain ones', () => {
    for (const binding of ONE_OF_EACH) expect(issues(binding)).toEqual([]);
  });

  it.each<[Binding, RegExp]>([
    [http('h', { path: '/Admin/users' }), /events\.h\.path: "\/Admin\/users" is below "\/admin"/],
    [http('h', { path: '/runtime' }), /\/runtime/],
    [http('h', { path: '/polyfaas/{rest+}' }), /\/polyfaas/],
    [http('h', { maxBodyBytes: 104_857_601 }), /maxBodyBytes/],
    [
      schedule('c', { when: { everySeconds: 420 } }),
      /events\.c\.every: every 7 minutes.*"6 minutes"/,
    ],
    [schedule('c', { when: { cron: '0 0 1 * 1' } }), /events\.c\.cron: .*both/],
    [schedule('c', { timezone: 'Europe/Berlin' }), /events\.c\.timezone: .*UTC alone/],
    [queue('q', { queue: 'Orders' }), /events\.q\.queue: "Orders".*lower-case/],
    [queue('q', { queue: 'a--b' }), /single "-"/],
    [queue('q', { queue: QUEUE_ID }), /set create to false/],
    [topic('t', { topic: QUEUE_ID, create: false }), /no resource id of this kind/],
    [queue('q', { deadLetter: 'x' }), /events\.q\.deadLetter/],
    [bucket('o', { bucket: 'my.bucket' }), /events\.o\.bucket/],
    [bucket('o', { prefix: 'x'.repeat(2000) }), /events\.o\.prefix: has 2000/],
    [stream('s', { stream: '-s' }), /events\.s\.stream/],
    [table('d', { table: 'a/b' }), /events\.d\.table/],
    [bus('b', { bus: '/x' }), /events\.b\.bus/],
    [topic('t', { filter: { key: ['x'.repeat(1100)] } }), /events\.t\.filter: comes to \d+/],
  ])('is told with the field and the next step (%#)', (binding, message) => {
    expect(issues(binding).join('\n')).toMatch(message);
  });

  it('takes native ids of sources that are not to be made', () => {
    expect(issues(queue('q', { queue: QUEUE_ID, create: false }))).toEqual([]);
    expect(issues(queue('q', { deadLetter: QUEUE_ID }))).toEqual([]);
    expect(issues(schedule('c', { timezone: 'Etc/UTC' }))).toEqual([]);
  });

  it('is said aloud where it is only not quite as wished', () => {
    expect(warnings(queue('q'))).toEqual([]);
    expect(warnings(queue('q', { batchSize: 50, batchWindowSeconds: 5 }))).toEqual([
      'emulated functions.orders.events.q.batchSize',
      'ignored functions.orders.events.q.batchWindowSeconds',
    ]);
    expect(warnings(topic('t'))).toEqual([]);
    expect(warnings(topic('t', { retry: { ...RETRY, delaySeconds: 9 } }))).toEqual([
      'ignored functions.orders.events.t.retry',
    ]);
    expect(
      warnings(stream('s', { retry: { ...RETRY, backoff: 'linear', delaySeconds: 0 } })),
    ).toEqual([
      'ignored functions.orders.events.s.retry.backoff',
      'rounded functions.orders.events.s.retry.delaySeconds',
    ]);
    expect(
      warnings(stream('s', { retry: { ...RETRY, jitter: false, delaySeconds: 1.5 } })),
    ).toEqual([
      'ignored functions.orders.events.s.retry.jitter',
      'rounded functions.orders.events.s.retry.delaySeconds',
    ]);
    expect(warnings(table('d'))).toEqual(['limit functions.orders.events.d.table']);
    expect(warnings(bus('b', { pattern: { source: ['a'] } }))).toEqual([]);
    expect(warnings(bus('b', { pattern: { data: { a: [{ 'anything-but': 'x' }] } } }))).toEqual([
      'emulated functions.orders.events.b.pattern',
    ]);
  });
});
