import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PHASES, type Plan } from 'polyfaas/spi';
import { dependenciesOf } from '../../src/engine/step-order.ts';
import type { EventSpec } from '../../src/spec/types.ts';
import { vercelWorld, type Wish, type World } from './vercel-world.ts';

const EVENTS: readonly EventSpec[] = [
  { type: 'queue', id: 'a', queue: 'orders', create: true },
  { type: 'queue', id: 'a', queue: 'orders', create: true, retry: { maxAttempts: 7 } },
  { type: 'http', id: 'b', path: '/b' },
  { type: 'http', id: 'b', path: '/b', enabled: false },
  { type: 'schedule', id: 'd', every: '5 minutes' },
  { type: 'topic', id: 'e', topic: 'news', retry: { maxAttempts: 2 }, deadLetter: 'dead' },
  { type: 'topic', id: 'e', topic: 'other' },
];

const event = fc.constantFrom(...EVENTS);

const wish: fc.Arbitrary<Wish> = fc.record<Wish>({
  code: fc.constantFrom('a', 'b', 'c'),
  memoryMb: fc.constantFrom(128, 256),
  timeoutSeconds: fc.constantFrom(10, 20),
  env: fc.constantFrom({}, { AA: '1' }, { AA: { $secret: 'a' } }),
  events: fc.uniqueArray(event, { selector: ({ id }) => id, maxLength: 3 }),
  keepVersions: fc.integer({ min: 1, max: 3 }),
  tags: fc.constantFrom({}, { team: 'x' }),
  async: fc.constantFrom({}, { retry: { maxAttempts: 1 } }),
  vercel: fc.constantFrom(
    {},
    { invokeKeyId: 'k2' },
    { regions: ['iad1'] },
    { domain: 'shop.example.com' },
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
  fc.constantFrom('a', 'b', 'd', 'e').map(
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

/** Somebody promotes a deployment by hand, deletes one, or loses variables. */
type Meddling = (world: World) => void;

const meddling: fc.Arbitrary<Meddling> = fc.oneof(
  fc.nat(5).map((index): Meddling => (world) => {
    world.meddle(({ project, deployments }) => {
      const promoted = deployments[index % deployments.length];
      if (!project || !promoted) return;
      promoted.hasServed = true;
      project.production = promoted.id;
    });
  }),
  fc.nat(5).map((index): Meddling => (world) => {
    world.meddle((state) => {
      const deleted = state.deployments[index % state.deployments.length];
      if (deleted === undefined) return;
      state.deployments = state.deployments.filter((one) => one !== deleted);
      if (state.project?.production === deleted.id) state.project.production = null;
    });
  }),
  fc.constantFrom('POLYFAAS_INVOKE_KEYS', 'CRON_SECRET', 'POLYFAAS_ENV_', 'POLYFAAS_FILES_').map(
    (prefix): Meddling =>
      (world) =>
        world.meddle((state) => {
          state.variables = state.variables.filter(({ key }) => !key.startsWith(prefix));
        }),
  ),
  fc.constant<Meddling>((world) =>
    world.meddle(({ project }) => {
      if (project) project.hasBypass = false;
    }),
  ),
  fc.constant<Meddling>((world) =>
    world.meddle((state) => {
      if (!state.project) return;
      state.deployments.push({
        id: 'dpl_theirs',
        host: 'theirs.vercel.app',
        digest: null,
        version: null,
        state: 'READY',
        hasServed: true,
        keys: 0,
      });
      state.project.production = 'dpl_theirs';
    }),
  ),
);

/** A world with a deployed function that a few things have happened to. */
function lived(acts: readonly Act[]): World {
  const world = vercelWorld();
  world.apply(world.deploy({ code: 'a' }));
  for (const one of acts) world.apply(one(world));
  return world;
}

const life = fc.array(act, { maxLength: 5 });
const runs = { numRuns: 60 };

/** What production traffic reaches. */
function served(world: World): string | null {
  return world.state().project?.production ?? null;
}

/** Deployments and variables are what the record says. */
function expectSettled(world: World, keepVersions: number): void {
  const { record } = world.observed().kept ?? expect.fail('There is no record.');
  const { deployments, variables } = world.state();
  const ids = new Set(record.versions.map(({ deployment }) => deployment?.id));
  expect(record.versions.length).toBeLessThanOrEqual(keepVersions);
  expect(record.versions.every(({ createdAt }) => createdAt !== null)).toBe(true);
  const live = record.versions.find(({ version }) => version === record.live);
  expect(served(world)).toBe(live?.deployment?.id);
  expect(new Set(deployments.map(({ id }) => id))).toStrictEqual(ids);
  expect(record.next).toBeNull();
  const topics = record.bindings.filter((binding) => binding.event.type === 'topic');
  expect(Object.keys(record.since)).toStrictEqual(topics.map(({ id }) => id));
  const names = record.versions.map(({ version }) => version.toUpperCase());
  const ofVersions = variables.filter(({ key }) => /^POLYFAAS_(?:ENV|FILES)_/.test(key));
  expect(ofVersions.every(({ key }) => names.includes(key.split('_').at(-1) ?? ''))).toBe(true);
}

describe('planning on Vercel', () => {
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
        expect(new Set(plan.steps.flatMap(({ locks }) => locks)).size).toBeLessThan(2);
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
        world.readAll();
        expect(world.deploy(next).steps).toStrictEqual([]);
      }),
      runs,
    );
  });

  it('moves no traffic before the switch, and knows at any moment what it reaches', () => {
    fc.assert(
      fc.property(life, wish, fc.nat(30), (acts, next, stopAfter) => {
        const world = lived(acts);
        const before = served(world);
        const plan = world.deploy(next);
        const switchAt = plan.steps.findIndex(({ id }) => id === 'promote');
        const until = Math.min(stopAfter, plan.steps.length);
        world.apply(plan, until);
        if (until <= switchAt) expect(served(world)).toBe(before);
        expect(world.observed().description?.liveVersion).toMatch(/^[0-9a-f]{10}$/);
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

  it('puts right what somebody else changed', () => {
    fc.assert(
      fc.property(life, fc.array(meddling, { maxLength: 3 }), wish, (acts, hands, next) => {
        const world = lived(acts);
        for (const one of hands) one(world);
        world.readAll();
        world.apply(world.deploy(next));
        expect(world.deploy(next).steps).toStrictEqual([]);
        const { project, deployments, keys } = world.state();
        const live = deployments.find(({ id }) => id === project?.production);
        expect(live?.version).toBe(world.observed().description?.liveVersion);
        expect(live?.keys).toBe(keys);
        expect(project?.hasBypass).toBe(true);
      }),
      runs,
    );
  });

  it('of a first deploy that was broken off goes on to the same end, and leaves nothing', () => {
    fc.assert(
      fc.property(wish, fc.nat(30), (next, stopAfter) => {
        const world = vercelWorld();
        const plan = world.deploy(next);
        world.apply(plan, Math.min(stopAfter, plan.steps.length));
        world.apply(world.deploy(next));
        expect(world.deploy(next).steps).toStrictEqual([]);
        expectSettled(world, next.keepVersions ?? 5);
        world.readAll();
        expect(world.deploy(next).steps).toStrictEqual([]);
        world.apply(world.remove());
        expect(world.state()).toMatchObject({ project: null, variables: [], deployments: [] });
        expect(world.remove().steps).toStrictEqual([]);
      }),
      runs,
    );
  });

  it('adds and removes an event as a deploy would, and finishes what it began', () => {
    fc.assert(
      fc.property(life, event, fc.nat(30), (acts, one, stopAfter) => {
        const world = lived(acts);
        const before = world.observed().description?.liveVersion;
        const plan = world.configureEvent(one);
        world.apply(plan, Math.min(stopAfter, plan.steps.length));
        world.apply(world.configureEvent(one));
        expect(world.configureEvent(one).steps).toStrictEqual([]);
        const { description, kept } = world.observed();
        expect(description?.liveVersion).toBe(before);
        expect(kept?.record.next).toBeNull();
        const id = one.id ?? '';
        expect(description?.bindings.map((binding) => binding.id)).toContain(id);
        world.apply(world.removeEvent(id));
        expect(world.removeEvent(id).steps).toStrictEqual([]);
        expect(world.observed().description?.bindings.map((binding) => binding.id)).not.toContain(
          id,
        );
        expect(world.state().deployments).toHaveLength(kept?.record.versions.length ?? 0);
      }),
      runs,
    );
  });

  it('rolls back to any version that is kept, with the bindings as they are', () => {
    fc.assert(
      fc.property(life, fc.nat(9), fc.nat(12), (acts, index, stopAfter) => {
        const world = lived(acts);
        const versions = world.observed().description?.versions ?? [];
        const version = versions[index % versions.length]?.version ?? '';
        const { bindings } = world.observed().description ?? {};
        const plan = world.rollback(version);
        world.apply(plan, Math.min(stopAfter, plan.steps.length));
        world.apply(world.rollback(version));
        expect(world.rollback(version).steps).toStrictEqual([]);
        expect(world.observed().description).toMatchObject({ liveVersion: version, bindings });
        expect(world.observed().description?.versions).toHaveLength(versions.length);
      }),
      runs,
    );
  });

  it('lets one of two deploys go on', () => {
    fc.assert(
      fc.property(life, wish, wish, fc.nat(30), (acts, one, other, until) => {
        const world = lived(acts);
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
