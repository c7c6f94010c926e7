/** The broker with the vendor's own client on both ends. */
import {
  BadRequestError,
  ConsumerDiscoveryError,
  QueueClient,
  UnauthorizedError,
} from '@vercel/queue';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeStage, type ProjectName, type Stage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await makeStage();
});

afterEach(() => stage.world.stop());

function client(project: ProjectName = 'a', deploymentId: string | null = null): QueueClient {
  return clientWith(stage.token(project), deploymentId);
}

function clientWith(token: string, deploymentId: string | null = null): QueueClient {
  return new QueueClient({
    region: 'fra1',
    token,
    deploymentId,
    resolveBaseUrl: () => new URL(stage.world.queues.endpoint),
  });
}

type Seen = readonly [message: unknown, deliveryCount: number];

describe('messages', () => {
  it('reach the function with what its metadata tell, and are acknowledged', async () => {
    const seen: unknown[] = [];
    const before = stage.clock.now();
    stage.promote({
      id: 'dpl_1',
      functions: {
        'polyfaas/events/q': {
          trigger: {},
          handler: client().handleCallback(
            (message, metadata) => void seen.push(message, metadata),
          ),
        },
      },
    });
    const { messageId } = await client().send('orders', { order: 7 }, { retentionSeconds: 120 });
    await stage.settle();
    expect(seen).toEqual([
      { order: 7 },
      {
        messageId,
        deliveryCount: 1,
        createdAt: new Date(before),
        expiresAt: new Date(before + 120_000),
        topicName: 'orders',
        consumerGroup: 'worker',
        region: 'fra1',
      },
    ]);
    await stage.clock.advance(3_600_000);
    await stage.settle();
    expect(seen).toHaveLength(2);
  });

  it('are delivered again after a failure, no sooner than the trigger says', async () => {
    const seen: Seen[] = [];
    stage.promote({
      id: 'dpl_1',
      functions: {
        q: {
          trigger: { retryAfterSeconds: 20 },
          handler: client().handleCallback((message, { deliveryCount }) => {
            seen.push([message, deliveryCount]);
            if (deliveryCount === 1) throw new Error('not yet');
          }),
        },
      },
    });
    await client().send('orders', 'again');
    await stage.settle();
    await stage.clock.advance(19_000);
    await stage.settle();
    expect(seen).toEqual([['again', 1]]);
    await stage.clock.advance(1_000);
    await stage.settle();
    expect(seen).toEqual([
      ['again', 1],
      ['again', 2],
    ]);
  });

  it('come when the consumer wishes, where it says so', async () => {
    const seen: Seen[] = [];
    stage.promote({
      id: 'dpl_1',
      functions: {
        q: {
          trigger: { retryAfterSeconds: 600 },
          handler: client().handleCallback(
            (message, { deliveryCount }) => {
              seen.push([message, deliveryCount]);
              throw new Error('never');
            },
            {
              retry: (_, { deliveryCount }) =>
                deliveryCount < 3 ? { afterSeconds: 5 * deliveryCount } : { acknowledge: true },
            },
          ),
        },
      },
    });
    await client().send('orders', 'poison');
    await stage.settle();
    await stage.clock.advance(4_000);
    await stage.settle();
    expect(seen).toHaveLength(1);
    await stage.clock.advance(1_000);
    await stage.settle();
    expect(seen).toHaveLength(2);
    await stage.clock.advance(10_000);
    await stage.settle();
    await stage.clock.advance(3_600_000);
    await stage.settle();
    expect(seen.map(([, count]) => count)).toEqual([1, 2, 3]);
  });

  it('are dropped after the last delivery that the trigger allows', async () => {
    let runs = 0;
    stage.promote({
      id: 'dpl_1',
      functions: {
        q: {
          trigger: { retryAfterSeconds: 1, maxDeliveries: 2 },
          handler: client().handleCallback(() => {
            runs += 1;
            throw new Error('never');
          }),
        },
      },
    });
    await client().send('orders', 'poison');
    for (let minute = 0; minute < 5; minute += 1) {
      await stage.settle();
      await stage.clock.advance(60_000);
    }
    expect(runs).toBe(2);
  });

  it('of one key are delivered once', async () => {
    const seen: unknown[] = [];
    stage.promote({
      id: 'dpl_1',
      functions: {
        q: { trigger: {}, handler: client().handleCallback((message) => void seen.push(message)) },
      },
    });
    const first = await client().send('orders', 1, { idempotencyKey: 'k' });
    const second = await client().send('orders', 2, { idempotencyKey: 'k' });
    await client().send('others', 3, { idempotencyKey: 'k' });
    await stage.settle();
    expect(seen).toEqual([1]);
    expect(first.messageId).not.toBe(second.messageId);
    await stage.clock.advance(86_400_000);
    await client().send('orders', 4, { idempotencyKey: 'k' });
    await stage.settle();
    expect(seen).toEqual([1, 4]);
  });

  it('wait as long as the producer or the trigger says', async () => {
    const seen: unknown[] = [];
    stage.promote({
      id: 'dpl_1',
      functions: {
        q: {
          trigger: { initialDelaySeconds: 10 },
          handler: client().handleCallback((message) => void seen.push(message)),
        },
      },
    });
    await client().send('orders', 'soon');
    await client().send('orders', 'late', { delaySeconds: 30 });
    await stage.clock.advance(9_000);
    await stage.settle();
    expect(seen).toEqual([]);
    await stage.clock.advance(1_000);
    await stage.settle();
    expect(seen).toEqual(['soon']);
    await stage.clock.advance(20_000);
    await stage.settle();
    expect(seen).toEqual(['soon', 'late']);
  });

  it('carry the headers of the producer, its trace under names of their own', async () => {
    const headers: Record<string, string>[] = [];
    stage.promote({
      id: 'dpl_1',
      functions: {
        q: {
          trigger: {},
          handler: async (request) => {
            headers.push(Object.fromEntries(request.headers));
            return client().handleCallback(() => {})(request);
          },
        },
      },
    });
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await client().send('orders', 1, { headers: { 'x-tenant': 'blue', traceparent } });
    await stage.settle();
    expect(headers[0]).toMatchObject({
      'x-tenant': 'blue',
      'x-vercel-queue-traceparent': traceparent,
      'content-type': 'application/json',
    });
    expect(headers[0]).not.toHaveProperty('authorization');
    expect(headers[0]).not.toHaveProperty('traceparent');
  });
});

