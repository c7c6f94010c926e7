/** What the shim adds to the retries of AWS, with the services of the fake behind it. */
import { describe, expect, it } from 'vitest';
import type { Binding, NormalEvent, RetryPolicy } from '../../../src/spi/index.ts';
import { MARK } from '../../../providers/aws/envelope.ts';
import { busEvent, s3Event, snsEvent, sqsRecord } from './events.ts';
import { Platform } from './platform.ts';

const RETRY: RetryPolicy = {
  maxAttempts: 2,
  backoff: 'fixed',
  delaySeconds: 10,
  maxDelaySeconds: 60,
  jitter: false,
};

/** Fails for a message that says so, and tells what it saw through the log. */
const SOURCE = `
const fail = (data) => { if (data?.fail) throw new Error('told to fail'); };
const saw = (event, context) => context.log.info('saw', { event, attempt: context.attempt });
export default {
  queue(batch, context) {
    saw(batch, context);
    if (batch.messages.some(({ data }) => data?.throw)) throw new Error('told to throw');
    return { retry: batch.messages.filter(({ data }) => data?.fail).map(({ id }) => id) };
  },
  topic(event, context) { saw(event, context); fail(event.data); },
  bus(event, context) { saw(event, context); fail(event.data); },
  object(event, context) { saw(event, context); throw new Error('always'); },
  schedule(event, context) { saw(event, context); throw new Error('always'); },
};`;

function binding(id: string, event: Partial<NormalEvent>): Binding {
  const full = { enabled: true, create: true, retry: RETRY, ...event };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the shim does not read is left out
  return { id, origin: 'spec', event: full as unknown as NormalEvent };
}

interface Saw {
  readonly attempt: number;
  readonly event: unknown;
}

async function sawBy(platform: Platform): Promise<readonly Saw[]> {
  // CloudWatch has a line after a while.
  await platform.advance(15_000);
  const logs = await platform.aws.logs();
  const { events = [] } = await logs.filterLogEvents({
    logGroupName: '/aws/lambda/shop-test-orders',
    filterPattern: '"saw"',
  });
  return events.map(({ message = '' }) => JSON.parse(message).fields);
}

/** Sends messages, receives them, and calls the function as the mapping of the queue would. */
async function deliverQueue(platform: Platform, arn: string, max = 10) {
  const messages = platform.world.sqs.receive(arn, max);
  const Records = messages.map(({ messageId, body, receiptHandle, attributes }) =>
    sqsRecord(body, {
      id: messageId,
      arn,
      receiptHandle,
      attempt: Number(attributes['ApproximateReceiveCount']),
    }),
  );
  return { Records, ...(await platform.deliver({ Records })) };
}

