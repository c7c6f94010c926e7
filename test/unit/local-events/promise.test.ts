import { describe, expect, it } from 'vitest';
import {
  bind,
  benches,
  events,
  isObject,
  messagesOf,
  recordsOf,
  ref,
  seeded,
  textOf,
} from './harness.ts';
import type { Handler } from './harness.ts';

const newBench = benches();
const EVENTS_PER_SOURCE = 400;

describe('the promise', () => {
  it('holds for 2,000 events with 30% failures: each is handled or a dead letter, none is lost', async () => {
    const bench = newBench();
    const random = seeded(2_026);
    const handled = new Set<string>();
    const failing: Handler = (call) => {
      if (random() < 0.3) throw new Error('injected');
      if (call.kind === 'queue') {
        const messages = messagesOf(call);
        const retry = messages.filter(() => random() < 0.3).map(({ id }) => id);
        for (const { id, data } of messages) if (!retry.includes(id)) handled.add(textOf(data));
        return { retry };
      }
      if (call.kind === 'stream') {
        for (const record of recordsOf(call)) handled.add(textOf(record['data']));
      } else if (call.kind === 'invoke') handled.add(textOf(call.event));
      else if (isObject(call.event)) handled.add(textOf(call.event['data']));
      return undefined;
    };
    const retry = { ...events.retry, maxAttempts: 2, jitter: true };
    const more = { retry, deadLetter: 'dead' };
    for (const name of ['queue', 'topic', 'bus', 'stream', 'async']) bench.handle(name, failing);
    bench.platform.setBindings(ref('queue'), [bind('x', events.queue('source', more))]);
    bench.platform.setBindings(ref('topic'), [bind('x', events.topic('source', more))]);
    bench.platform.setBindings(ref('bus'), [bind('x', events.bus('source', more))]);
    bench.platform.setBindings(ref('stream'), [
      bind('x', events.stream('source', { ...more, batchSize: 5 })),
    ]);
    bench.platform.start();

    const { sources } = bench.platform;
    const accepted = new Set<string>();
    for (let index = 0; index < EVENTS_PER_SOURCE; index += 1) {
      await sources.queue('source').send(`queue-${index}`);
      await sources.topic('source').publish(`topic-${index}`);
      await sources.bus('source').publish({ source: 's', type: 't', data: `bus-${index}` });
      await sources.stream('source').put(`key-${index % 9}`, `stream-${index}`);
      await bench.platform.invokeAsync(ref('async'), `async-${index}`, `request-${index}`, {
        retry,
        maxAgeSeconds: 21_600,
        onFailure: { type: 'queue', name: 'dead-async' },
      });
      for (const kind of ['queue', 'topic', 'bus', 'stream', 'async'])
        accepted.add(`${kind}-${index}`);
    }
    await bench.drain();

    const dead = new Set<string>();
    for (const { data } of await sources.deadLetters('dead').list(10_000)) {
      const value = isObject(data) ? data['data'] : data;
      dead.add(textOf(value));
    }
    for (const { data } of await sources.deadLetters('dead-async').list(10_000)) {
      const requestId = isObject(data) ? textOf(data['requestId']) : '';
      dead.add(requestId.replace('request', 'async'));
    }
    expect(accepted.size).toBe(2_000);
    expect([...accepted].filter((id) => !handled.has(id) && !dead.has(id))).toEqual([]);
    expect(dead.size).toBeGreaterThan(100);
    expect(handled.size).toBeGreaterThan(1_000);
    expect(bench.warnings).toEqual([]);
  });
});
