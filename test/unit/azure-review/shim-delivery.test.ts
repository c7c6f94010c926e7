/** Messages that are easily lost, doubled or dropped in silence. */
import { describe, expect, it } from 'vitest';
import { serveAsync } from '../../../providers/azure/shim/async.ts';
import { serveOrdered } from '../../../providers/azure/shim/ordered.ts';
import { serveQueue } from '../../../providers/azure/shim/queue.ts';
import { serveServiceBus } from '../../../providers/azure/shim/service-bus.ts';
import { ASYNC, policyOf, startPlatform, type Platform } from './shim-platform.ts';

describe('records of two partitions with the same numbers', () => {
  it('are handled each by themselves', async () => {
    await using platform = await startPlatform();
    const seen: string[] = [];
    let isBad = true;
    const stream = ({ shard, records }: { shard: string; records: { data: number }[] }) => {
      for (const { data } of records) seen.push(`${shard}:${data}`);
      return isBad ? { retryFrom: '8' } : undefined;
    };
    const instance = platform.instance({ stream });
    const policy = policyOf('stream');
    const deliver = (partitionId: string, retryCount: number): Promise<void> =>
      serveOrdered(
        instance,
        policy,
        [1, 2],
        platform.context({
          retryContext: { retryCount, maxRetryCount: 2 },
          triggerMetadata: {
            sequenceNumberArray: [7, 8],
            partitionKeyArray: ['', ''],
            partitionContext: { partitionId },
          },
        }),
      );
    await expect(deliver('0', 0)).rejects.toThrow('wants records again');
    isBad = false;
    seen.length = 0;
    // Its first attempt was in another process.
    await deliver('1', 1);
    expect(seen).toEqual(['1:1', '1:2']);
    seen.length = 0;
    await deliver('0', 1);
    expect(seen).toEqual(['0:2']);
  });
});

describe('a message of a queue', () => {
  it('is not sent again twice when the queue does not take the copy', async () => {
    await using platform = await startPlatform();
    platform.answer = () => 400;
    const again = platform.target('orders');
    const queue = ({ messages }: { messages: { id: string }[] }) => ({
      retry: messages.map(({ id }) => id),
    });
    const instance = platform.instance({ queue });
    const context = platform.context({ triggerMetadata: { id: 'm1', dequeueCount: 1 } });
    const serving = serveQueue(instance, policyOf('queue', { again }), { a: 1 }, context);
    await expect(serving).rejects.toThrow('answered 400');
    expect(platform.posts).toHaveLength(1);
  });

  it.each([
    ['its attributes', { $polyfaas: { attributes: { traceparent: TRACE() } }, data: 1 }],
    ['its envelope', { $polyfaas: { traceparent: TRACE() }, data: 1 }],
  ])('brings the trace of %s', async (_where, message) => {
    await using platform = await startPlatform();
    let trace: unknown;
    const queue = (_batch: unknown, context: { trace?: { traceparent: string } }) => {
      trace = context.trace?.traceparent;
    };
    const context = platform.context({ triggerMetadata: { id: 'm1', dequeueCount: 1 } });
    await serveQueue(platform.instance({ queue }), policyOf('queue'), message, context);
    expect(trace).toBe(TRACE());
  });
});

describe('an event of a bus', () => {
  const cloudEvent = {
    specversion: '1.0',
    id: 'e1',
    source: '/shop',
    type: 'placed',
    time: '2026-01-01T00:00:00Z',
    data: { order: 7 },
  };
  const traced = { ...cloudEvent, traceparent: TRACE(), tracestate: 'vendor=1' };

  it.each([
    ['of a CloudEvent is carried', traced, { traceparent: TRACE(), tracestate: 'vendor=1' }],
    ['of one without any is none of ours', cloudEvent, undefined],
    // Only CloudEvents have it there; data of another form may have a field of that name.
    ['of an event in Event Grid’s own form is not guessed', eventGrid(), undefined],
  ])('the trace %s', async (_which, message, expected) => {
    await using platform = await startPlatform();
    const seen: unknown[] = [];
    const bus = (_event: unknown, context: { trace?: object }): void => {
      seen.push(context.trace);
    };
    const context = platform.context({ triggerMetadata: { id: 'm1', dequeueCount: 1 } });
    await serveQueue(platform.instance({ bus }), policyOf('bus'), message, context);
    expect(seen).toHaveLength(1);
    if (expected === undefined) expect(JSON.stringify(seen[0] ?? null)).not.toContain(TRACE());
    else expect(seen[0]).toMatchObject(expected);
  });
});

function eventGrid(): object {
  return {
    id: 'e1',
    topic: '/shop',
    subject: 's',
    eventType: 'placed',
    eventTime: '2026-01-01T00:00:00Z',
    data: {},
    traceparent: TRACE(),
  };
}