function failures(answer: unknown): readonly string[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the tests look at what it holds
  const { batchItemFailures } = answer as {
    batchItemFailures: readonly { itemIdentifier: string }[];
  };
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

describe('a queue', () => {
  it('hides what failed for as long as the binding says', async () => {
    const event = { type: 'queue', queue: 'orders', deadLetter: 'dead' } as const;
    await using platform = await Platform.start(SOURCE, { bindings: [binding('q', event)] });
    const arn = await platform.queue('orders');
    for (const data of ['good', { fail: true }]) {
      platform.world.sqs.send(arn, JSON.stringify(data));
    }
    const { Records, answer, failed } = await deliverQueue(platform, arn);
    expect(failed).toBe(false);
    const bad = Records.find(({ body }) => body.includes('fail'))?.messageId;
    expect(failures(answer)).toEqual([bad]);
    // The queue itself would have hidden it for 30 s.
    await platform.advance(9_000);
    expect(platform.world.sqs.visibleCount(arn)).toBe(0);
    await platform.advance(1_500);
    expect(platform.world.sqs.visibleCount(arn)).toBe(1);
    // The last attempt: it may go to the dead-letter queue at once.
    await deliverQueue(platform, arn);
    await platform.advance(1);
    expect(platform.world.sqs.visibleCount(arn)).toBe(1);
    expect((await sawBy(platform)).map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('that failed whole is told to Lambda as a failure', async () => {
    const event = { type: 'queue', queue: 'orders', deadLetter: 'dead' } as const;
    await using platform = await Platform.start(SOURCE, { bindings: [binding('q', event)] });
    const arn = await platform.queue('orders');
    platform.world.sqs.send(arn, '{"throw":true}');
    expect((await deliverQueue(platform, arn)).failed).toBe(true);
    await platform.advance(10_500);
    expect(platform.world.sqs.visibleCount(arn)).toBe(1);
  });

  it('without a dead-letter queue drops what failed for good', async () => {
    const event = { type: 'queue', queue: 'orders' } as const;
    await using platform = await Platform.start(SOURCE, { bindings: [binding('q', event)] });
    const arn = await platform.queue('orders');
    platform.world.sqs.send(arn, '{"throw":true}');
    expect((await deliverQueue(platform, arn)).failed).toBe(true);
    await platform.advance(11_000);
    const second = await deliverQueue(platform, arn);
    expect(second.failed).toBe(false);
    expect(failures(second.answer)).toEqual([]);
    // What was cut short before it could be dropped is not delivered a third time.
    await platform.advance(31_000);
    expect(failures((await deliverQueue(platform, arn)).answer)).toEqual([]);
    expect(await sawBy(platform)).toHaveLength(2);
  });

  it('of somebody else is left to itself', async () => {
    await using platform = await Platform.start(SOURCE);
    const arn = await platform.queue('orders');
    platform.world.sqs.send(arn, '{"fail":true}');
    const { Records, answer } = await deliverQueue(platform, arn);
    expect(failures(answer)).toEqual([Records[0]?.messageId]);
  });
});

describe('an event that is pushed', () => {
  it('goes to the dead-letter queue after its last attempt, and counts as handled', async () => {
    const event = { type: 'topic', topic: 'users', deadLetter: 'dead' } as const;
    await using platform = await Platform.start(SOURCE, { bindings: [binding('t', event)] });
    const dead = await platform.queue('dead');
    const now = new Date(platform.clock.now()).toISOString();
    await platform.deliver(snsEvent('{"fail":true,"user":7}', 'users', now), 'Event');
    await platform.advance(0);
    expect(platform.world.sqs.peek(dead)).toEqual([]);
    for (let turn = 0; turn < 6; turn += 1) await platform.advance(60_000);
    const bodies = platform.world.sqs.peek(dead).map(({ body }) => JSON.parse(body));
    expect(bodies).toEqual([{ fail: true, user: 7 }]);
    expect((await sawBy(platform)).map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('is dropped after its last attempt where there is no dead-letter queue', async () => {
    const event = { type: 'topic', topic: 'users' } as const;
    await using platform = await Platform.start(SOURCE, { bindings: [binding('t', event)] });
    const now = new Date(platform.clock.now()).toISOString();
    await platform.deliver(snsEvent('{"fail":true}', 'users', now), 'Event');
    for (let turn = 0; turn < 6; turn += 1) await platform.advance(60_000);
    expect(await sawBy(platform)).toHaveLength(2);
  });

  it('keeps its normal form in the dead-letter queue when it is an object', async () => {
    const event = {
      type: 'object',
      bucket: 'pictures',
      on: ['created'],
      prefix: 'pictures/',
      suffix: '.png',
      deadLetter: 'dead',
      retry: { ...RETRY, maxAttempts: 1 },
    } as const;
    await using platform = await Platform.start(SOURCE, { bindings: [binding('o', event)] });
    const dead = await platform.queue('dead');
    expect((await platform.deliver(s3Event())).failed).toBe(false);
    const [letter] = platform.world.sqs.peek(dead).map(({ body }) => JSON.parse(body));
    expect(letter).toMatchObject({ type: 'created', key: 'pictures/größe 1+2&3.png' });
    // Another binding, or none, is somebody else's.
    expect((await platform.deliver(s3Event('ObjectCreated:Put', 'other.txt'))).failed).toBe(true);
  });

  it('finds the binding of a bus by its id', async () => {
    const event = { type: 'bus', bus: 'shop', pattern: {}, deadLetter: 'dead' } as const;
    const retry = { ...RETRY, maxAttempts: 1 };
    await using platform = await Platform.start(SOURCE, {
      bindings: [binding('other', event), binding('b', { ...event, retry })],
    });
    const dead = await platform.queue('dead');
    const head = { kind: 'bus', binding: 'b', bus: 'shop' };
    const sent = { [MARK]: head, data: busEvent({ fail: true }) };
    expect((await platform.deliver(sent)).failed).toBe(false);
    expect(platform.world.sqs.peek(dead).map(({ body }) => body)).toEqual(['{"fail":true}']);
  });

  it('fails when its dead-letter queue is not there', async () => {
    const retry = { ...RETRY, maxAttempts: 1 };
    const event = { type: 'topic', topic: 'users', deadLetter: 'nowhere', retry } as const;
    await using platform = await Platform.start(SOURCE, { bindings: [binding('t', event)] });
    expect((await platform.deliver(snsEvent('{"fail":true}'))).failed).toBe(true);
  });

  it('of a schedule is left to Lambda', async () => {
    await using platform = await Platform.start(SOURCE);
    const head = {
      kind: 'schedule',
      binding: 'timer',
      id: 'x',
      scheduledTime: '2026-01-01T00:00:00Z',
    };
    expect((await platform.deliver({ [MARK]: head, data: null })).failed).toBe(true);
  });
});
