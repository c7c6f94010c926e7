import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PHASES } from 'polyfaas/spi';
import type { EventSpec } from '../../src/spec/types.ts';
import { livesOf } from '../support/plan/lives.ts';
import { assertAtRest, assertChangesTold, assertPure } from '../support/plan/properties.ts';
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

const lives = livesOf<Wish, World>({
  world: localWorld,
  first: { code: 'a' },
  wish,
  event,
  bindings: ['a', 'b', 'c'],
  numRuns: 40,
});
const { life, lived, runs } = lives;

describe('planning on the local provider', () => {
  it('is pure: the same twice, JSON in and out, phases in order', () => assertPure(lives));

  it('says what it is about to change exactly when it changes something', () =>
    assertChangesTold(lives));

  it('has nothing to do on the state that a plan leads to', () =>
    assertAtRest(lives, (world, next) => {
      const { token, versions, liveVersion } = world.observed();
      world.apply(world.deploy(next));
      expect(world.observed().token).toBe(token);
      expect(versions.length).toBeLessThanOrEqual(next.keepVersions ?? 5);
      expect(versions.map(({ version }) => version)).toContain(liveVersion);
    }));

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
      runs,
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
      runs,
    );
  });
});
