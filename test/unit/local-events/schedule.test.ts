import { describe, expect, it } from 'vitest';
import { firstDueMs, nextDueMs } from '../../../providers/local/events/next-due.ts';
import { bind, benches, events, isObject, ref } from './harness.ts';
import type { Bench } from './harness.ts';

const newBench = benches();
const NIGHTLY = ref('nightly');

const times = (bench: Bench) =>
  bench.calls.map(({ event }) => (isObject(event) ? event['scheduledTime'] : undefined));

const bound = (more: Parameters<typeof events.schedule>[0] = {}): Bench => {
  const bench = newBench();
  bench.platform.setBindings(NIGHTLY, [bind('tick', events.schedule(more))]);
  bench.platform.start();
  return bench;
};

describe('a schedule', () => {
  it('is due one interval after it was bound, and then each interval', async () => {
    const bench = bound({ input: { job: 'sweep' } });
    await bench.clock.advance(59_999);
    expect(bench.calls).toEqual([]);
    await bench.clock.advance(120_001);
    expect(times(bench)).toEqual([
      '2026-01-01T00:01:00.000Z',
      '2026-01-01T00:02:00.000Z',
      '2026-01-01T00:03:00.000Z',
    ]);
    expect(bench.calls[0]).toMatchObject({ kind: 'schedule', attempt: 1 });
    expect(bench.calls[0]?.event).toEqual({
      id: expect.any(String),
      source: 'tick',
      scheduledTime: '2026-01-01T00:01:00.000Z',
      time: '2026-01-01T00:01:00.000Z',
      data: { job: 'sweep' },
    });
  });

  it('follows cron in its time zone, over the change to summer time', async () => {
    const bench = bound({ when: { cron: '30 2 * * *' }, timezone: 'Europe/Berlin' });
    await bench.clock.advance(2 * 86_400_000);
    expect(times(bench)).toEqual(['2026-01-01T01:30:00.000Z', '2026-01-02T01:30:00.000Z']);
    const timing = { when: { cron: '0 12 * * *' }, timezone: 'Europe/Berlin' };
    const before = Date.UTC(2026, 2, 28, 11);
    expect(nextDueMs(timing, before, before)).toBe(Date.UTC(2026, 2, 29, 10));
  });

  it('keeps its phase over a restart, and makes up for missed times once', async () => {
    const bench = bound();
    await bench.clock.advance(90_000);
    expect(bench.calls).toHaveLength(1);
    const after = await bench.restart();
    await after.clock.advance(200_000);
    after.platform.setBindings(NIGHTLY, [bind('tick', events.schedule())]);
    after.platform.start();
    await after.platform.settle();
    expect(times(after)).toEqual(['2026-01-01T00:02:00.000Z']);
    await after.clock.advance(60_000);
    expect(times(after).slice(1)).toEqual(['2026-01-01T00:05:00.000Z']);
  });

  it('begins anew when its times change, and keeps them when only its input does', async () => {
    const bench = bound();
    await bench.clock.advance(30_000);
    bench.platform.setBindings(NIGHTLY, [bind('tick', events.schedule({ input: 2 }))]);
    await bench.clock.advance(30_000);
    expect(bench.calls.map(({ event }) => (isObject(event) ? event['data'] : null))).toEqual([2]);
    bench.platform.setBindings(NIGHTLY, [
      bind('tick', events.schedule({ when: { everySeconds: 100 } })),
    ]);
    await bench.clock.advance(99_999);
    expect(bench.calls).toHaveLength(1);
    await bench.clock.advance(1);
    expect(bench.calls).toHaveLength(2);
  });

  it('does not make up for times that passed while it was disabled', async () => {
    const bench = bound();
    bench.platform.setBindings(NIGHTLY, [bind('tick', events.schedule({ enabled: false }))]);
    await bench.clock.advance(150_000);
    bench.platform.setBindings(NIGHTLY, [bind('tick', events.schedule())]);
    await bench.platform.settle();
    expect(bench.calls).toEqual([]);
    await bench.clock.advance(30_000);
    expect(times(bench)).toEqual(['2026-01-01T00:03:00.000Z']);
  });

  it('delivers a failed tick again with the same id, three times at most', async () => {
    const bench = bound();
    bench.handle('nightly', () => {
      throw new Error('not tonight');
    });
    await bench.clock.advance(70_000);
    expect(bench.calls).toHaveLength(3);
    const ids = bench.calls.map(({ event }) => (isObject(event) ? event['id'] : undefined));
    expect(new Set(ids).size).toBe(1);
    expect(bench.warnings).toEqual([
      expect.objectContaining({
        fields: expect.objectContaining({ origin: 'schedule:tick', attempts: 3 }),
      }),
    ]);
  });

  it('can be fired by hand, beside its own times', async () => {
    const bench = bound();
    await bench.platform.fireSchedule(NIGHTLY, 'tick');
    await bench.platform.settle();
    expect(times(bench)).toEqual(['2026-01-01T00:00:00.000Z']);
    await bench.clock.advance(60_000);
    expect(bench.calls).toHaveLength(2);
    await expect(bench.platform.fireSchedule(NIGHTLY, 'other')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    bench.platform.setBindings(NIGHTLY, [bind('tick', events.schedule({ enabled: false }))]);
    await expect(bench.platform.fireSchedule(NIGHTLY, 'tick')).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  it('that cannot be read is refused', () => {
    const bench = newBench();
    const set = (more: Parameters<typeof events.schedule>[0]) =>
      bench.platform.setBindings(NIGHTLY, [bind('tick', events.schedule(more))]);
    const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
    expect(() => set({ when: { cron: 'every day' } })).toThrow(invalid);
    expect(() => set({ when: { cron: '* * * * *' }, timezone: 'Mars/Olympus' })).toThrow(invalid);
  });
});

describe('due times', () => {
  it('keep the phase of an interval, however late', () => {
    const timing = { when: { everySeconds: 60 }, timezone: 'UTC' };
    expect(firstDueMs(timing, 5_000)).toBe(65_000);
    expect(nextDueMs(timing, 65_000, 65_000)).toBe(125_000);
    expect(nextDueMs(timing, 65_000, 124_999)).toBe(125_000);
    expect(nextDueMs(timing, 65_000, 125_000)).toBe(185_000);
    expect(nextDueMs(timing, 65_000, 1_000_000)).toBe(1_025_000);
  });

  it('end with a cron that never comes again', () => {
    const timing = { when: { cron: '0 0 30 2 *' }, timezone: 'UTC' };
    expect(firstDueMs(timing, 0)).toBeUndefined();
  });
});
