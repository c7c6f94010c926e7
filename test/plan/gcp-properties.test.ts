import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PHASES, type Plan } from 'polyfaas/spi';
import { isKept } from '../../providers/gcp/observe.ts';
import { dependenciesOf } from '../../src/engine/step-order.ts';
import type { EventSpec } from '../../src/spec/types.ts';
import { GIVEN_ACCOUNT } from './gcp-platform.ts';
import { gcpWorld, type Wish, type World } from './gcp-world.ts';

const EVENTS: readonly EventSpec[] = [
  { type: 'queue', id: 'a', queue: 'orders', create: true },
  { type: 'queue', id: 'a', queue: 'orders', create: true, retry: { maxAttempts: 7 } },
  { type: 'http', id: 'b', path: '/b' },
  { type: 'schedule', id: 'd', every: '5 minutes' },
  { type: 'topic', id: 'e', topic: 'news', retry: { maxAttempts: 2 }, deadLetter: 'dead' },
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
  gcp: fc.constantFrom(
    {},
    { httpAccess: 'private' as const },
    { serviceAccount: GIVEN_ACCOUNT },
    { invokeKeyId: 'k2' },
  ),
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
    const versions = world.observed().description?.versions ?? [];
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
  const world = gcpWorld();
  world.apply(world.deploy({ code: 'a' }));
  for (const one of acts) world.apply(one(world));
  return world;
}

const life = fc.array(act, { maxLength: 5 });
const runs = { numRuns: 60 };

/** What all traffic goes to. */
function served(world: World): string | undefined {
  return world.state().service?.traffic.find(({ percent }) => percent === 100)?.revision;
}

/** Traffic, tags and revisions are what the record says. */
function expectSettled(world: World, keepVersions: number): void {
  const { record } = world.observed();
  const { service } = world.state();
  const kept = record.versions.filter(isKept);
  expect(kept.length).toBeLessThanOrEqual(keepVersions);
  expect(kept.map(({ version }) => version)).toContain(record.live);
  expect(served(world)).toBe(kept.find(({ version }) => version === record.live)?.revision);
  expect(service?.traffic.map(({ tag }) => tag).toSorted()).toStrictEqual(
    kept.map(({ version }) => `v${version}`).toSorted(),
  );
  expect(record.pending).toStrictEqual([]);
  expect(record.next).toBeNull();
}

describe('planning on Google Cloud', () => {
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
        expectSettled(world, next.keepVersions ?? 5);
        expect(world.state().service?.minInstances).toBe(next.minInstances);
        world.readAll();
        expect(world.deploy(next).steps).toStrictEqual([]);
      }),
      runs,
    );
  });

  it('moves no traffic before the switch, and finds what was left undone', () => {
    fc.assert(
      fc.property(life, wish, fc.nat(30), (acts, next, stopAfter) => {
        const world = lived(acts);
        const before = served(world);
        const live = world.observed().record.live;
        const plan = world.deploy(next);
        const switchAt = plan.steps.findIndex(({ id }) => id === 'traffic');
        const until = Math.min(stopAfter, plan.steps.length);
        world.apply(plan, until);
        if (until <= switchAt) {
          expect(served(world)).toBe(before);
          expect(world.observed().record.live).toBe(live);
        }
        world.apply(world.deploy(next));
        expect(world.deploy(next).steps).toStrictEqual([]);
        expectSettled(world, next.keepVersions ?? 5);
      }),
      runs,
    );
  });

  it('comes to the same end after anything that was broken off', () => {
    const broken = fc.tuple(act, fc.nat(30));
    fc.assert(
      fc.property(life, fc.array(broken, { maxLength: 3 }), wish, (acts, breaks, next) => {
        const world = lived(acts);
        for (const [one, stopAfter] of breaks) {
          const plan = one(world);
          world.apply(plan, Math.min(stopAfter, plan.steps.length));
        }
        world.apply(world.deploy(next));
        expect(world.deploy(next).steps).toStrictEqual([]);
        expectSettled(world, next.keepVersions ?? 5);
        world.readAll();
        expect(world.deploy(next).steps).toStrictEqual([]);
      }),
      runs,
    );
  });

  it('of a first deploy that was broken off goes on to the same end, and leaves nothing', () => {
    fc.assert(
      fc.property(wish, fc.nat(30), fc.nat(30), (next, stopAfter, removeUntil) => {
        const world = gcpWorld();
        const plan = world.deploy(next);
        world.apply(plan, Math.min(stopAfter, plan.steps.length));
        world.apply(world.deploy(next));
        expect(world.deploy(next).steps).toStrictEqual([]);
        world.readAll();
        const removal = world.remove();
        world.apply(removal, Math.min(removeUntil, removal.steps.length));
        world.apply(world.remove());
        expect(world.remove().steps).toStrictEqual([]);
        expect(world.observed().token).toBe('absent');
        expect(world.state()).toMatchObject({ account: false, secret: null, function: null });
      }),
      runs,
    );
  });

  it('removes what any first deploy left that was broken off', () => {
    fc.assert(
      fc.property(wish, fc.nat(30), (next, stopAfter) => {
        const world = gcpWorld();
        const plan = world.deploy(next);
        world.apply(plan, Math.min(stopAfter, plan.steps.length));
        world.readAll();
        world.apply(world.remove());
        expect(world.remove().steps).toStrictEqual([]);
        expect(world.state()).toMatchObject({ account: false, secret: null, function: null });
      }),
      runs,
    );
  });

  it('lets only one of two deploys at once go on', () => {
    fc.assert(
      fc.property(wish, wish, fc.nat(30), (one, other, until) => {
        const world = lived([]);
        const [first, second] = [world.deploy(one), world.deploy(other)];
        fc.pre(first.steps.length > 1 && second.steps.length > 1);
        const begun = Math.max(
          first.steps.findIndex(({ id }) => id === 'claim') + 1,
          Math.min(until, first.steps.length),
        );
        world.apply(first, begun);
        expect(() => world.apply(second)).toThrow('The step expects');
      }),
      runs,
    );
  });
});
