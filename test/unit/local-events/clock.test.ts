import { describe, expect, it } from 'vitest';
import { bind, benches, events, ref, SetClock } from './harness.ts';
import type { Bench } from './harness.ts';

const newBench = benches();
const WORKER = ref('worker');
const DAY_MS = 86_400_000;
const BINDINGS = [
  bind('interval', events.schedule()),
  bind('nightly', events.schedule({ when: { cron: '0 3 * * *' } })),
  bind('queue', events.queue('source')),
  bind('topic', events.topic('source')),
  bind('stream', events.stream('source')),
];

/** A platform whose clock is a day ahead, with everything bound. */
const ahead = (clock: SetClock): Bench => {
  clock.set(DAY_MS);
  const bench = newBench({ clock });
  bench.platform.setBindings(WORKER, BINDINGS);
  return bench;
};

const sendEverywhere = async (bench: Bench, options = {}): Promise<void> => {
  const { sources } = bench.platform;
  await sources.queue('source').send(1, options);
  await sources.topic('source').publish(1);
  await sources.stream('source').put('key', 1);
};

const kinds = (bench: Bench): readonly string[] => bench.calls.map(({ kind }) => kind);

describe('a clock that was ahead and is put right', () => {
  it('while the platform runs holds nothing up', async () => {
    const clock = new SetClock();
    const bench = ahead(clock);
    bench.platform.start();
    let failing = true;
    bench.handle('worker', () => {
      if (failing) throw new Error('broken');
    });
    await sendEverywhere(bench);
    await bench.platform.settle();
    expect(kinds(bench)).toEqual(['queue', 'topic', 'stream']);
    failing = false;
    clock.set(-DAY_MS);
    await bench.platform.settle();
    await clock.advance(1_000);
    await sendEverywhere(bench);
    await bench.platform.settle();
    expect(kinds(bench).slice(3).toSorted()).toEqual([
      'queue',
      'queue',
      'stream',
      'stream',
      'topic',
      'topic',
    ]);
    await clock.advance(60_000);
    expect(kinds(bench).slice(9)).toEqual(['schedule']);
    await clock.advance(3 * 3_600_000);
    const nightly = bench.calls.filter(({ event }) => JSON.stringify(event).includes('nightly'));
    expect(nightly.map(({ event }) => event)).toEqual([
      expect.objectContaining({ scheduledTime: '2026-01-01T03:00:00.000Z' }),
    ]);
    expect(bench.warnings).toEqual([
      expect.objectContaining({ message: expect.stringContaining('clock') }),
    ]);
  });

  it('while nothing runs holds nothing up after the next start', async () => {
    const clock = new SetClock();
    const before = ahead(clock);
    await sendEverywhere(before, { delaySeconds: 5 });
    clock.set(-DAY_MS);
    const bench = await before.restart();
    bench.platform.setBindings(WORKER, BINDINGS);
    bench.platform.start();
    await bench.platform.settle();
    expect(kinds(bench)).toEqual(['topic', 'stream']);
    await clock.advance(4_999);
    expect(kinds(bench)).toHaveLength(2);
    await clock.advance(1);
    expect(kinds(bench)).toEqual(['topic', 'stream', 'queue']);
    await clock.advance(60_000);
    expect(kinds(bench).slice(3)).toEqual(['schedule']);
    expect(bench.warnings).toHaveLength(1);
    const again = await bench.restart();
    again.platform.setBindings(WORKER, BINDINGS);
    again.platform.start();
    await again.platform.settle();
    expect(again.warnings).toEqual([]);
  });

  it('is asked for what failed while it was ahead, at the next start', async () => {
    const clock = new SetClock();
    const before = newBench({ clock });
    before.platform.setBindings(WORKER, BINDINGS.slice(2));
    await sendEverywhere(before);
    clock.set(DAY_MS);
    before.handle('worker', () => {
      throw new Error('broken');
    });
    before.platform.start();
    await before.platform.settle();
    clock.set(-DAY_MS);
    const bench = await before.restart();
    bench.handle('worker', () => null);
    bench.platform.start();
    await bench.platform.settle();
    await clock.advance(1_000);
    expect(kinds(bench).toSorted()).toEqual(['queue', 'stream', 'topic']);
  });

  it('by a little fires no schedule twice', async () => {
    const clock = new SetClock();
    const bench = newBench({ clock });
    bench.platform.setBindings(WORKER, BINDINGS.slice(1, 2));
    bench.platform.start();
    await clock.advance(3 * 3_600_000);
    expect(bench.calls).toHaveLength(1);
    clock.set(-10);
    await bench.platform.settle();
    const after = await bench.restart();
    after.platform.setBindings(WORKER, BINDINGS.slice(1, 2));
    after.platform.start();
    await clock.advance(3_600_000);
    expect([...bench.calls, ...after.calls]).toHaveLength(1);
    expect([...bench.warnings, ...after.warnings]).toEqual([]);
  });
});

describe('a clock that goes forward while timers stand still', () => {
  it('leaves nothing waiting for longer than 30 seconds', async () => {
    const clock = new SetClock();
    const bench = newBench({ clock });
    bench.platform.setBindings(WORKER, [
      bind('hourly', events.schedule({ when: { everySeconds: 3_600 } })),
      bind('queue', events.queue('source')),
      bind('topic', events.topic('retried', { retry: { ...events.retry, delaySeconds: 900 } })),
    ]);
    let failing = true;
    bench.handle('worker', ({ kind }) => {
      if (kind === 'topic' && failing) throw new Error('broken');
    });
    bench.platform.start();
    const { sources } = bench.platform;
    await sources.queue('source').send(1, { delaySeconds: 900 });
    await sources.topic('retried').publish(1);
    await bench.platform.settle();
    expect(kinds(bench)).toEqual(['topic']);
    failing = false;
    // Long after the last thing happened.
    await bench.realTime.advance(600_000);
    expect(kinds(bench)).toEqual(['topic']);
    clock.set(2 * 3_600_000);
    await bench.realTime.advance(30_000);
    expect(kinds(bench).slice(1).toSorted()).toEqual(['queue', 'schedule', 'topic']);
    expect(bench.warnings).toEqual([]);
    await bench.platform.stop(0);
    expect([clock.pending, bench.realTime.pending]).toEqual([0, 0]);
  });

  it('is known to have been ahead when it is put right, though nothing happened meanwhile', async () => {
    const clock = new SetClock();
    const bench = newBench({ clock });
    bench.platform.setBindings(WORKER, BINDINGS.slice(1, 2));
    bench.platform.start();
    await bench.platform.settle();
    clock.set(2 * 3_600_000);
    await bench.realTime.advance(30_000);
    clock.set(-2 * 3_600_000);
    await bench.realTime.advance(30_000);
    expect(bench.warnings).toEqual([
      expect.objectContaining({ fields: expect.objectContaining({ aheadMs: 2 * 3_600_000 }) }),
    ]);
    await clock.advance(3 * 3_600_000);
    expect(kinds(bench)).toEqual(['schedule']);
  });
});
