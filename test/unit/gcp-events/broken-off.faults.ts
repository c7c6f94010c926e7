import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucket, queue, schedule, table } from './bindings.ts';
import { ASYNC, EventWorld } from './world.ts';

const BINDINGS = [queue('q', { deadLetter: 'dead' }), bucket('o'), table('d'), schedule('c')];

let world: EventWorld;

beforeAll(async () => {
  world = await EventWorld.start();
});

afterAll(async () => {
  await world.stop();
});

/** Without the numbers that Google counts on. */
function sources(): readonly string[] {
  return world
    .sources()
    .map((line) => line.replace(/(eventarc-.*-|notification )\d+$/, '$1#'))
    .toSorted();
}

describe.each([
  ['lost-reply', 1],
  ['reset', 6],
] as const)('a call that is broken off (%s)', (kind, stride) => {
  it('is done again, wherever it was, and leaves no twin and nothing behind', async () => {
    const one = await world.function(`broken-${kind}`);
    const empty = sources();
    const clean = one.record;
    const calls = await world.faults.count(() => one.bind(BINDINGS, ASYNC));
    const full = sources();
    const removing = await world.faults.count(() => one.remove());
    expect(sources()).toEqual(empty);
    for (let call = 0; call < calls; call += stride) {
      one.record = clean;
      world.faults.arm({ call, kind });
      await one.bind(BINDINGS, ASYNC).catch(() => undefined);
      world.faults.disarm();
      await one.bind(BINDINGS, ASYNC);
      expect(sources(), `after call ${call} of ${calls}`).toEqual(full);
      world.faults.arm({ call: call % removing, kind });
      await one.remove().catch(() => undefined);
      world.faults.disarm();
      await one.remove();
      expect(sources(), `removed, after call ${call} of ${calls}`).toEqual(empty);
    }
  });
});
