/** What waits while the store cannot be written, and how it goes on. */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { bind, benches, events, ref, SetClock } from './harness.ts';
import type { Bench } from './harness.ts';

const newBench = benches();

/** Its timers come a millisecond early, as those of Node may. */
class EarlyClock extends ManualClock {
  override after(delayMs: number, callback: () => void): () => void {
    return super.after(delayMs > 1 ? delayMs - 1 : delayMs, callback);
  }
}

/** A platform with a message that is due when its store has just gone. */
async function cutOff(clock: ManualClock): Promise<Bench> {
  const bench = newBench({ clock });
  bench.platform.setBindings(ref('worker'), [bind('x', events.queue('source'))]);
  bench.platform.start();
  await bench.platform.sources.queue('source').send(1, { delaySeconds: 1 });
  renameSync(join(bench.folder, 'state.db'), join(bench.folder, 'away.db'));
  await clock.advance(1_000);
  return bench;
}

const bringBack = ({ folder }: Bench): void =>
  renameSync(join(folder, 'away.db'), join(folder, 'state.db'));

describe('events whose store cannot be written for a while', () => {
  it('are tried again each second, and told of once', async () => {
    const bench = await cutOff(new ManualClock());
    for (let second = 0; second < 3; second += 1) {
      expect((bench.clock.nextAt ?? Infinity) - bench.clock.now()).toBe(1_000);
      await bench.clock.advance(1_000);
    }
    expect(bench.calls).toEqual([]);
    expect(bench.warnings).toHaveLength(1);
    bringBack(bench);
    await bench.clock.advance(1_000);
    expect(bench.calls).toHaveLength(1);
  });

  it('go on where timers come early', async () => {
    const bench = await cutOff(new EarlyClock());
    bringBack(bench);
    await bench.clock.advance(2_000);
    expect(bench.calls).toHaveLength(1);
    expect(bench.warnings).toHaveLength(1);
  });

  it.each([5, 3_600])('go on where the clock goes back by %d s meanwhile', async (seconds) => {
    const clock = new SetClock();
    const bench = await cutOff(clock);
    clock.set(-seconds * 1_000);
    bringBack(bench);
    await clock.advance(10_000);
    expect(bench.calls).toHaveLength(1);
  });

  it('go on after a stop that found the store away', async () => {
    const bench = await cutOff(new ManualClock());
    await bench.platform.stop(0);
    bringBack(bench);
    bench.platform.start();
    await bench.platform.settle();
    expect(bench.calls).toHaveLength(1);
  });
});
