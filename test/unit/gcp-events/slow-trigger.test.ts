/** Triggers of Eventarc that take minutes: who finds one that is being made waits for it, and not for ever. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GoogleFault } from '../../fakes/gcp/core/fault.ts';
import { objectAt, textAt } from '../../../providers/gcp/clients/json.ts';
import { PROJECT, table } from './bindings.ts';
import { EventWorld, type EventFunction } from './world.ts';

/** So long one without a transport is left alone. */
const PATIENCE_MS = 180_000;
const BINDINGS = [table('d')];

let world: EventWorld;
let one: EventFunction;
beforeEach(async () => {
  world = await EventWorld.start();
  one = await world.function('slow');
});
afterEach(() => world.stop());

interface Seen {
  readonly uid: string | undefined;
  readonly madeMs: number;
  readonly isMade: boolean;
}

async function triggers(): Promise<readonly Seen[]> {
  const path = `/v1/projects/${PROJECT}/locations/-/triggers`;
  const found = (await world.call('eventarc', 'GET', path))['triggers'];
  return (Array.isArray(found) ? found : []).map((trigger) => ({
    uid: textAt(trigger, 'uid'),
    madeMs: Date.parse(textAt(trigger, 'createTime') ?? ''),
    isMade: Object.keys(objectAt(trigger, 'transport')).length > 0,
  }));
}

/** The answer to the call that makes the trigger is lost, and with it the name of its operation. */
async function loseSight(): Promise<Seen> {
  const clean = one.record;
  for (let call = 0; call < 50; call += 1) {
    world.faults.arm({ call, kind: 'lost-reply' });
    await one.bind(BINDINGS).catch(() => undefined);
    world.faults.disarm();
    const [found] = await triggers();
    if (found !== undefined && !found.isMade) return found;
    await one.remove();
    one.record = clean;
  }
  throw new Error('No call makes a trigger');
}

describe('a trigger that somebody began to make', () => {
  it('is waited for as long as a first one takes', async () => {
    world.fake.operations.lasting('eventarc', PATIENCE_MS - 10_000);
    const begun = await loseSight();
    await one.bind(BINDINGS);
    expect(await triggers()).toEqual([{ ...begun, isMade: true }]);
  });

  it('is made anew when nothing comes of it', async () => {
    const fault = new GoogleFault('CANCELLED', 'The operation was cancelled.');
    world.fake.operations.misfortune({ api: 'eventarc', verb: 'create', fault });
    await expect(one.bind(BINDINGS)).rejects.toThrow('The operation was cancelled.');
    const [left] = await triggers();
    expect(left).toMatchObject({ isMade: false });
    const from = world.clock.now();
    await one.bind(BINDINGS);
    const all = await triggers();
    expect(all).toEqual([{ uid: expect.any(String), madeMs: expect.any(Number), isMade: true }]);
    expect(all[0]?.uid).not.toBe(left?.uid);
    expect(all[0]?.madeMs).toBeGreaterThanOrEqual(from + PATIENCE_MS);
  });

  it('stays when it only takes longer: nothing that is being made is deleted', async () => {
    world.fake.operations.lasting('eventarc', 2 * PATIENCE_MS);
    const begun = await loseSight();
    await one.bind(BINDINGS);
    expect(await triggers()).toEqual([{ ...begun, isMade: true }]);
  });
});
