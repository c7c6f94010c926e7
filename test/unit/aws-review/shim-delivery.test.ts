/** Queues and pushed events: what comes again, when, and what becomes of it. */
import { describe, expect, it } from 'vitest';
import { queueDelaySeconds } from '../../../providers/aws/shim/retry/delay.ts';
import { plainMap } from '../../../providers/aws/shim/normal/table.ts';
import type { Binding, NormalEvent, RetryPolicy } from '../../../src/spi/index.ts';
import { snsEvent, sqsRecord } from '../aws-shim/events.ts';
import { Platform } from '../aws-shim/platform.ts';

const RETRY: RetryPolicy = {
  maxAttempts: 2,
  backoff: 'fixed',
  delaySeconds: 10,
  maxDelaySeconds: 60,
  jitter: false,
};

function binding(id: string, event: Partial<NormalEvent>): Binding {
  const full = { enabled: true, create: true, retry: RETRY, ...event };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the shim does not read is left out
  return { id, origin: 'spec', event: full as unknown as NormalEvent };
}

const SOURCE = `export default {
  queue: (batch) => ({ retry: batch.messages.filter(({ data }) => data?.fail).map(({ id }) => id) }),
};`;

/** Sends messages of one group and calls the function with them; tells the bodies of those that come again. */
async function deliver(platform: Platform, arn: string, bodies: readonly string[]) {
  for (const body of bodies) {
    platform.world.sqs.send(arn, body, { groupId: 'tenant', deduplicationId: body });
  }
  const Records = platform.world.sqs
    .receive(arn, 10)
    .map(({ messageId, body, receiptHandle, attributes }) => {
      const attempt = Number(attributes['ApproximateReceiveCount']);
      return sqsRecord(body, { id: messageId, arn, receiptHandle, attempt, group: 'tenant' });
    });
  const { answer } = await platform.deliver({ Records });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the tests look at what it holds
  const { batchItemFailures } = answer as {
    batchItemFailures: readonly { itemIdentifier: string }[];
  };
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  return Records.filter(({ messageId }) => failed.has(messageId)).map(({ body }) => body);
}

describe('messages of one group', () => {
  it('do not wait for each other on a standard queue, whose groups are for fairness', async () => {
    await using platform = await Platform.start(SOURCE);
    const arn = await platform.queue('orders');
    expect(await deliver(platform, arn, ['{"fail":true}', '"good"'])).toEqual(['{"fail":true}']);
  });

  it('come again together, after the delay of the one that failed', async () => {
    const event = { type: 'queue', queue: 'orders.fifo', deadLetter: 'dead.fifo' } as const;
    await using platform = await Platform.start(SOURCE, { bindings: [binding('q', event)] });
    const sqs = await platform.aws.sqs();
    await sqs.createQueue({
      QueueName: 'orders.fifo',
      Attributes: { FifoQueue: 'true', VisibilityTimeout: '300' },
    });
    const arn = platform.world.sqs.arnOf('orders.fifo');
    const both = ['{"fail":true}', '"good"'];
    expect(await deliver(platform, arn, both)).toEqual(both);
    await platform.advance(9_000);
    expect(platform.world.sqs.receive(arn, 10)).toEqual([]);
    await platform.advance(1_500);
    expect(platform.world.sqs.receive(arn, 10).map(({ body }) => body)).toEqual(both);
  });
});

it('a delay leaves room for what the handler took of the 12 hours', () => {
  const policy = { ...RETRY, delaySeconds: 43_200, maxDelaySeconds: 43_200 };
  expect(queueDelaySeconds(policy, 1, 0)).toBeLessThanOrEqual(43_200 - 900);
});

describe('an event whose handler runs out of time', () => {
  const NEVER = `export default { topic: () => new Promise(() => {}) };`;

  it('goes to the dead-letter queue on its last attempt', async () => {
    const retry = { ...RETRY, maxAttempts: 1 };
    const event = { type: 'topic', topic: 'users', deadLetter: 'dead', retry } as const;
    const bindings = [binding('t', event)];
    await using platform = await Platform.start(NEVER, { bindings, timeoutSeconds: 1 });
    const dead = await platform.queue('dead');
    const { failed } = await platform.deliver(snsEvent('{"user":7}'));
    expect(failed).toBe(false);
    expect(platform.world.sqs.peek(dead).map(({ body }) => body)).toEqual(['{"user":7}']);
  });
});

it('a number with more digits than JavaScript holds stays a text', () => {
  const row = { exact: { N: '9.5' }, long: { N: '0.1234567890123456789' }, tiny: { N: '1E-130' } };
  expect(plainMap(row)).toEqual({ exact: 9.5, long: '0.1234567890123456789', tiny: 1e-130 });
});
