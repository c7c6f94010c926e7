/** Dead letters of ordered sources, and what goes with letters to Service Bus. */
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { BindingPolicy } from '../../../providers/azure/manifest.ts';
import type { Instance } from '../../../providers/azure/shim/instance.ts';
import { serveOrdered } from '../../../providers/azure/shim/ordered.ts';
import { serveQueue } from '../../../providers/azure/shim/queue.ts';
import { serveServiceBus } from '../../../providers/azure/shim/service-bus.ts';
import { policyOf, startPlatform, type Platform } from './shim-platform.ts';

let partitions = 0;

/** Records of a partition of their own; the last attempt that a binding allows is the third. */
function delivering(platform: Platform, instance: Instance, policy: BindingPolicy, count = 3) {
  partitions += 1;
  const partitionId = `p${partitions}`;
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return (retryCount: number): Promise<void> =>
    serveOrdered(
      instance,
      policy,
      numbers.map((number) => ({ number })),
      platform.context({
        ...(retryCount > 0 ? { retryContext: { retryCount, maxRetryCount: -1 } } : {}),
        triggerMetadata: {
          sequenceNumberArray: numbers,
          partitionKeyArray: numbers.map(() => ''),
          partitionContext: { partitionId },
        },
      }),
    );
}

function failing(platform: Platform, calls: { count: number }, timeoutSeconds?: number): Instance {
  const stream = (): never => {
    calls.count += 1;
    throw new Error('no stock');
  };
  return platform.instance({ stream }, {}, timeoutSeconds);
}

const letters = (platform: Platform): readonly string[] =>
  platform.posts.filter(({ path }) => path.startsWith('/dead')).map(({ message }) => message);

async function failTwice(deliver: (retryCount: number) => Promise<void>): Promise<void> {
  for (const retryCount of [0, 1]) await expect(deliver(retryCount)).rejects.toThrow('no stock');
}

describe('records that failed for the last time', () => {
  it('wait for a dead-letter queue that is away for longer than a moment', async () => {
    await using platform = await startPlatform();
    const policy = policyOf('stream', { deadLetter: platform.target('dead') });
    const calls = { count: 0 };
    const deliver = delivering(platform, failing(platform, calls, 60), policy, 1);
    await failTwice(deliver);
    let refusals = 4;
    platform.answer = () => ((refusals -= 1) >= 0 ? 503 : 201);
    await deliver(2);
    expect(letters(platform).at(-1)).toBe('{"number":1}');
    expect(calls.count).toBe(3);
  });

  it('are not acknowledged as long as the queue takes none, and not handled again', async () => {
    await using platform = await startPlatform();
    const policy = policyOf('stream', { deadLetter: platform.target('dead') });
    const calls = { count: 0 };
    const deliver = delivering(platform, failing(platform, calls), policy);
    await failTwice(deliver);
    // There is no such queue: no other try in this call would help.
    let taken = 1;
    platform.answer = () => ((taken -= 1) >= 0 ? 201 : 404);
    for (const retryCount of [2, 3, 4]) {
      await expect(deliver(retryCount)).rejects.toThrow('answered 404');
    }
    expect(calls.count).toBe(3);
    expect(platform.lines.join('\n')).toContain('dead-letter queue');
    platform.answer = () => 201;
    await deliver(5);
    // Each is there, and what was taken is not sent twice.
    const all = letters(platform);
    expect([all[0], ...all.slice(-2)]).toEqual(['{"number":1}', '{"number":2}', '{"number":3}']);
    expect(all.filter((one) => one === '{"number":1}')).toHaveLength(1);
    expect(calls.count).toBe(3);
  });

  it('keep no others waiting when they fit in no queue, and this is said', async () => {
    await using platform = await startPlatform();
    const policy = policyOf('stream', { deadLetter: platform.target('dead') });
    const deliver = delivering(platform, failing(platform, { count: 0 }), policy);
    await failTwice(deliver);
    let posts = 0;
    platform.answer = () => ((posts += 1) === 2 ? 413 : 201);
    await deliver(2);
    expect(letters(platform)).toHaveLength(3);
    expect(platform.lines.join('\n')).toMatch(/"level":"error".*dropped.*too large/);
  });

  it('are set aside without another run when each run ended the process', async () => {
    await using platform = await startPlatform();
    const policy = policyOf('stream', { deadLetter: platform.target('dead') });
    const calls = { count: 0 };
    // Nothing is remembered of the three attempts before.
    await delivering(platform, failing(platform, calls), policy)(3);
    expect(letters(platform)).toHaveLength(3);
    expect(calls.count).toBe(0);
    expect(platform.lines.join('\n')).toContain('took the process down');
  });
});

describe('a dead letter in Service Bus', () => {
  /** Everything about the one message that was sent. */
  async function sent(work: (platform: Platform, bus: Platform['target']) => Promise<void>) {
    await using platform = await startPlatform();
    const seen: { headers: unknown; body: string }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (part) => (body += String(part)));
      request.on('end', () => {
        seen.push({ headers: request.headers, body });
        response.writeHead(201).end();
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    try {
      await work(platform, (name) => ({ service: 'serviceBus', url: `${url}/${name}` }));
    } finally {
      await new Promise((resolve) => void server.close(resolve));
    }
    expect(seen).toHaveLength(1);
    return seen[0];
  }

  const batch = (letter: { body: string } | undefined): unknown => JSON.parse(letter?.body ?? '');
  const attributes = { Tenant: 'blue', 'ünusual name': 'größe "x"' };

  it('of a topic keeps its application properties, word for word', async () => {
    const letter = await sent(async (platform, bus) => {
      const instance = platform.instance({ topic: () => Promise.reject(new Error('no stock')) });
      const policy = policyOf('topic', { deadLetter: bus('dead') });
      const context = platform.context({
        triggerMetadata: { messageId: 'm1', deliveryCount: 3, applicationProperties: attributes },
      });
      await serveServiceBus(instance, policy, { a: 1 }, context);
    });
    expect(letter?.headers).toMatchObject({
      'content-type': 'application/vnd.microsoft.servicebus.json',
    });
    expect(batch(letter)).toEqual([
      { Body: '{"a":1}', BrokerProperties: { MessageId: 'm1' }, UserProperties: attributes },
    ]);
  });

  it('of a queue has its attributes and its group there, and no envelope', async () => {
    const letter = await sent(async (platform, bus) => {
      const instance = platform.instance({ queue: () => Promise.reject(new Error('no stock')) });
      const policy = policyOf('queue', { deadLetter: bus('dead'), again: bus('orders') });
      const context = platform.context({ triggerMetadata: { id: 'm1', dequeueCount: 3 } });
      const message = { $polyfaas: { attributes, group: 'g' }, data: { a: 1 } };
      await serveQueue(instance, policy, message, context);
    });
    expect(batch(letter)).toEqual([
      {
        Body: '{"a":1}',
        BrokerProperties: { MessageId: 'm1', SessionId: 'g' },
        UserProperties: attributes,
      },
    ]);
  });

  it('without any is the data alone', async () => {
    const letter = await sent(async (platform, bus) => {
      const instance = platform.instance({ queue: () => Promise.reject(new Error('no stock')) });
      const policy = policyOf('queue', { deadLetter: bus('dead'), again: bus('orders') });
      const context = platform.context({ triggerMetadata: { id: 'm1', dequeueCount: 3 } });
      await serveQueue(instance, policy, { a: 1 }, context);
    });
    expect(letter?.body).toBe('{"a":1}');
    expect(letter?.headers).toMatchObject({ 'content-type': 'application/json' });
  });
});