describe('consumer groups', () => {
  it('each get every message', async () => {
    const seen: string[] = [];
    const handler = (name: string) => client().handleCallback(() => void seen.push(name));
    stage.promote({
      id: 'dpl_1',
      functions: {
        one: { trigger: { consumer: 'one' }, handler: handler('one') },
        two: { trigger: { consumer: 'two' }, handler: handler('two') },
        three: { trigger: { topic: 'ord*', consumer: 'three' }, handler: handler('three') },
        four: { trigger: { topic: 'others', consumer: 'four' }, handler: handler('four') },
      },
    });
    await client().send('orders', 1);
    await stage.settle();
    expect(seen.toSorted()).toEqual(['one', 'three', 'two']);
  });

  it('that are new get what is still kept', async () => {
    const seen: unknown[] = [];
    await client().send('orders', 'expired', { retentionSeconds: 60 });
    await client().send('orders', 'kept');
    await stage.clock.advance(60_000);
    stage.promote({
      id: 'dpl_1',
      functions: {
        q: { trigger: {}, handler: client().handleCallback((message) => void seen.push(message)) },
      },
    });
    await stage.settle();
    expect(seen).toEqual(['kept']);
  });

  it('remember what they were done with while nobody consumed', async () => {
    const seen: unknown[] = [];
    const functions = {
      q: {
        trigger: {},
        handler: client().handleCallback((message) => void seen.push(message)),
      },
    };
    stage.promote({ id: 'dpl_1', functions });
    await client().send('orders', 1);
    await stage.settle();
    stage.promote({ id: 'dpl_2' });
    await client().send('orders', 2);
    await stage.settle();
    expect(seen).toEqual([1]);
    stage.promote({ id: 'dpl_3', functions });
    await stage.settle();
    expect(seen).toEqual([1, 2]);
  });

  it('have no more deliveries at a time than their trigger says', async () => {
    let running = 0;
    let most = 0;
    let done = 0;
    stage.promote({
      id: 'dpl_1',
      functions: {
        q: {
          trigger: { maxConcurrency: 2 },
          handler: client().handleCallback(async () => {
            running += 1;
            most = Math.max(most, running);
            await new Promise((resolve) => setTimeout(resolve, 5));
            running -= 1;
            done += 1;
          }),
        },
      },
    });
    await Promise.all([1, 2, 3, 4, 5].map((item) => client().send('orders', item)));
    await stage.settle();
    expect([most, done]).toEqual([2, 5]);
  });
});

