import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isKept } from '../../providers/gcp/observe.ts';
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
    { ingress: 'ALLOW_INTERNAL_ONLY' as const },
  ),
  pruneBindings: fc.boolean(),
});

const lives = livesOf<Wish, World>({
  world: gcpWorld,
  first: { code: 'a' },
  wish,
  event,
  bindings: ['a', 'b', 'd'],
  numRuns: 60,
});
const { runs } = lives;

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
  it('is pure: the same twice, JSON in and out, phases in order', () => assertPure(lives));

  it('says what it is about to change exactly when it changes something', () =>
    assertChangesTold(lives));

  it('has nothing to do on the state that a plan leads to', () =>
    assertAtRest(lives, (world, next) => {
      expectSettled(world, next.keepVersions ?? 5);
      expect(world.state().service?.minInstances).toBe(next.minInstances);
    }));

  it('moves no traffic before the switch, and finds what was left undone', () =>
    assertSafeBeforeSwitch(lives, {
      at: ({ steps }) => steps.findIndex(({ id }) => id === 'traffic'),
      served: (world) => [served(world), world.observed().record.live],
      ended: (world, { keepVersions = 5 }) => expectSettled(world, keepVersions),
    }));

  it('comes to the same end after anything that was broken off', () =>
    assertGoesOn(lives, (world, { keepVersions = 5 }) => expectSettled(world, keepVersions)));

  it('of a first deploy that was broken off goes on to the same end, and leaves nothing', () => {
    fc.assert(
      fc.property(wish, fc.nat(30), fc.nat(30), (next, stopAfter, removeUntil) => {
        const world = gcpWorld();
        const plan = world.deploy(next);
        world.apply(plan, stopAfter);
        world.apply(world.deploy(next));
        expect(world.deploy(next).steps).toStrictEqual([]);
        world.readAll();
        const removal = world.remove();
        world.apply(removal, removeUntil);
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
        world.apply(plan, stopAfter);
        world.readAll();
        world.apply(world.remove());
        expect(world.remove().steps).toStrictEqual([]);
        expect(world.state()).toMatchObject({ account: false, secret: null, function: null });
      }),
      runs,
    );
  });

  it('lets only one of two deploys at once go on', () => assertOneGoesOn(lives, fc.constant([])));
});
