import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultKind } from 'polyfaas/contract';
import { ONE_OF_EACH, topic } from '../unit/azure-events/bindings.ts';
import { EventWorld, type EventFunction } from '../unit/azure-events/world.ts';
import { disturbed } from './disturbed.ts';

let world: EventWorld;
let made = 0;

beforeAll(async () => {
  world = await EventWorld.start();
});

afterAll(async () => {
  await world.stop();
});

async function aFunction(): Promise<EventFunction> {
  made += 1;
  return await world.function(`g${made}`);
}

/** Calls of a bind that nothing disturbs, and what it leads to: the name of the function left out. */
async function undisturbed(): Promise<{ calls: number; sources: readonly string[] }> {
  const one = await aFunction();
  const calls = await world.fake.faults.count(() => one.bind(ONE_OF_EACH));
  const sources = namesOf(one);
  await one.remove();
  return { calls, sources };
}

const GUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** The hashes in names tell functions apart. */
function namesOf({ target }: EventFunction): readonly string[] {
  return world
    .sources()
    .map((line) =>
      line
        .replaceAll(target.physicalName, 'SITE')
        .replaceAll(target.storageAccount, 'OWN')
        .replaceAll(GUID, 'GUID'),
    )
    .toSorted();
}

describe('bindings whose calls go wrong', () => {
  it.each<FaultKind>(['lost-reply', 'reset'])(
    'come out right on the repeat, whichever call it was (%s)',
    async (kind) => {
      const { calls, sources } = await undisturbed();
      const stride = 11;
      for (let call = kind === 'reset' ? 1 : 0; call < calls; call += stride) {
        const one = await aFunction();
        const failed = await disturbed(world.fake.faults, { call, kind }, () =>
          one.bind(ONE_OF_EACH),
        );
        if (failed) await one.bind(ONE_OF_EACH);
        expect([call, namesOf(one)]).toEqual([call, sources]);
        expect(one.record.pending).toEqual([]);
        await one.remove();
      }
      expect(world.sources()).toEqual([]);
    },
  );

  it('are taken away on the repeat, whichever call it was', async () => {
    const first = await aFunction();
    await first.bind(ONE_OF_EACH);
    const calls = await world.fake.faults.count(() => first.remove());
    for (let call = 0; call < calls; call += 11) {
      const one = await aFunction();
      await one.bind(ONE_OF_EACH);
      const failed = await disturbed(world.fake.faults, { call, kind: 'lost-reply' }, () =>
        one.remove(),
      );
      if (failed) await one.remove();
      expect([call, world.sources()]).toEqual([call, []]);
    }
  });

  it('leave nothing of a change that was broken off', async () => {
    const one = await aFunction();
    await one.bind([topic('t')]);
    await disturbed(world.fake.faults, { call: 4, kind: 'lost-reply' }, () =>
      one.bind([topic('t', { topic: 'other' })]),
    );
    await one.bind([]);
    expect(world.sources().join('\n')).not.toMatch(/subscription/);
    await one.remove();
    expect(world.sources()).toEqual([]);
  });
});
