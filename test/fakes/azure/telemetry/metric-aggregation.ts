import type { MetricDefinition, Sample } from './metric-definitions.ts';

export const AGGREGATIONS = ['average', 'count', 'maximum', 'minimum', 'total'] as const;

export type Aggregation = (typeof AGGREGATIONS)[number];

export function isAggregation(name: string): name is Aggregation {
  return AGGREGATIONS.some((each) => each === name.toLowerCase());
}

/** The numbers of one interval. Counts of nothing are 0, an average of nothing there is not. */
export function aggregate(
  definition: MetricDefinition,
  wish: { readonly samples: readonly Sample[]; readonly aggregations: readonly Aggregation[] },
  from: number,
  to: number,
): Readonly<Partial<Record<Aggregation, number>>> {
  const values = definition.valuesOf(wish.samples.filter(({ at }) => at >= from && at < to));
  const wanted = wish.aggregations.length === 0 ? [definition.primary] : wish.aggregations;
  return Object.fromEntries(
    wanted.flatMap((name) => {
      const value = valueOf(name, values);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function valueOf(name: Aggregation, values: readonly number[]): number | undefined {
  const total = values.reduce((sum, each) => sum + each, 0);
  if (name === 'total') return total;
  if (name === 'count') return values.length;
  if (values.length === 0) return undefined;
  if (name === 'average') return total / values.length;
  return name === 'maximum' ? Math.max(...values) : Math.min(...values);
}
