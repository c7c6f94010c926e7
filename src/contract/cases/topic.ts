import assert from 'node:assert/strict';
import { casesOf, type ContractCase } from '../case.ts';
import { only } from '../context.ts';
import { PLATFORM_NAMES } from '../platform-names.ts';

const topic = casesOf('topic');

/** Topics. */
export const TOPIC_CASES: readonly ContractCase[] = [
  topic(
    'normal-form',
    'A published message arrives in the normal form',
    ['event.topic'],
    async (t) => {
      await t.deployed({ events: [{ type: 'topic', topic: t.name('t'), create: true }] });
      await t.subject.emit({
        kind: 'topic',
        topic: t.name('t'),
        data: { user: 7 },
        attributes: { tenant: 'blue' },
        subject: 'registered',
      });
      await t.until('the message is delivered', () => t.reports('topic').length > 0);
      const { event } = only(t.reports('topic'), 'delivery');
      assert.equal(event.source, t.name('t'));
      assert.deepEqual(event.data, { user: 7 });
      assert.deepEqual(event.attributes, { tenant: 'blue' });
      assert.equal(event.subject, 'registered');
      assert.ok(event.id.length > 0);
      assert.ok(!Number.isNaN(Date.parse(event.time)));
    },
  ),
  topic(
    'own-fields',
    "A message whose fields are called like the platform's own metadata keeps its id, its time and its data",
    ['event.topic'],
    async (t) => {
      await t.deployed({ events: [{ type: 'topic', topic: t.name('t'), create: true }] });
      const before = t.subject.clock.now();
      await t.subject.emit({ kind: 'topic', topic: t.name('t'), data: PLATFORM_NAMES });
      await t.until('the message is delivered', () => t.reports('topic').length > 0);
      const { event } = only(t.reports('topic'), 'delivery');
      assert.deepEqual(event.data, PLATFORM_NAMES);
      assert.ok(event.id.length > 0 && event.id !== 'own');
      assert.equal(event.subject, undefined);
      assert.deepEqual(event.attributes, {});
      assert.ok(Date.parse(event.time) >= before - 60_000);
    },
  ),
  topic('fan-out', 'Every subscribed function gets each message', ['event.topic'], async (t) => {
    const events = [{ type: 'topic', topic: t.name('t'), create: true } as const];
    const manager = await t.manager({ main: t.spec({ events }), neighbour: t.spec({ events }) });
    await manager.deploy('main');
    await manager.deploy('neighbour');
    await t.subject.emit({ kind: 'topic', topic: t.name('t'), data: 'to all' });
    await t.until('both got it', () => t.reports('topic').length > 1);
    const got = t.reports('topic').map((report) => report.function);
    assert.deepEqual(got.toSorted(), ['main', 'neighbour']);
  }),
  topic(
    'filter',
    'A filter lets through only what has one of its values for every key',
    ['event.topic', 'event.topic.filter'],
    async (t) => {
      await t.deployed({
        events: [
          {
            type: 'topic',
            topic: t.name('t'),
            create: true,
            filter: { tenant: ['blue', 'green'], level: ['high'] },
          },
        ],
      });
      const publish = (data: string, attributes: Readonly<Record<string, string>>): Promise<void> =>
        t.subject.emit({ kind: 'topic', topic: t.name('t'), data, attributes });
      await publish('no attribute', {});
      await publish('one key only', { tenant: 'blue' });
      await publish('wrong value', { tenant: 'red', level: 'high' });
      await publish('fits', { tenant: 'green', level: 'high', more: 'is fine' });
      await t.until('the one that fits is delivered', () => t.reports('topic').length > 0);
      await t.subject.clock.advance(2000);
      await t.subject.settle();
      assert.deepEqual(
        t.reports('topic').map(({ event }) => event.data),
        ['fits'],
      );
    },
  ),
  topic(
    'retried',
    'A failed delivery is repeated, the other subscribers are not bothered',
    ['event.topic'],
    async (t) => {
      const events = [
        {
          type: 'topic',
          topic: t.name('t'),
          create: true,
          retry: { maxAttempts: 3, backoff: 'fixed', delaySeconds: 1, jitter: false },
        } as const,
      ];
      await t.deployed({ events });
      t.script('topic', [{ fail: true }]);
      await t.subject.emit({ kind: 'topic', topic: t.name('t'), data: 'again' });
      await t.until('it is delivered again', () => t.reports('topic').length > 1);
      const [first, second] = t.reports('topic');
      assert.equal(first?.event.id, second?.event.id);
      assert.equal(second?.attempt, 2);
    },
  ),
  topic(
    'dead-letter',
    'A message that fails for good ends in the dead-letter queue',
    ['event.topic', 'event.topic.deadLetter'],
    async (t) => {
      await t.deployed({
        events: [
          {
            type: 'topic',
            topic: t.name('t'),
            create: true,
            retry: { maxAttempts: 2, backoff: 'fixed', delaySeconds: 1, jitter: false },
            deadLetter: t.name('dead'),
          },
        ],
      });
      t.script('topic', [{ fail: true }, { fail: true }]);
      await t.subject.emit({ kind: 'topic', topic: t.name('t'), data: { poison: true } });
      await t.until(
        'the message is given up',
        async () => (await t.subject.deadLetters(t.name('dead'))).length > 0,
      );
      const dead = only(await t.subject.deadLetters(t.name('dead')), 'dead letter');
      assert.deepEqual(dead.data, { poison: true });
      assert.equal(t.reports('topic').length, 2);
    },
  ),
  topic('nobody', 'A message that nobody listens to is no error', ['event.topic'], async (t) => {
    const { manager } = await t.deployed({
      events: [{ type: 'topic', topic: t.name('t'), create: true, enabled: false }],
    });
    await t.subject.emit({ kind: 'topic', topic: t.name('t'), data: 'unheard' });
    await t.subject.settle();
    assert.equal(t.reports('topic').length, 0);
    assert.equal(await t.call(manager, { op: 'variant' }), 'one');
  }),
];
