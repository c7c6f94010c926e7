/** Triggers of Eventarc, found wherever they are. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallContext } from 'polyfaas/spi';
import { listAt } from '../../../providers/gcp/clients/json.ts';
import { memberOf, ROLE } from '../../../providers/gcp/events/grants/need.ts';
import { grantAll, revokeAll } from '../../../providers/gcp/events/grants/policy.ts';
import { follow } from '../../../providers/gcp/events/operation.ts';
import { PROJECT, table } from '../gcp-events/bindings.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { EventWorld } from '../gcp-events/world.ts';

let world: EventWorld;
beforeEach(async () => {
  world = await EventWorld.start();
});
afterEach(() => world.stop());

const callOf = (warnings: string[] = []): CallContext => ({
  signal: new AbortController().signal,
  clock: new ManualClock(world.clock.now()),
  random: Math.random,
  log: { log: (_, message) => void warnings.push(message) },
  warn: (message) => void warnings.push(message),
  artifacts: { get: () => Promise.reject(new Error('There is none.')) },
});

describe('a grant that may not be taken back any more', () => {
  it('stands in nobody’s way, and is told with the command that takes it back', async () => {
    const one = await world.function('one');
    const resource = `projects/${PROJECT}/topics/letters`;
    await world.call('pubsub', 'PUT', `/v1/${resource}`, {});
    const need = { resource, role: ROLE.publisher, member: memberOf(one.target) };
    const warnings: string[] = [];
    const scope = { gcp: world.powerless, target: one.target, call: callOf(warnings) };
    await revokeAll(scope, [need]);
    expect(warnings.join()).toMatch(/gcloud pubsub topics remove-iam-policy-binding .*letters/);
    await expect(grantAll(scope, [need])).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });
});

describe('an operation that Google has forgotten', () => {
  it('is no failure: what it was about is looked at again', async () => {
    const resume = {
      operation: `projects/${PROJECT}/locations/us-east4/operations/gone`,
      polls: 3,
    };
    const call = { ...callOf(), resume };
    const answer = await follow(world.gcp, 'eventarc', call, 'making');
    expect(answer).toMatchObject({ done: false, resume: { polls: 4 } });
    expect(JSON.stringify(answer)).not.toContain('operations/gone');
  });
});

describe('a trigger', () => {
  const at = (place: string): Promise<number> =>
    world
      .call('eventarc', 'GET', `/v1/projects/${PROJECT}/locations/${place}/triggers`)
      .then((found) => listAt(found, 'triggers').length);

  it('is listed in its place and everywhere', async () => {
    const one = await world.function('one');
    await one.bind([table('d')]);
    expect(await at('-')).toBe(1);
    expect(await at('us-east4')).toBe(0);
  });

  it('is taken away when its database is in another place by now', async () => {
    const one = await world.function('one');
    await one.bind([table('d')]);
    const { databases } = world.firestore;
    const present = databases.get('(default)');
    if (present) databases.set('(default)', { ...present, locationId: 'us-east4' });
    await one.remove();
    expect(await at('-')).toBe(0);
    expect(world.sources().filter((line) => line.includes('polyfaas-'))).toEqual([]);
  });
});
