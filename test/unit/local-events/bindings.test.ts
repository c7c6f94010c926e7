import { describe, expect, it } from 'vitest';
import { bind, benches, events, messagesOf, recordsOf, ref } from './harness.ts';

const newBench = benches();
const ORDERS = ref('orders');

describe('bindings', () => {
  it('survive a restart with what was accepted for them', async () => {
    const bench = newBench();
    bench.platform.setBindings(ORDERS, [
      bind('q', events.queue('orders')),
      bind('t', events.topic('news')),
    ]);
    await bench.platform.sources.queue('orders').send(1);
    await bench.platform.sources.topic('news').publish(2);
    const after = await bench.restart();
    after.platform.start();
    await after.platform.settle();
    expect(after.calls.map(({ kind }) => kind).toSorted()).toEqual(['queue', 'topic']);
  });

  it('that stay keep their place and what is on its way; the same list twice changes nothing', async () => {
    const bench = newBench();
    const list = [bind('s', events.stream('clicks')), bind('t', events.topic('news'))];
    bench.platform.setBindings(ORDERS, list);
    await bench.platform.sources.topic('news').publish(1);
    await bench.platform.sources.stream('clicks').put('key', 1);
    bench.platform.setBindings(ORDERS, list);
    bench.platform.setBindings(ORDERS, [
      bind('s', events.stream('clicks', { batchSize: 5 })),
      bind('t', events.topic('news', { filter: { a: ['b'] } })),
    ]);
    bench.platform.start();
    await bench.platform.settle();
    expect(bench.calls.map(({ kind }) => kind).toSorted()).toEqual(['stream', 'topic']);
  });

  it('that go take what is on its way with them', async () => {
    const bench = newBench();
    bench.platform.setBindings(ORDERS, [
      bind('s', events.stream('clicks')),
      bind('t', events.topic('news')),
    ]);
    await bench.platform.sources.topic('news').publish(1);
    await bench.platform.sources.stream('clicks').put('key', 1);
    bench.platform.setBindings(ORDERS, []);
    bench.platform.setBindings(ORDERS, [
      bind('s', events.stream('clicks')),
      bind('t', events.topic('news')),
    ]);
    bench.platform.start();
    await bench.platform.settle();
    expect(bench.calls).toEqual([]);
  });

  it('that name another source are other bindings', async () => {
    const bench = newBench();
    bench.platform.setBindings(ORDERS, [bind('s', events.stream('clicks'))]);
    await bench.platform.sources.stream('clicks').put('key', 'old source');
    await bench.platform.sources.stream('taps').put('key', 'before');
    bench.platform.setBindings(ORDERS, [bind('s', events.stream('taps', { from: 'oldest' }))]);
    bench.platform.start();
    await bench.platform.settle();
    expect(bench.calls.flatMap(recordsOf).map((record) => record['data'])).toEqual(['before']);
  });

  it('that are replaced during a delivery do no harm to it', async () => {
    const bench = newBench();
    bench.platform.setBindings(ORDERS, [
      bind('q', events.queue('orders')),
      bind('t', events.topic('news')),
    ]);
    const waiting: (() => void)[] = [];
    bench.handle(
      'orders',
      () => new Promise<void>((_, reject) => waiting.push(() => reject(new Error('late')))),
    );
    bench.platform.start();
    await bench.platform.sources.queue('orders').send(1);
    await bench.platform.sources.topic('news').publish(2);
    await bench.clock.advance(0);
    bench.platform.setBindings(ORDERS, []);
    for (const end of waiting) end();
    await bench.platform.settle();
    // The message goes back to its queue; the topic's copy went with its binding.
    expect(await bench.platform.sources.queue('orders').depth()).toEqual({
      waiting: 1,
      inFlight: 0,
    });
    bench.handle('orders', () => null);
    bench.platform.setBindings(ORDERS, [bind('q', events.queue('orders'))]);
    await bench.clock.advance(1_000);
    await bench.platform.settle();
    expect(bench.calls.slice(2).flatMap(messagesOf)).toEqual([
      { id: expect.any(String), data: 1, attempt: 2 },
    ]);
  });

  it('that are disabled let messages wait in the queue', async () => {
    const bench = newBench();
    bench.platform.setBindings(ORDERS, [bind('q', events.queue('orders', { enabled: false }))]);
    bench.platform.start();
    await bench.platform.sources.queue('orders').send(1);
    await bench.platform.settle();
    expect(bench.calls).toEqual([]);
    bench.platform.setBindings(ORDERS, [bind('q', events.queue('orders'))]);
    await bench.platform.settle();
    expect(bench.calls).toHaveLength(1);
  });

  it('are refused whole when one of them cannot be', () => {
    const bench = newBench();
    const set = (...list: Parameters<typeof bind>[]) =>
      bench.platform.setBindings(
        ORDERS,
        list.map(([id, event]) => bind(id, event)),
      );
    const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
    expect(() => set(['q', events.queue('orders', { deadLetter: 'orders' })])).toThrow(invalid);
    expect(() => set(['q', events.queue('a')], ['q', events.queue('b')])).toThrow(invalid);
  });

  it('of http are left to the gateway', async () => {
    const bench = newBench();
    bench.platform.setBindings(ORDERS, [
      bind('h', { type: 'http', enabled: true, methods: ['GET'], path: '/' }),
    ]);
    bench.platform.start();
    await bench.platform.settle();
    expect(bench.calls).toEqual([]);
  });

  it('of functions with the same name in another app or stage are kept apart', async () => {
    const bench = newBench();
    const stages = ['dev', 'live'].map((stage) => ({ app: 'shop', stage, name: 'orders' }));
    for (const target of stages) bench.platform.setBindings(target, [bind('t', events.topic('n'))]);
    bench.platform.forget(stages[0] ?? ORDERS);
    bench.platform.start();
    await bench.platform.sources.topic('n').publish(1);
    await bench.platform.settle();
    expect(bench.calls.map((call) => call.ref.stage)).toEqual(['live']);
  });
});
