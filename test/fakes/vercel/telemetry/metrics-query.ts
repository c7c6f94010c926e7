import { z } from 'zod';
import { badRequest, VercelFault } from '../core/fault.ts';
import type { World } from '../core/ports.ts';
import { DIMENSIONS, METRICS, type Metric } from './catalog.ts';
import { type Filter, parseFilter } from './filter.ts';

/** A query whose fields are all right. */
export interface MetricsQuery {
  readonly projectIds: ReadonlySet<string>;
  readonly startMs: number;
  readonly endMs: number;
  readonly bucketMs: number;
  readonly groupBy: readonly string[];
  readonly filter: Filter;
  readonly outputs: readonly {
    readonly name: string;
    readonly metric: Metric;
    readonly aggregation: string;
  }[];
  readonly limit: number;
  readonly rankBy: readonly { readonly name: string; readonly isDescending: boolean }[];
}

const DEFAULT_LIMIT = 10;
const MAX_BUCKETS = 10_000;
const KEPT_DAYS = 92;
const DAY_MS = 24 * 3_600_000;

const instant = z.iso.datetime({ offset: true });
const BODY = z.strictObject({
  scope: z.strictObject({ ownerId: z.string(), projectIds: z.array(z.string()).min(1) }),
  timeRange: z.strictObject({ start: instant, end: instant }),
  bucketSeconds: z.int().min(60),
  groupBy: z.array(z.string()).optional(),
  filter: z.string().min(1).optional(),
  metrics: z.record(
    z.string().regex(/^[A-Za-z]\w*$/),
    z.strictObject({ metric: z.string(), aggregation: z.string() }),
  ),
  outputs: z.array(z.string()).min(1),
  seriesSelection: z
    .strictObject({
      limit: z.int().min(1).max(1000),
      mode: z.enum(['exact', 'approximate']).optional(),
      rankBy: z
        .array(z.strictObject({ metric: z.string(), direction: z.enum(['asc', 'desc']) }))
        .min(1)
        .optional(),
    })
    .optional(),
});

/** @throws VercelFault 400 that names the field, 403 for another's scope, 404 for a project that is not there. */
export function readQuery(world: World, body: unknown): MetricsQuery {
  const parsed = BODY.safeParse(body);
  if (!parsed.success) throw badRequest(`Invalid request: ${problemOf(parsed.error)}`);
  const { scope, timeRange, bucketSeconds, groupBy = [], filter, seriesSelection } = parsed.data;
  if (scope.ownerId !== world.teamId)
    throw new VercelFault(403, 'forbidden', 'You do not have permission to query these metrics.');
  for (const id of scope.projectIds)
    if (world.projects.projectIdOf(id) !== id)
      throw new VercelFault(404, 'not_found', `Project not found: ${id}`);
  for (const name of groupBy)
    if (!Object.hasOwn(DIMENSIONS, name))
      throw badRequest(`Invalid request: \`groupBy\` has an unknown dimension "${name}".`);
  const known = Object.keys(parsed.data.metrics);
  const named = (name: string, where: string): string => {
    if (!known.includes(name))
      throw badRequest(
        `Invalid request: \`${where}\` names "${name}", which is not in \`metrics\`.`,
      );
    return name;
  };
  const rankBy = seriesSelection?.rankBy ?? [
    { metric: known[0] ?? '', direction: 'desc' as const },
  ];
  return {
    projectIds: new Set(scope.projectIds),
    ...rangeOf(timeRange, bucketSeconds * 1000, world.clock.now()),
    groupBy,
    filter: filter === undefined ? () => true : parseFilter(filter),
    outputs: parsed.data.outputs.map((name) => {
      const wish = parsed.data.metrics[named(name, 'outputs')];
      return { name, ...metricOf(wish?.metric ?? '', wish?.aggregation ?? '') };
    }),
    limit: seriesSelection?.limit ?? DEFAULT_LIMIT,
    rankBy: rankBy.map(({ metric, direction }) => ({
      name: named(metric, 'seriesSelection.rankBy'),
      isDescending: direction === 'desc',
    })),
  };
}

function rangeOf(
  { start, end }: { readonly start: string; readonly end: string },
  bucketMs: number,
  now: number,
): Pick<MetricsQuery, 'startMs' | 'endMs' | 'bucketMs'> {
  const startMs = Date.parse(start);
  const endMs = Date.parse(end);
  if (startMs >= endMs)
    throw badRequest('Invalid request: `timeRange.start` must be before `timeRange.end`.');
  if (startMs < now - KEPT_DAYS * DAY_MS)
    throw badRequest(`timeRange cannot begin more than ${KEPT_DAYS} days ago`);
  if (startMs % bucketMs !== 0 || endMs % bucketMs !== 0)
    throw badRequest('Invalid request: `timeRange` must be aligned to `bucketSeconds`.');
  if ((endMs - startMs) / bucketMs > MAX_BUCKETS)
    throw badRequest(`Invalid request: \`bucketSeconds\` makes more than ${MAX_BUCKETS} buckets.`);
  return { startMs, endMs, bucketMs };
}

function metricOf(id: string, aggregation: string): { metric: Metric; aggregation: string } {
  const metric = METRICS.find((each) => each.id === id);
  if (!metric) throw badRequest(`Invalid request: unknown metric "${id}".`);
  if (!metric.aggregations.includes(aggregation))
    throw badRequest(`Invalid request: "${id}" has no aggregation "${aggregation}".`);
  return { metric, aggregation };
}

function problemOf({ issues }: z.ZodError): string {
  const [issue] = issues;
  const path = issue?.path.join('.') ?? '';
  return path === '' ? `${issue?.message}.` : `\`${path}\`: ${issue?.message}.`;
}
