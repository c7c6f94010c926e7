/**
 * What holds of any plan of the Azure adapter. The plans are carried out on the fake, which is slow beside a reading that
 * sends nothing: few lives are lived, and each is looked at after every step. That planners are pure, and their plans
 * JSON with their steps in order, the world looks at by itself.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventSpec } from 'polyfaas';
import { azureWorld, type Wish, type World } from './azure-world.ts';

const EVENTS: readonly EventSpec[] = [
  { type: 'queue', id: 'a', queue: 'orders', create: true },
  { type: 'queue', id: 'a', queue: 'orders', create: true, retry: { maxAttempts: 2 } },
  { type: 'http', id: 'b', path: '/b' },
  { type: 'schedule', id: 'd', every: '5 minutes' },
  { type: 'topic', id: 'e', topic: 'news', create: true, retry: { maxAttempts: 2 } },
];

const event = fc.constantFrom(...EVENTS);

const wish: fc.Arbitrary<Wish> = fc.record<Wish>({
  code: fc.constantFrom('a', 'b', 'c'),
  memoryMb: fc.constantFrom(512, 2048),
  timeoutSeconds: fc.constantFrom(10, 20),
  env: fc.constantFrom({}, { AA: '1' }, { AA: { $secret: 'orders/database' } }),
  events: fc.uniqueArray(event, { selector: ({ id }) => id, maxLength: 3 }),
  maxInstances: fc.constantFrom(undefined, 5, 10),
  minInstances: fc.constantFrom(0, 1),
  keepVersions: fc.integer({ min: 1, max: 3 }),
  tags: fc.constantFrom({}, { team: 'x' }, { team: 'y', other: 'z' }),
  async: fc.constantFrom({}, { retry: { maxAttempts: 1 } }),
  azure: fc.constantFrom({}, { appSettings: { FURTHER: 'yes' } }, { invokeKeyId: 'k2' }),
});

type Act = (world: World) => Promise<unknown>;

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 3,
    arbitrary: wish.map(
      (one): Act =>
        (world) =>
          world.deploy(one, { prune: true }),
    ),
  },
  event.map(
    (one): Act =>
      (world) =>
        world.configureEvent(one),
  ),
  fc.constantFrom('a', 'b', 'd').map(
    (id): Act =>
      (world) =>
        world.removeEvent(id),
  ),
  fc.integer({ min: 1, max: 3 }).map(
    (keep): Act =>
      (world) =>
        world.prune(keep),
  ),
  wish.map(
    (one): Act =>
      (world) =>
        world.deploy(one, { until: 'pending' }).catch(ofNoSuchStep),
  ),
);

const life = fc.array(act, { minLength: 1, maxLength: 3 });

/** A shrunk life would take minutes to find; what was lived is told. */
const runs = { numRuns: 4, endOnFailure: true };

describe('a life on Azure', () => {
  it('comes to rest: the same wish again needs no step, and what is gone leaves nothing', async () => {
    await fc.assert(
      fc.asyncProperty(life, wish, async (acts, next) => {
        await using world = await azureWorld();
        const { fake } = world.stage;
        const before = fake.inventory();
        await world.deploy({ code: 'a' });
        for (const one of acts) await one(world);
        const options = { prune: true };
        await world.deploy(next, options);
        const again = await world.plan(next, options);
        expect(again).toMatchObject({ steps: [], changes: [] });
        const full = await world.plan(next, { ...options, drift: 'full' });
        expect(full.steps.map(({ id }) => id)).toStrictEqual([]);
        const versions = (await world.manager.describe('orders'))?.versions ?? [];
        expect(versions.length).toBeLessThanOrEqual(next.keepVersions ?? 5);
        expect((await world.manager.invoke('orders')).output).toBe(next.code);
        await world.remove();
        expect(fake.inventory()).toStrictEqual(before);
      }),
      runs,
    );
  });

  it('goes on where a first deploy was broken off', async () => {
    const steps = ['group', 'identity', 'plan', 'site', 'upload', 'pending', 'settings', 'record'];
    await fc.assert(
      fc.asyncProperty(wish, fc.constantFrom(...steps), async (next, until) => {
        await using world = await azureWorld();
        await world.deploy(next, { until });
        await world.deploy(next);
        expect((await world.plan(next)).steps).toStrictEqual([]);
        expect((await world.manager.invoke('orders')).output).toBe(next.code);
      }),
      runs,
    );
  });
});

/** Not each deploy has each step. */
function ofNoSuchStep(error: unknown): void {
  if (!(error instanceof Error) || !error.message.startsWith('There is no step')) throw error;
}
