import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PHASES } from 'polyfaas/spi';
import type { EventSpec } from '../../src/spec/types.ts';
import { livesOf } from '../support/plan/lives.ts';
import {
  assertAtRest,
  assertChangesTold,
  assertPure,
  assertSafeBeforeSwitch,
} from '../support/plan/properties.ts';
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

const lives = livesOf<Wish, World>({
  world: awsWorld,
  first: { code: 'a' },
  wish,
  event,
  bindings: ['a', 'b', 'd'],
  numRuns: 60,
});
const { life, lived, runs } = lives;

describe('planning on AWS', () => {
  it('is pure: the same twice, JSON in and out, phases in order', () => assertPure(lives));

  it('says what it is about to change exactly when it changes something', () =>
    assertChangesTold(lives));

  it('has nothing to do on the state that a plan leads to', () =>
    assertAtRest(lives, (world, { keepVersions = 5 }) => {
      const { versions, live, record } = world.observed();
      const serving = 1 + Object.keys(live?.weights ?? {}).length;
      expect(versions.length).toBeLessThanOrEqual(Math.max(serving, keepVersions));
      expect(versions.map(({ version }) => version)).toContain(live?.version);
      expect(record.pending).toStrictEqual([]);
    }));

  it('touches nothing of the live version before the switch, and finds what was left undone', () =>
    assertSafeBeforeSwitch(lives, {
      at: ({ steps }) =>
        steps.findIndex(({ phase }) => PHASES.indexOf(phase) >= PHASES.indexOf('switch')),
      served(world) {
        const { live, record } = world.observed();
        return { live, record };
      },
    }));

  it('of a first deploy that was broken off goes on to the same end', () => {
    fc.assert(
      fc.property(wish, fc.nat(15), (next, stopAfter) => {
        const world = awsWorld();
        const plan = world.deploy(next);
        world.apply(plan, stopAfter);
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
        world.apply(plan, stopAfter);
        world.apply(world.configureEvent(next));
        expect(world.configureEvent(next).steps).toStrictEqual([]);
        const removal = world.removeEvent(next.id ?? '');
        world.apply(removal, stopAfter);
        world.apply(world.removeEvent(next.id ?? ''));
        expect(world.removeEvent(next.id ?? '').steps).toStrictEqual([]);
        world.apply(world.remove());
        expect(world.remove().steps).toStrictEqual([]);
      }),
      runs,
    );
  });
});
