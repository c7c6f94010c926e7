/** Lives of a function, for properties of plans: a deploy, and then a few things that happen to it. */
import fc from 'fast-check';
import type { Plan } from 'polyfaas/spi';
import type { EventSpec } from '../../../src/spec/types.ts';
import type { PlanWorld } from './world.ts';

/** Something that happens: what is planned for it. */
export type Act<World> = (world: World) => Plan;

/** What planners of a cloud are given. */
export interface LifeParts<Wish, World> {
  world(): World;
  readonly first: Wish;
  readonly wish: fc.Arbitrary<Wish>;
  readonly event: fc.Arbitrary<EventSpec>;
  /** Of bindings that may be removed. */
  readonly bindings: readonly string[];
  readonly numRuns: number;
}

export interface Lives<Wish, World> extends Pick<LifeParts<Wish, World>, 'world' | 'wish'> {
  readonly act: fc.Arbitrary<Act<World>>;
  readonly life: fc.Arbitrary<readonly Act<World>[]>;
  readonly runs: { readonly numRuns: number };
  /** A world with a deployed function that a few things have happened to. */
  lived(acts: readonly Act<World>[]): World;
}

export function livesOf<Wish, World extends PlanWorld<Wish>>({
  world,
  first,
  wish,
  event,
  bindings,
  numRuns,
}: LifeParts<Wish, World>): Lives<Wish, World> {
  const act = fc.oneof(
    {
      weight: 4,
      arbitrary: wish.map(
        (one): Act<World> =>
          (lived) =>
            lived.deploy(one),
      ),
    },
    event.map(
      (one): Act<World> =>
        (lived) =>
          lived.configureEvent(one),
    ),
    fc.constantFrom(...bindings).map(
      (id): Act<World> =>
        (lived) =>
          lived.removeEvent(id),
    ),
    fc.integer({ min: 0, max: 9 }).map((index): Act<World> => (lived) => {
      const versions = lived.observed().description?.versions ?? [];
      return lived.rollback(versions[index % versions.length]?.version ?? '');
    }),
    fc.integer({ min: 1, max: 3 }).map(
      (keep): Act<World> =>
        (lived) =>
          lived.prune(keep),
    ),
    fc.constant<Act<World>>((lived) => lived.preWarm(2)),
  );
  return {
    world,
    wish,
    act,
    life: fc.array(act, { maxLength: 5 }),
    runs: { numRuns },
    lived(acts) {
      const lived = world();
      lived.apply(lived.deploy(first));
      for (const one of acts) lived.apply(one(lived));
      return lived;
    },
  };
}
