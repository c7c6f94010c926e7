import assert from 'node:assert/strict';
import type { JsonValue } from '../../function/json.types.ts';
import type { BusEventSpec, BusPattern } from '../../spec/types.ts';
import { casesOf, type ContractCase } from '../case.ts';
import { only, type ContractContext } from '../context.ts';

const bus = casesOf('bus');

async function bound(t: ContractContext, change: Partial<BusEventSpec> = {}): Promise<void> {
  await t.deployed({
    events: [
      {
        type: 'bus',
        bus: t.name('bus'),
        create: true,
        retry: { maxAttempts: 3, backoff: 'fixed', delaySeconds: 1, jitter: false },
        ...change,
      },
    ],
  });
}

function publish(t: ContractContext, source: string, type: string, data: JsonValue): Promise<void> {
  return t.subject.emit({ kind: 'bus', bus: t.name('bus'), source, type, data });
}

interface Sent {
  readonly source: string;
  readonly type: string;
  readonly data: JsonValue;
}

/** Only the last of the events fits the pattern. */
function onlyLastFits(
  pattern: BusPattern,
  events: readonly Sent[],
): (t: ContractContext) => Promise<void> {
  return async (t) => {
    await bound(t, { pattern });
    for (const { source, type, data } of events) await publish(t, source, type, data);
    await t.until('the one that fits is delivered', () => t.reports('bus').length > 0);
    await t.subject.clock.advance(2000);
    await t.subject.settle();
    const { event } = only(t.reports('bus'), 'delivery');
    const last = events.at(-1);
    assert.deepEqual({ source: event.source, type: event.type, data: event.data }, last);
  };
}

/** Event buses. */
export const BUS_CASES: readonly ContractCase[] = [
  bus('normal-form', 'An event arrives in the normal form', ['event.bus'], async (t) => {
    await bound(t);
    await t.subject.emit({
      kind: 'bus',
      bus: t.name('bus'),
      source: 'user-service',
      type: 'UserRegistered',
      data: { user: { id: 7, name: 'Grün' } },
    });
    await t.until('the event is delivered', () => t.reports('bus').length > 0);
    const { event } = only(t.reports('bus'), 'delivery');
    assert.equal(event.bus, t.name('bus'));
    assert.equal(event.source, 'user-service');
    assert.equal(event.type, 'UserRegistered');
    assert.deepEqual(event.data, { user: { id: 7, name: 'Grün' } });
    assert.ok(event.id.length > 0);
    assert.ok(!Number.isNaN(Date.parse(event.time)));
  }),
  bus(
    'pattern-source',
    'A pattern on source and type lets through only what fits both',
    ['event.bus', 'event.bus.pattern'],
    onlyLastFits({ source: ['orders', 'billing'], type: ['Paid'] }, [
      { source: 'other', type: 'Paid', data: {} },
      { source: 'orders', type: 'Sent', data: {} },
      { source: 'billing', type: 'Paid', data: { fits: true } },
    ]),
  ),
  bus(
    'pattern-data',
    'A pattern on nested data lets through only what fits',
    ['event.bus', 'event.bus.pattern'],
    onlyLastFits({ data: { order: { state: ['paid'], total: [{ numeric: ['>', 100] }] } } }, [
      { source: 'a', type: 'b', data: { order: { state: 'new', total: 500 } } },
      { source: 'a', type: 'b', data: { order: { state: 'paid', total: 100 } } },
      { source: 'a', type: 'b', data: { state: 'paid', total: 500 } },
      { source: 'a', type: 'b', data: { order: { state: 'paid', total: 101 } } },
    ]),
  ),
  bus(
    'pattern-words',
    'Prefix, suffix, exists and anything-but are understood',
    ['event.bus', 'event.bus.pattern'],
    onlyLastFits(
      {
        type: [{ prefix: 'Order' }],
        data: {
          file: [{ suffix: '.png' }],
          region: [{ 'anything-but': ['us'] }],
          deleted: [{ exists: false }],
        },
      },
      [
        { source: 'a', type: 'UserX', data: { file: 'a.png', region: 'eu' } },
        { source: 'a', type: 'OrderX', data: { file: 'a.jpg', region: 'eu' } },
        { source: 'a', type: 'OrderX', data: { file: 'a.png', region: 'us' } },
        { source: 'a', type: 'OrderX', data: { file: 'a.png', region: 'eu', deleted: true } },
        { source: 'a', type: 'OrderX', data: { file: 'a.png', region: 'eu' } },
      ],
    ),
  ),
  bus('retried', 'A failed delivery is repeated with the same id', ['event.bus'], async (t) => {
    await bound(t);
    t.script('bus', [{ fail: true }]);
    await publish(t, 'a', 'b', { again: true });
    await t.until('it is delivered again', () => t.reports('bus').length > 1);
    const [first, second] = t.reports('bus');
    assert.equal(first?.event.id, second?.event.id);
    assert.equal(second?.attempt, 2);
  }),
  bus(
    'dead-letter',
    'An event that fails for good ends in the dead-letter queue',
    ['event.bus', 'event.bus.deadLetter'],
    async (t) => {
      await bound(t, { deadLetter: t.name('dead') });
      t.script('bus', [{ fail: true }, { fail: true }, { fail: true }]);
      await publish(t, 'a', 'b', { poison: true });
      await t.until(
        'the event is given up',
        async () => (await t.subject.deadLetters(t.name('dead'))).length > 0,
      );
      await t.subject.clock.advance(60_000);
      await t.subject.settle();
      only(await t.subject.deadLetters(t.name('dead')), 'dead letter');
      assert.equal(t.reports('bus').length, 3);
    },
  ),
];
