import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PHASES, type Plan } from 'polyfaas/spi';
import { dependenciesOf } from '../../src/engine/step-order.ts';
import type { EventSpec } from '../../src/spec/types.ts';
import { awsWorld, type Wish, type World } from './aws-world.ts';

const EVENTS: readonly EventSpec[] = [
  { type: 'queue', id: 'a', queue: 'orders' },
  { type: 'queue', id: 'a', queue: 'orders', batchSize: 3 },
  { type: 'http', id: 'b', path: '/b' },
  { type: 'schedule', id: 'd', every: '5 minutes' },
  { type: 'topic', id: 'e', topic: 'news', retry: { maxAttempts: 2 } },
];

const event = fc.constantFrom(...EVENTS);

const wish: fc.Arbitrary<Wish> = fc.record<Wish>({
  code: fc.constantFrom('a', 'b', 'c'),
  memoryMb: fc.constantFrom(128, 256),
  timeoutSeconds: fc.constantFrom(10, 20),
  env: fc.constantFrom({}, { AA: '1' }, { AA: { $secret: 'a' } }),
  events: fc.uniqueArray(event, { selector: ({ id }) => id, maxLength: 3 }),
  maxInstances: fc.constantFrom(undefined, 5, 10),
  minInstances: fc.constantFrom(0, 1),
  keepVersions: fc.integer({ min: 1, max: 3 }),
  tags: fc.constantFrom({}, { team: 'x' }, { team: 'y', other: 'z' }),
  async: fc.constantFrom({}, { retry: { maxAttempts: 1 } }),
  aws: fc.constantFrom({}, { canary: { weight: 0.5 } }, { keepWarm: { instances: 2 } }),
  pruneBindings: fc.boolean(),
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
  fc.constantFrom('a', 'b', 'd').map(
    (id): Act =>
      (world) =>
        world.removeEvent(id),
  ),
  fc.integer({ min: 0, max: 9 }).map((index): Act => (world) => {
    const { versions } = world.observed();
    return world.rollback(versions[index % versions.length]?.version ?? '');
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
  const world = awsWorld();
  world.apply(world.deploy({ code: 'a' }));
  for (const one of acts) world.apply(one(world));
  return world;
}

const life = fc.array(act, { maxLength: 5 });
const runs = { numRuns: 60 };

describe('planning on AWS', () => {
  it('is pure: the same twice, JSON in and out, phases in order', () => {
    fc.assert(
      fc.property(life, act, (acts, next) => {
        const world = lived(acts);
        const plan = next(world);
        // The inputs are frozen through and through: a planner that changed them would throw.
        expect(next(world)).toStrictEqual(plan);
        expect(JSON.parse(JSON.stringify(plan))).toStrictEqual(plan);
        dependenciesOf(plan);
        const phases = plan.steps.map(({ phase }) => PHASES.indexOf(phase));
        expect(phases).toStrictEqual(phases.toSorted((a, b) => a - b));
        expect(plan.basedOn).toBe(world.observed().token);
      }),
      runs,
    );
  });

  it('says what it is about to change exactly when it changes something', () => {
    fc.assert(
      fc.property(life, wish, (acts, next) => {
        const plan = lived(acts).deploy(next);
        expect(plan.changes.length > 0).toBe(plan.steps.length > 0);
      }),
      runs,
    );
  });

  it('has nothing to do on the state that a plan leads to', () => {
    fc.assert(
      fc.property(life, wish, (acts, next) => {
        const world = lived(acts);
        world.apply(world.deploy(next));
        const again = world.deploy(next);
        expect(again.steps).toStrictEqual([]);
        expect(again.changes).toStrictEqual([]);
        const { versions, live, record } = world.observed();
        const serving = 1 + Object.keys(live?.weights ?? {}).length;
        expect(versions.length).toBeLessThanOrEqual(Math.max(serving, next.keepVersions ?? 5));
        expect(versions.map(({ version }) => version)).toContain(live?.version);
        expect(record.pending).toStrictEqual([]);
        world.readAll();
        expect(world.deploy(next).steps).toStrictEqual([]);
      }),
      runs,
    );
  });

  it('touches nothing of the live version before the switch, and finds what was left undone', () => {
    fc.assert(
      fc.property(life, wish, fc.nat(12), (acts, next, stopAfter) => {
        const world = lived(acts);
        const before = world.observed();
        const plan = world.deploy(next);
        const switchAt = plan.steps.findIndex(
          ({ phase }) => PHASES.indexOf(phase) >= PHASES.indexOf('switch'),
        );
        const until = Math.min(stopAfter, plan.steps.length);
        world.apply(plan, until);
        if (until <= switchAt) {
          const after = world.observed();
          expect(after.live).toStrictEqual(before.live);
          expect(after.record).toStrictEqual(before.record);
        }
        world.apply(world.deploy(next));
        expect(world.deploy(next).steps).toStrictEqual([]);
      }),
      runs,
    );
  });

  it('of a first deploy that was broken off goes on to the same end', () => {
    fc.assert(
      fc.property(wish, fc.nat(15), (next, stopAfter) => {
        const world = awsWorld();
        const plan = world.deploy(next);
        world.apply(plan, Math.min(stopAfter, plan.steps.length));
        world.apply(world.deploy(next));
        expect(world.deploy(next).steps).toStrictEqual([]);
        world.readAll();
        world.apply(world.remove());
        expect(world.remove().steps).toStrictEqual([]);
        expect(world.observed().token).toBe('absent');
      }),
      runs,
    );
  });

  it('of a configured event converges, and of a removal too', () => {
    fc.assert(
      fc.property(life, event, fc.nat(6), (acts, next, stopAfter) => {
        const world = lived(acts);
        const plan = world.configureEvent(next);
        world.apply(plan, Math.min(stopAfter, plan.steps.length));
        world.apply(world.configureEvent(next));
        expect(world.configureEvent(next).steps).toStrictEqual([]);
        const removal = world.removeEvent(next.id ?? '');
        world.apply(removal, Math.min(stopAfter, removal.steps.length));
        world.apply(world.removeEvent(next.id ?? ''));
        expect(world.removeEvent(next.id ?? '').steps).toStrictEqual([]);
        world.apply(world.remove());
        expect(world.remove().steps).toStrictEqual([]);
      }),
      runs,
    );
  });
});
