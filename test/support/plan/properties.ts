/** What holds of the plans of any cloud. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { PHASES, type Plan } from 'polyfaas/spi';
import { dependenciesOf } from '../../../src/engine/step-order.ts';
import type { Lives } from './lives.ts';
import type { PlanWorld } from './world.ts';

/** Made twice it is the same, JSON in and out, its steps in the order of their phases. */
export function assertPure<Wish, World extends PlanWorld<Wish>>(
  { life, act, lived, runs }: Lives<Wish, World>,
  also: (plan: Plan) => void = () => {},
): void {
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
      also(plan);
    }),
    runs,
  );
}

/** There are changes to tell of exactly where there are steps. */
export function assertChangesTold<Wish, World extends PlanWorld<Wish>>({
  life,
  wish,
  lived,
  runs,
}: Lives<Wish, World>): void {
  fc.assert(
    fc.property(life, wish, (acts, next) => {
      using world = lived(acts);
      const plan = world.deploy(next);
      expect(plan.changes.length > 0).toBe(plan.steps.length > 0);
    }),
    runs,
  );
}

/** The same wish again, once it is done, needs no step. */
export function assertAtRest<Wish, World extends PlanWorld<Wish>>(
  { life, wish, lived, runs }: Lives<Wish, World>,
  also: (world: World, wish: Wish) => void,
): void {
  fc.assert(
    fc.property(life, wish, (acts, next) => {
      using world = lived(acts);
      world.apply(world.deploy(next));
      const again = world.deploy(next);
      expect(again.steps).toStrictEqual([]);
      expect(again.changes).toStrictEqual([]);
      also(world, next);
      world.readAll();
      expect(world.deploy(next).steps).toStrictEqual([]);
    }),
    runs,
  );
}

export interface Switch<Wish, World> {
  /** Of which step on traffic may be another; -1: no step switches. */
  at(plan: Plan): number;
  /** What is the same until then. */
  served(world: World): unknown;
  /** Once the deploy was broken off. */
  brokenOff?(world: World): void;
  /** Once the deploy has come to its end. */
  ended?(world: World, wish: Wish): void;
}

/** A deploy that is broken off has moved nothing before its switch, and another one finishes it. */
export function assertSafeBeforeSwitch<Wish, World extends PlanWorld<Wish>>(
  { life, wish, lived, runs }: Lives<Wish, World>,
  { at, served, brokenOff, ended }: Switch<Wish, World>,
): void {
  fc.assert(
    fc.property(life, wish, fc.nat(30), (acts, next, stopAfter) => {
      using world = lived(acts);
      const before = served(world);
      const plan = world.deploy(next);
      const until = Math.min(stopAfter, plan.steps.length);
      world.apply(plan, until);
      if (until <= at(plan)) expect(served(world)).toStrictEqual(before);
      brokenOff?.(world);
      // What was left undone is found by planning anew.
      world.apply(world.deploy(next));
      expect(world.deploy(next).steps).toStrictEqual([]);
      ended?.(world, next);
    }),
    runs,
  );
}

/** Whatever was broken off, a deploy leads to the end that it would have led to. */
export function assertGoesOn<Wish, World extends PlanWorld<Wish>>(
  { life, act, wish, lived, runs }: Lives<Wish, World>,
  ended: (world: World, wish: Wish) => void,
): void {
  const broken = fc.tuple(act, fc.nat(30));
  fc.assert(
    fc.property(life, fc.array(broken, { maxLength: 3 }), wish, (acts, breaks, next) => {
      using world = lived(acts);
      for (const [one, stopAfter] of breaks) world.apply(one(world), stopAfter);
      world.apply(world.deploy(next));
      expect(world.deploy(next).steps).toStrictEqual([]);
      ended(world, next);
      world.readAll();
      expect(world.deploy(next).steps).toStrictEqual([]);
    }),
    runs,
  );
}

/** Of two deploys that were planned at once, the second does not go on once the first has said so. */
export function assertOneGoesOn<Wish, World extends PlanWorld<Wish>>(
  { wish, lived, runs }: Lives<Wish, World>,
  life: Lives<Wish, World>['life'],
): void {
  fc.assert(
    fc.property(life, wish, wish, fc.nat(30), (acts, one, other, until) => {
      using world = lived(acts);
      const [first, second] = [world.deploy(one), world.deploy(other)];
      fc.pre(first.steps.length > 1 && second.steps.length > 1);
      const claimed = first.steps.findIndex(({ id }) => id === 'claim') + 1;
      world.apply(first, Math.max(claimed, until));
      expect(() => world.apply(second)).toThrow('The step expects');
    }),
    runs,
  );
}