describe('a message that took the process down each time', () => {
  it('is given up without another run, and the log says why', async () => {
    await using platform = await startPlatform();
    let calls = 0;
    const queue = (): void => {
      calls += 1;
    };
    const policy = policyOf('queue', {
      again: platform.target('orders'),
      deadLetter: platform.target('dead'),
    });
    // The host alone has counted: one more than the binding allows.
    const context = platform.context({ triggerMetadata: { id: 'm1', dequeueCount: 4 } });
    await serveQueue(platform.instance({ queue }), policy, { a: 1 }, context);
    expect(calls).toBe(0);
    expect(platform.posts.map(({ path, message }) => [path.split('?')[0], message])).toEqual([
      ['/dead/messages', '{"a":1}'],
    ]);
    const lines = platform.lines.map((line): unknown => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({
        polyfaas: 'log',
        level: 'warn',
        message: expect.stringMatching(/^Message m1 is given up: .*took the process down/),
      }),
    );
  });
});

function TRACE(): string {
  return '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
}

describe('a message of Service Bus', () => {
  const fail = (platform: Platform, calls: { count: number }) =>
    platform.instance({
      topic: () => {
        calls.count += 1;
        throw new Error('no stock');
      },
    });
  const metadata = (deliveryCount: number) => ({
    triggerMetadata: {
      messageId: 'm1',
      deliveryCount,
      applicationProperties: { tenant: 'blue' },
    },
  });

  it('leaves the reason in the log, and its attributes with the dead letter', async () => {
    await using platform = await startPlatform();
    const deadLetter = platform.target('dead');
    const context = platform.context(metadata(3));
    const calls = { count: 0 };
    const instance = fail(platform, calls);
    await serveServiceBus(instance, policyOf('topic', { deadLetter }), { a: 1 }, context);
    expect(platform.lines.join('\n')).toContain('no stock');
    expect(JSON.parse(platform.posts[0]?.message ?? '')).toEqual({
      $polyfaas: { id: 'm1', attributes: { tenant: 'blue' } },
      data: { a: 1 },
    });
  });

  it('is not handled once more when only its dead letter has failed', async () => {
    await using platform = await startPlatform();
    const deadLetter = platform.target('dead');
    const calls = { count: 0 };
    const instance = fail(platform, calls);
    const policy = policyOf('topic', { deadLetter });
    await serveServiceBus(instance, policy, { a: 1 }, platform.context(metadata(4)));
    expect(calls.count).toBe(0);
    expect(platform.posts).toHaveLength(1);
  });
});

describe('the trace of a message of Service Bus', () => {
  // The library makes the first letter of every name small.
  it.each(['traceparent', 'Diagnostic-Id', 'diagnostic-Id'])('is read from %s', async (name) => {
    await using platform = await startPlatform();
    let trace: unknown;
    const topic = (_event: unknown, context: { trace?: { traceparent: string } }): void => {
      trace = context.trace?.traceparent;
    };
    const context = platform.context({
      triggerMetadata: {
        messageId: 'm1',
        deliveryCount: 1,
        applicationProperties: { [name]: TRACE() },
      },
    });
    const body = Buffer.from('{"a":1}');
    await serveServiceBus(platform.instance({ topic }), policyOf('topic'), body, context);
    expect(trace).toBe(TRACE());
  });
});

describe('an asynchronous call', () => {
  const rules = (platform: Platform) => ({
    maxAttempts: 2,
    backoff: 'fixed',
    delaySeconds: 0,
    maxDelaySeconds: 0,
    jitter: false,
    maxAgeSeconds: 3600,
    queue: platform.target('async'),
    onSuccess: platform.target('done'),
    onFailure: null,
  });
  const message = { $polyfaas: { id: 'call-7', requestId: 'call-7' }, data: 1 };

  it('does not run again when its outcome is too large for every queue', async () => {
    await using platform = await startPlatform();
    platform.answer = () => 413;
    const instance = platform.instance({ invoke: () => 'x' }, { [ASYNC]: rules(platform) });
    await serveAsync(instance, message, platform.context());
    expect(platform.posts.map(({ path }) => path.split('?')[0])).toEqual([
      '/done/messages',
      '/async/messages',
    ]);
    expect(platform.lines.join('\n')).toContain('is dropped');
  });

  it('is told of in the log under the id that its caller knows', async () => {
    await using platform = await startPlatform();
    const invoke = () => {
      throw new Error('no stock');
    };
    const instance = platform.instance({ invoke }, { [ASYNC]: rules(platform) });
    await serveAsync(instance, message, platform.context());
    const line = platform.lines.find((text) => text.includes('no stock')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({ polyfaas: 'log', requestId: 'call-7' });
  });
});
