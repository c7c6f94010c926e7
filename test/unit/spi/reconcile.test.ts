import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Binding } from '../../../src/spi/bindings.ts';
import { bindingsDigest, sameJson } from '../../../src/spi/digest.ts';
import { reconcileBindings } from '../../../src/spi/reconcile.ts';

function binding(id: string, origin: Binding['origin'], everySeconds = 60): Binding {
  return {
    id,
    origin,
    event: {
      type: 'schedule',
      enabled: true,
      when: { everySeconds },
      timezone: 'UTC',
      input: null,
    },
  };
}

const bindings = (origins: readonly Binding['origin'][]): fc.Arbitrary<Binding[]> =>
  fc
    .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 5 })
    .chain((ids) =>
      fc.tuple(
        ...ids.map((id) =>
          fc
            .tuple(fc.constantFrom(...origins), fc.integer({ min: 1, max: 2 }))
            .map(([origin, every]) => binding(id, origin, every)),
        ),
      ),
    );

describe('reconcileBindings', () => {
  it('removes what left the declaration and keeps what was added by hand', () => {
    const { remove, result } = reconcileBindings(
      [binding('a', 'spec')],
      [binding('b', 'spec'), binding('c', 'api')],
      { prune: false },
    );
    expect(remove.map(({ id }) => id)).toEqual(['b']);
    expect(result.map(({ id }) => id)).toEqual(['a', 'c']);
  });

  it('takes away what was added by hand too when told to prune', () => {
    const { remove } = reconcileBindings([], [binding('c', 'api')], { prune: true });
    expect(remove.map(({ id }) => id)).toEqual(['c']);
  });

  it('converges: reconciling again changes nothing', () => {
    fc.assert(
      fc.property(
        bindings(['spec']),
        bindings(['spec', 'api']),
        fc.boolean(),
        (wish, observed, prune) => {
          const first = reconcileBindings(wish, observed, { prune });
          const again = reconcileBindings(wish, first.result, { prune });
          expect([again.add, again.change, again.remove]).toEqual([[], [], []]);
          expect(again.result).toEqual(first.result);
          for (const one of wish) expect(first.result).toContainEqual(one);
        },
      ),
    );
  });

  it('digests bindings whatever their order', () => {
    fc.assert(
      fc.property(bindings(['spec', 'api']), (some) => {
        expect(bindingsDigest(some.toReversed())).toBe(bindingsDigest(some));
      }),
    );
  });

  it('compares JSON whatever the order of keys', () => {
    expect(sameJson({ a: 1, b: { c: [1], d: 2 } }, { b: { d: 2, c: [1] }, a: 1 })).toBe(true);
    expect(sameJson({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
  });
});
