import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventSpec } from '../../src/spec/types.ts';
import { livesOf } from '../support/plan/lives.ts';
import {
  assertAtRest,
  assertChangesTold,
  assertGoesOn,
  assertOneGoesOn,
  assertPure,
  assertSafeBeforeSwitch,
} from '../support/plan/properties.ts';
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

const lives = livesOf<Wish, World>({
  world: vercelWorld,
  first: { code: 'a' },
  wish,
  event,
  bindings: ['a', 'b', 'd', 'e'],
  numRuns: 60,
});
const { life, lived, runs } = lives;

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
  it('is pure: the same twice, JSON in and out, phases in order', () =>
    assertPure(lives, ({ steps }) => {
      expect(new Set(steps.flatMap(({ locks }) => locks)).size).toBeLessThan(2);
    }));

  it('says what it is about to change exactly when it changes something', () =>
    assertChangesTold(lives));

  it('has nothing to do on the state that a plan leads to', () =>
    assertAtRest(lives, (world, { keepVersions = 5 }) => expectSettled(world, keepVersions)));

  it('moves no traffic before the switch, and knows at any moment what it reaches', () =>
    assertSafeBeforeSwitch(lives, {
      at: ({ steps }) => steps.findIndex(({ id }) => id === 'promote'),
      served,
      brokenOff(world) {
        expect(world.observed().description?.liveVersion).toMatch(/^[0-9a-f]{10}$/);
      },
      ended: (world, { keepVersions = 5 }) => expectSettled(world, keepVersions),
    }));

  it('comes to the same end after anything that was broken off', () =>
    assertGoesOn(lives, (world, { keepVersions = 5 }) => expectSettled(world, keepVersions)));

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
        world.apply(plan, stopAfter);
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
        world.apply(plan, stopAfter);
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
        world.apply(plan, stopAfter);
        world.apply(world.rollback(version));
        expect(world.rollback(version).steps).toStrictEqual([]);
        expect(world.observed().description).toMatchObject({ liveVersion: version, bindings });
        expect(world.observed().description?.versions).toHaveLength(versions.length);
      }),
      runs,
    );
  });

  it('lets one of two deploys go on', () => assertOneGoesOn(lives, life));
});
