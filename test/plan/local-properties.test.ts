import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PHASES, type Plan } from 'polyfaas/spi';
import { dependenciesOf } from '../../src/engine/step-order.ts';
import type { EventSpec } from '../../src/spec/types.ts';
import { localWorld, type Wish, type World } from './local-world.ts';

const EVENTS: readonly EventSpec[] = [
  { type: 'queue', id: 'a', queue: 'orders' },
  { type: 'queue', id: 'a', queue: 'orders', batchSize: 3 },
  { type: 'http', id: 'b', path: '/b' },
  { type: 'http', id: 'c', path: '/c/{id}', enabled: false },
  { type: 'schedule', id: 'd', every: '5 minutes' },
  { type: 'topic', id: 'e', topic: 'news', filter: { country: ['de'] } },
];

const event = fc.constantFrom(...EVENTS);

const wish: fc.Arbitrary<Wish> = fc.record({
  code: fc.constantFrom('a', 'b', 'c'),
  memoryMb: fc.constantFrom(128, 256),
  env: fc.constantFrom({}, { A: '1' }, { A: { $secret: 'a' } }),
  events: fc.uniqueArray(event, { selector: ({ id }) => id, maxLength: 3 }),
  maxInstances: fc.constantFrom(1, 2),
  minInstances: fc.constantFrom(0, 1),
  keepVersions: fc.integer({ min: 1, max: 3 }),
  tags: fc.constantFrom({}, { team: 'x' }),
  pruneBindings: fc.boolean(),
  adopt: fc.boolean(),
});

type Act = (world: World) => Plan;

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: wish.map(
      (one): Act =>
        (world) =>
          world.deploy(one),
    ),
  },
  event.map(
    (one): Act =>
      (world) =>
        world.configureEvent(one),
  ),
  fc.constantFrom('a', 'b', 'c').map(
    (id): Act =>
      (world) =>
        world.removeEvent(id),
  ),
  fc.integer({ min: 0, max: 9 }).map((index): Act => (world) => {
    const { versions } = world.observed();
    return world.rollback(String(versions[index % versions.length]?.version));
  }),
  fc.integer({ min: 1, max: 3 }).map(
    (keep): Act =>
      (world) =>
        world.prune(keep),
  ),
  fc.constant<Act>((world) => world.preWarm(2)),
);

/** A world with a deployed function that a few things have happened to. */
function lived(acts: readonly Act[]): World {
  const world = localWorld();
  world.apply(world.deploy({ code: 'a' }));
  for (const one of acts) world.apply(one(world));
  return world;
}

const life = fc.array(act, { maxLength: 5 });

describe('planning on the local provider', () => {
  it('is pure: the same twice, JSON in and out, phases in order', () => {
    fc.assert(
      fc.property(life, act, (acts, next) => {
        using world = lived(acts);
        const plan = next(world);
        // The inputs are frozen through and through: a planner that changed them would throw.
        expect(next(world)).toStrictEqual(plan);
        expect(JSON.parse(JSON.stringify(plan))).toStrictEqual(plan);
        dependenciesOf(plan);
        const phases = plan.steps.map(({ phase }) => PHASES.indexOf(phase));
        expect(phases).toStrictEqual(phases.toSorted((a, b) => a - b));
        expect(plan.basedOn).toBe(world.observed().token);
      }),
      { numRuns: 40 },
    );
  });

  it('says what it is about to change exactly when it changes something', () => {
    fc.assert(
      fc.property(life, wish, (acts, next) => {
        using world = lived(acts);
        const plan = world.deploy(next);
        expect(plan.changes.length > 0).toBe(plan.steps.length > 0);
      }),
      { numRuns: 40 },
    );
  });

  it('has nothing to do on the state that a plan leads to', () => {
    fc.assert(
      fc.property(life, wish, (acts, next) => {
        using world = lived(acts);
        world.apply(world.deploy(next));
        const again = world.deploy(next);
        expect(again.steps).toStrictEqual([]);
        expect(again.changes).toStrictEqual([]);
        const { token, versions, liveVersion } = world.observed();
        world.apply(again);
        expect(world.observed().token).toBe(token);
        expect(versions.length).toBeLessThanOrEqual(next.keepVersions ?? 5);
        expect(versions.map(({ version }) => version)).toContain(liveVersion);
      }),
      { numRuns: 40 },
    );
  });

  it('touches nothing of the live version before the switch', () => {
    fc.assert(
      fc.property(life, wish, fc.nat(5), (acts, next, stopBefore) => {
        using world = lived(acts);
        const before = world.observed();
        const plan = world.deploy(next);
        const beforeSwitch = plan.steps.filter(
          ({ phase }) => PHASES.indexOf(phase) < PHASES.indexOf('switch'),
        );
        world.apply({ ...plan, steps: beforeSwitch.slice(0, stopBefore), result: {} });
        const after = world.observed();
        expect(after.liveVersion).toBe(before.liveVersion);
        expect(after.settings).toStrictEqual(before.settings);
        expect(after.bindings).toStrictEqual(before.bindings);
        // What was left undone is found by planning anew.
        world.apply(world.deploy(next));
        expect(world.deploy(next).steps).toStrictEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('of a configured event converges, and of a removal too', () => {
    fc.assert(
      fc.property(life, event, (acts, next) => {
        using world = lived(acts);
        world.apply(world.configureEvent(next));
        expect(world.configureEvent(next).steps).toStrictEqual([]);
        world.apply(world.removeEvent(next.id ?? ''));
        expect(world.removeEvent(next.id ?? '').steps).toStrictEqual([]);
        world.apply(world.remove());
        expect(world.remove().steps).toStrictEqual([]);
        expect(world.observed().token).toBe('absent');
      }),
      { numRuns: 40 },
    );
  });
});