describe('projects', () => {
  it('have topics of their own', async () => {
    const seen: string[] = [];
    for (const project of ['a', 'b'] as const) {
      stage.promote({
        id: `dpl_${project}`,
        project,
        functions: {
          q: {
            trigger: {},
            handler: client(project).handleCallback((message) => {
              seen.push(`${project} ${String(message)}`);
            }),
          },
        },
      });
    }
    await client('a').send('orders', 1);
    await client('b').send('orders', 2);
    await stage.settle();
    expect(seen.toSorted()).toEqual(['a 1', 'b 2']);
    expect(stage.world.queues.peek(stage.ids.a, 'orders')).toHaveLength(1);
  });

  it('that are deleted take their topics with them', async () => {
    await client('a').send('orders', 1);
    stage.deleteProject('a');
    expect(stage.world.queues.peek(stage.ids.a, 'orders')).toEqual([]);
  });
});

describe('pinned messages', () => {
  it('reach their deployment alone, and what is not pinned reaches production', async () => {
    const seen: string[] = [];
    const functionsOf = (name: string) => ({
      q: {
        trigger: {},
        handler: client('a', `dpl_${name}`).handleCallback(
          (message) => void seen.push(`${name} ${String(message)}`),
        ),
      },
    });
    stage.promote({ id: 'dpl_one', functions: functionsOf('one') });
    stage.promote({ id: 'dpl_two', functions: functionsOf('two') });
    await client('a', 'dpl_one').send('orders', 'pinned');
    await client('a').send('orders', 'free');
    await stage.settle();
    await stage.clock.advance(3_600_000);
    await stage.settle();
    expect(seen.toSorted()).toEqual(['one pinned', 'two free']);
  });

  it('are acknowledged by their deployment alone', async () => {
    const seen: unknown[] = [];
    const handler = client('a').handleCallback((message) => void seen.push(message));
    stage.promote({ id: 'dpl_1', functions: { q: { trigger: { maxDeliveries: 3 }, handler } } });
    await client('a', 'dpl_1').send('orders', 'pinned');
    await stage.settle();
    await stage.clock.advance(3_600_000);
    await stage.settle();
    expect(seen.length).toBeGreaterThan(1);
  });

  it('for a deployment that is not there are refused', async () => {
    await expect(client('a', 'dpl_none').send('orders', 1)).rejects.toThrow(ConsumerDiscoveryError);
  });

  it('for a deployment of another project are refused', async () => {
    stage.put({ id: 'dpl_b', project: 'b' });
    await expect(client('a', 'dpl_b').send('orders', 1)).rejects.toThrow('does not belong');
  });
});

describe('what producers may not do', () => {
  it('is told by the status that the client knows', async () => {
    await expect(clientWith('forged').send('orders', 1)).rejects.toThrow(UnauthorizedError);
    const bad = (topic: string, options: Parameters<QueueClient['send']>[2]) =>
      expect(client().send(topic, 1, options)).rejects.toThrow(BadRequestError);
    await bad('or.ders', {});
    await bad('orders', { retentionSeconds: 59 });
    await bad('orders', { retentionSeconds: 604_801 });
    await bad('orders', { delaySeconds: 61, retentionSeconds: 60 });
    await bad('orders', { delaySeconds: 1.5 });
    await bad('orders', { idempotencyKey: 'k'.repeat(257) });
  });
});
