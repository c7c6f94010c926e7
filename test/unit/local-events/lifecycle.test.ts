import { describe, expect, it } from 'vitest';
import { bind, benches, events, messagesOf, ref } from './harness.ts';
import type { Bench } from './harness.ts';

const newBench = benches();
const ORDERS = ref('orders');

const bound = (): Bench => {
  const bench = newBench();
  bench.platform.setBindings(ORDERS, [bind('q', events.queue('orders'))]);
  return bench;
};

describe('the platform', () => {
  it('delivers nothing before it is started', async () => {
    const bench = bound();
    await bench.platform.sources.queue('orders').send(1);
    await bench.platform.settle();
    await bench.clock.advance(10_000);
    expect(bench.calls).toEqual([]);
    bench.platform.start();
    bench.platform.start();
    await bench.platform.settle();
    expect(bench.calls).toHaveLength(1);
  });

  it('settles when what a handler sent in turn is handled too', async () => {
    const bench = bound();
    bench.handle('orders', async (call) => {
      const [message] = messagesOf(call);
      const left = Number(message?.data);
      if (left > 0) await bench.platform.sources.queue('orders').send(left - 1);
    });
    bench.platform.start();
    await bench.platform.sources.queue('orders').send(5);
    await bench.platform.settle();
    expect(bench.calls).toHaveLength(6);
  });

  it('waits with one timer at most, and with none when there is nothing to wait for', async () => {
    const bench = bound();
    bench.platform.start();
    await bench.platform.settle();
    expect(bench.clock.pending).toBe(0);
    for (const delaySeconds of [5, 10, 15])
      await bench.platform.sources.queue('orders').send(1, { delaySeconds });
    await bench.platform.settle();
    expect(bench.clock.pending).toBe(1);
    await bench.clock.advance(15_000);
    expect(bench.clock.pending).toBe(0);
    expect(bench.calls).toHaveLength(3);
  });

  it('lets running deliveries end when it stops, and begins no other', async () => {
    const bench = bound();
    let end = (): void => {};
    bench.handle('orders', () => new Promise<void>((resolve) => (end = resolve)));
    bench.platform.start();
    await bench.platform.sources.queue('orders').send('running');
    await bench.clock.advance(0);
    const stopped = bench.platform.stop(5_000);
    await bench.platform.sources.queue('orders').send('later');
    await bench.clock.advance(1_000);
    end();
    await stopped;
    expect(bench.calls).toHaveLength(1);
    expect(bench.clock.pending).toBe(0);
    expect(await bench.platform.sources.queue('orders').depth()).toEqual({
      waiting: 1,
      inFlight: 0,
    });
  });

  it('leaves what does not end in time as a kill does, and aborts it', async () => {
    const bench = bound();
    const aborted: unknown[] = [];
    bench.handle('orders', (_call, signal) => {
      return new Promise<void>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted.push(signal.reason);
          reject(signal.reason);
        });
      });
    });
    bench.platform.start();
    await bench.platform.sources.queue('orders').send(1);
    await bench.clock.advance(0);
    // Handlers live in real time, and nobody moves the clock while it stops.
    await bench.platform.stop(5);
    expect(aborted).toEqual([expect.objectContaining({ code: 'CANCELLED' })]);
    const after = await bench.restart();
    after.handle('orders', () => null);
    after.platform.start();
    await after.platform.settle();
    expect(after.calls.map(({ attempt }) => attempt)).toEqual([2]);
  });

  it.each([
    ['queue', events.queue('source', { retry: { ...events.retry, maxAttempts: 1 } })],
    ['topic', events.topic('source', { retry: { ...events.retry, maxAttempts: 1 } })],
    ['stream', events.stream('source', { retry: { ...events.retry, maxAttempts: 1 } })],
  ])(
    'counts what it cut off as an interruption, and charges no attempt (%s)',
    async (_kind, event) => {
      const bench = newBench();
      bench.platform.setBindings(ORDERS, [bind('x', event)]);
      bench.handle('orders', () => new Promise<void>(() => {}));
      bench.platform.start();
      await bench.platform.sources.queue('source').send(1);
      await bench.platform.sources.topic('source').publish(1);
      await bench.platform.sources.stream('source').put('key', 1);
      await bench.clock.advance(0);
      const second = await bench.restart();
      second.platform.start();
      await second.clock.advance(0);
      const third = await second.restart();
      third.handle('orders', () => null);
      third.platform.start();
      await third.platform.settle();
      const attempts = [bench, second, third].map(({ calls }) =>
        calls.map(({ attempt }) => attempt),
      );
      expect(attempts).toEqual([[1], [2], [3]]);
      expect(third.warnings).toEqual([]);
    },
  );

  it('goes on with what it cut off when it is started again itself', async () => {
    const bench = bound();
    bench.handle('orders', () => new Promise<void>(() => {}));
    bench.platform.start();
    await bench.platform.sources.queue('orders').send(1);
    await bench.clock.advance(0);
    await bench.platform.stop(0);
    bench.handle('orders', () => null);
    bench.platform.start();
    await bench.platform.settle();
    expect(bench.calls.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(await bench.platform.sources.queue('orders').depth()).toEqual({
      waiting: 0,
      inFlight: 0,
    });
  });

  it('can be started again', async () => {
    const bench = bound();
    bench.platform.start();
    await bench.platform.stop();
    await bench.platform.sources.queue('orders').send(1);
    bench.platform.start();
    await bench.platform.settle();
    expect(bench.calls).toHaveLength(1);
  });

  it('refuses with QUOTA_EXCEEDED on a full disk, loses nothing, and goes on when there is space', async () => {
    const bench = bound();
    bench.platform.start();
    const queue = bench.platform.sources.queue('orders');
    bench.handle('orders', () => new Promise<void>((resolve) => bench.clock.after(1, resolve)));
    const pages = Number(bench.store.db.prepare('PRAGMA page_count').get()?.['page_count']);
    bench.store.db.exec(`PRAGMA max_page_count = ${pages + 5}`);
    const accepted: string[] = [];
    let refused: unknown;
    while (refused === undefined) {
      await queue.send('x'.repeat(1_000)).then(
        ({ id }) => accepted.push(id),
        (error: unknown) => (refused = error),
      );
    }
    expect(refused).toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect(accepted.length).toBeGreaterThan(0);
    bench.store.db.exec('PRAGMA max_page_count = 1000000');
    await bench.clock.advance(10_000);
    await bench.platform.settle();
    const seen = new Set(bench.calls.flatMap(messagesOf).map(({ id }) => id));
    expect(accepted.filter((id) => !seen.has(id))).toEqual([]);
    expect(await queue.depth()).toEqual({ waiting: 0, inFlight: 0 });
  });

  it.each([
    ['queue', events.queue('source', { retry: { ...events.retry, maxAttempts: 1 } })],
    ['topic', events.topic('source', { retry: { ...events.retry, maxAttempts: 1 } })],
    ['stream', events.stream('source', { retry: { ...events.retry, maxAttempts: 1 } })],
  ])('delivers what a crash cut short again, even at one attempt (%s)', async (_kind, event) => {
    const bench = newBench();
    bench.platform.setBindings(ORDERS, [bind('x', event)]);
    bench.handle('orders', () => new Promise<void>(() => {}));
    bench.platform.start();
    await bench.platform.sources.queue('source').send(1);
    await bench.platform.sources.topic('source').publish(1);
    await bench.platform.sources.stream('source').put('key', 1);
    await bench.clock.advance(0);
    const after = bench.crash();
    after.handle('orders', () => null);
    after.platform.start();
    await after.platform.settle();
    expect(after.calls.map(({ attempt }) => attempt)).toEqual([2]);
    expect(after.warnings).toEqual([]);
  });

  it('answers UNAVAILABLE when its store was closed', async () => {
    const bench = bound();
    const { sources } = bench.platform;
    bench.store.close();
    const closed = expect.objectContaining({ code: 'UNAVAILABLE' });
    await expect(sources.queue('orders').send(1)).rejects.toEqual(closed);
    await expect(sources.queue('orders').depth()).rejects.toEqual(closed);
    await expect(sources.table('rows').get({ id: 1 })).rejects.toEqual(closed);
  });

  it('survives a handler that throws anything', async () => {
    const bench = bound();
    for (const thrown of [undefined, null, 'text', 7, { name: 1 }, Object.create(null)]) {
      bench.handle('orders', () => Promise.reject(thrown));
      bench.platform.start();
      await bench.platform.sources.queue('orders').send(1);
      await bench.platform.settle();
      await bench.clock.advance(10_000);
    }
    expect(bench.calls).toHaveLength(18);
    expect(bench.warnings).toHaveLength(6);
  });
});
