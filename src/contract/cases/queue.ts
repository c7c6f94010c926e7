import assert from 'node:assert/strict';
import type { QueueMessage } from '../../function/events.ts';
import type { JsonValue } from '../../function/json.types.ts';
import type { QueueEvent } from '../../spec/types.ts';
import { casesOf, type ContractCase } from '../case.ts';
import { only, type ContractContext } from '../context.ts';
import { PLATFORM_NAMES } from '../platform-names.ts';

const queue = casesOf('queue');

async function bound(t: ContractContext, change: Partial<QueueEvent> = {}): Promise<void> {
  await t.deployed({ events: [{ type: 'queue', queue: t.name('q'), create: true, ...change }] });
}

async function send(t: ContractContext, data: readonly JsonValue[]): Promise<void> {
  await t.subject.emit({
    kind: 'queue',
    queue: t.name('q'),
    messages: data.map((item) => ({ data: item })),
  });
}

/** Every delivery of every message, in the order of arrival. */
function delivered(t: ContractContext): readonly QueueMessage[] {
  return t.reports('queue').flatMap(({ event }) => event.messages);
}

function times(t: ContractContext, data: JsonValue): number {
  return delivered(t).filter((message) => message.data === data).length;
}

/** Queues. */
export const QUEUE_CASES: readonly ContractCase[] = [
  queue('normal-form', 'A message arrives in the normal form', ['event.queue'], async (t) => {
    await bound(t);
    const data = { order: 7, name: 'Grüße', list: [1, null] };
    const before = t.subject.clock.now();
    await t.subject.emit({
      kind: 'queue',
      queue: t.name('q'),
      messages: [{ data, attributes: { tenant: 'blue' } }],
    });
    await t.until('the message is delivered', () => delivered(t).length > 0);
    const report = only(t.reports('queue'), 'delivery');
    assert.equal(report.event.source, t.name('q'));
    const message = only(report.event.messages, 'message');
    assert.deepEqual(message.data, data);
    assert.deepEqual(message.attributes, { tenant: 'blue' });
    assert.equal(message.attempt, 1);
    assert.ok(message.id.length > 0);
    assert.match(message.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    assert.ok(Date.parse(message.time) >= before - 60_000);
  }),
  queue(
    'own-fields',
    "A message whose fields are called like the platform's own metadata keeps its id, its attempts and its data",
    ['event.queue'],
    async (t) => {
      const retry = { maxAttempts: 2, backoff: 'fixed', delaySeconds: 1, jitter: false } as const;
      await bound(t, { batchSize: 1, retry });
      t.script('queue', [{ fail: true }]);
      const before = t.subject.clock.now();
      await send(t, [PLATFORM_NAMES]);
      await t.until('the message is delivered again', () => delivered(t).length > 1);
      for (const [index, message] of delivered(t).entries()) {
        assert.deepEqual(message.data, PLATFORM_NAMES);
        assert.equal(message.attempt, index + 1);
        assert.ok(message.id.length > 0 && message.id !== 'own');
        assert.equal(message.group, undefined);
        assert.deepEqual(message.attributes, {});
        assert.ok(Date.parse(message.time) >= before - 60_000);
      }
    },
  ),
  queue(
    'payloads',
    'Texts, numbers, null and lists arrive as they were sent',
    ['event.queue'],
    async (t) => {
      await bound(t, { batchSize: 1 });
      const values: readonly JsonValue[] = ['', '7', 7, null, [], {}, '𝄞'];
      await send(t, values);
      await t.until('all are delivered', () => delivered(t).length >= values.length);
      const texts = delivered(t).map(({ data }) => JSON.stringify(data));
      assert.deepEqual(texts.toSorted(), values.map((value) => JSON.stringify(value)).toSorted());
    },
  ),
  queue('batch-size', 'A batch holds at most batchSize messages', ['event.queue'], async (t) => {
    await bound(t, { batchSize: 3 });
    const values = Array.from({ length: 8 }, (_, index) => index);
    await send(t, values);
    await t.until('all are delivered', () => delivered(t).length >= values.length);
    assert.ok(t.reports('queue').every(({ event }) => event.messages.length <= 3));
    assert.deepEqual(new Set(delivered(t).map(({ data }) => data)), new Set<JsonValue>(values));
  }),
  queue('acknowledged', 'What was handled is not delivered again', ['event.queue'], async (t) => {
    await bound(t);
    await send(t, ['once']);
    await t.until('the message is delivered', () => delivered(t).length > 0);
    await t.subject.clock.advance(120_000);
    await t.subject.settle();
    assert.equal(times(t, 'once'), 1);
  }),
  queue(
    'retried',
    'A batch that failed is delivered again, with the same ids and the next attempt',
    ['event.queue'],
    async (t) => {
      await bound(t, {
        retry: { maxAttempts: 3, backoff: 'fixed', delaySeconds: 1, jitter: false },
      });
      t.script('queue', [{ fail: true }]);
      await send(t, ['again']);
      await t.until('the message is delivered again', () => times(t, 'again') > 1);
      const [first, second] = delivered(t);
      assert.equal(first?.id, second?.id);
      assert.deepEqual([first?.attempt, second?.attempt], [1, 2]);
    },
  ),
  queue(
    'partial',
    'Only the messages that the handler names are delivered again',
    ['event.queue', 'event.queue.partialBatch'],
    async (t) => {
      await bound(t, {
        batchSize: 10,
        batchWindowSeconds: 1,
        retry: { maxAttempts: 3, backoff: 'fixed', delaySeconds: 1, jitter: false },
      });
      t.script('queue', [{ retry: [0] }]);
      await send(t, ['a', 'b', 'c']);
      await t.until('a message is delivered again', () => delivered(t).length > 3);
      const first = t.reports('queue')[0]?.event.messages[0]?.data;
      const again = delivered(t).filter(({ attempt }) => attempt > 1);
      assert.deepEqual(
        again.map(({ data }) => data),
        [first],
      );
      await t.subject.clock.advance(60_000);
      await t.subject.settle();
      assert.equal(delivered(t).length, 4);
    },
  ),
  queue(
    'attempts',
    'A message is delivered no more often than maxAttempts, the first time counted',
    ['event.queue', 'event.queue.deadLetter'],
    async (t) => {
      await bound(t, {
        retry: { maxAttempts: 3, backoff: 'fixed', delaySeconds: 1, jitter: false },
        deadLetter: t.name('dead'),
      });
      t.script(
        'queue',
        Array.from({ length: 5 }, () => ({ fail: true })),
      );
      await send(t, ['poison']);
      await t.until(
        'the message is given up',
        async () => (await t.subject.deadLetters(t.name('dead'))).length > 0,
      );
      await t.subject.clock.advance(120_000);
      await t.subject.settle();
      assert.deepEqual(
        delivered(t).map(({ attempt }) => attempt),
        [1, 2, 3],
      );
    },
  ),
  queue(
    'dead-letter',
    'A poisoned message ends in the dead-letter queue, and its neighbours do not',
    ['event.queue', 'event.queue.deadLetter', 'event.queue.partialBatch'],
    async (t) => {
      await bound(t, {
        batchSize: 1,
        retry: { maxAttempts: 2, backoff: 'fixed', delaySeconds: 1, jitter: false },
        deadLetter: t.name('dead'),
      });
      await send(t, ['good']);
      await t.until('the good one is delivered', () => times(t, 'good') === 1);
      t.script('queue', [{ retry: [0] }, { retry: [0] }]);
      await send(t, ['poison']);
      await t.until(
        'the message is given up',
        async () => (await t.subject.deadLetters(t.name('dead'))).length > 0,
      );
      const dead = only(await t.subject.deadLetters(t.name('dead')), 'dead letter');
      assert.equal(dead.data, 'poison');
      assert.equal(times(t, 'poison'), 2);
      assert.equal(times(t, 'good'), 1);
    },
  ),
  queue(
    'no-dead-letter',
    'Without a dead-letter queue a message is dropped after its last attempt',
    ['event.queue'],
    async (t) => {
      await bound(t, {
        batchSize: 1,
        retry: { maxAttempts: 2, backoff: 'fixed', delaySeconds: 1, jitter: false },
      });
      t.script('queue', [{ fail: true }, { fail: true }]);
      await send(t, ['poison']);
      await t.until('both attempts were made', () => times(t, 'poison') === 2);
      await send(t, ['next']);
      await t.until('the next one is delivered', () => times(t, 'next') === 1);
      await t.subject.clock.advance(120_000);
      await t.subject.settle();
      assert.equal(times(t, 'poison'), 2);
    },
  ),
  queue(
    'redrive',
    'A dead letter that is sent back is delivered anew',
    ['event.queue', 'event.queue.deadLetter', 'event.queue.redrive'],
    async (t) => {
      await bound(t, {
        batchSize: 1,
        retry: { maxAttempts: 1 },
        deadLetter: t.name('dead'),
      });
      t.script('queue', [{ fail: true }]);
      await send(t, ['poison']);
      await t.until(
        'the message is given up',
        async () => (await t.subject.deadLetters(t.name('dead'))).length > 0,
      );
      assert.ok(t.subject.redrive, 'the subject can redrive');
      assert.equal(await t.subject.redrive(t.name('dead')), 1);
      await t.until('the message is delivered again', () => times(t, 'poison') === 2);
      assert.deepEqual(await t.subject.deadLetters(t.name('dead')), []);
    },
  ),
  queue(
    'backoff',
    'Delays between attempts grow as declared, and no further than maxDelaySeconds',
    ['event.queue', 'event.queue.backoff'],
    async (t) => {
      await bound(t, {
        batchSize: 1,
        retry: {
          maxAttempts: 4,
          backoff: 'exponential',
          delaySeconds: 10,
          maxDelaySeconds: 25,
          jitter: false,
        },
      });
      // The binding may take a while until it is in force; the time that counts begins after it.
      await send(t, ['before']);
      await t.until('the binding delivers', () => times(t, 'before') === 1);
      t.script('queue', [{ fail: true }, { fail: true }, { fail: true }]);
      await send(t, ['slow']);
      await t.until('the first attempt is made', () => times(t, 'slow') === 1, 5000);
      await t.subject.clock.advance(4000);
      await t.subject.settle();
      assert.equal(times(t, 'slow'), 1, 'not before ten seconds');
      await t.subject.clock.advance(8000);
      await t.subject.settle();
      assert.equal(times(t, 'slow'), 2, 'after ten seconds');
      await t.subject.clock.advance(12_000);
      await t.subject.settle();
      assert.equal(times(t, 'slow'), 2, 'not before twenty seconds more');
      await t.subject.clock.advance(12_000);
      await t.subject.settle();
      assert.equal(times(t, 'slow'), 3, 'after twenty seconds more');
      await t.subject.clock.advance(12_000);
      await t.subject.settle();
      assert.equal(times(t, 'slow'), 3, 'not before twenty-five seconds more');
      await t.subject.clock.advance(14_000);
      await t.subject.settle();
      assert.equal(times(t, 'slow'), 4, 'after twenty-five seconds more, and not after forty');
    },
  ),
  queue(
    'waits-for-function',
    'Messages that came before the binding are delivered once it is there',
    ['event.queue'],
    async (t) => {
      const { manager } = await t.deployed();
      const event = { type: 'queue', id: 'later', queue: t.name('q'), create: true } as const;
      await manager.configureEvent('main', { ...event, enabled: false });
      await send(t, ['early']);
      await t.subject.settle();
      assert.equal(delivered(t).length, 0);
      await manager.configureEvent('main', event);
      await t.until('the message is delivered', () => times(t, 'early') === 1);
    },
  ),
  queue(
    'new-version',
    'Messages reach the version that is live when they are delivered',
    ['event.queue'],
    async (t) => {
      const events = [{ type: 'queue', queue: t.name('q'), create: true } as const];
      await t.deployed({ events });
      await send(t, ['first']);
      await t.until('the first is delivered', () => times(t, 'first') === 1);
      const { deployment } = await t.deployed({ variant: 'two', events });
      await send(t, ['second']);
      await t.until('the second is delivered', () => times(t, 'second') === 1);
      assert.deepEqual(
        t.reports('queue').map(({ variant }) => variant),
        ['one', 'two'],
      );
      assert.equal(t.reports('queue').at(-1)?.version, deployment.version);
    },
  ),
  queue(
    'not-lost',
    'A message survives a deploy that happens before it is delivered',
    ['event.queue'],
    async (t) => {
      const events = [{ type: 'queue', queue: t.name('q'), create: true } as const];
      await t.deployed({ events });
      await Promise.all([send(t, ['in between']), t.deployed({ variant: 'two', events })]);
      await t.until('the message is delivered', () => times(t, 'in between') >= 1);
    },
  ),
  queue(
    'two-queues',
    'One function serves two queues and tells them apart',
    ['event.queue'],
    async (t) => {
      const names = [t.name('q1'), t.name('q2')];
      await t.deployed({
        events: names.map((name) => ({ type: 'queue', queue: name, create: true })),
      });
      for (const name of names) {
        await t.subject.emit({ kind: 'queue', queue: name, messages: [{ data: name }] });
      }
      await t.until('both are delivered', () => delivered(t).length === 2);
      for (const { event } of t.reports('queue'))
        assert.equal(event.messages[0]?.data, event.source);
    },
  ),
];
