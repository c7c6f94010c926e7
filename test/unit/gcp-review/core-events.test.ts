/** Triggers of Eventarc, found wherever they are. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listAt } from '../../../providers/gcp/clients/json.ts';
import { PROJECT, table } from '../gcp-events/bindings.ts';
import { EventWorld } from '../gcp-events/world.ts';

let world: EventWorld;
beforeEach(async () => {
  world = await EventWorld.start();
});
afterEach(() => world.stop());

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
