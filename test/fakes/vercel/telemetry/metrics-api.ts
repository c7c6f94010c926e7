/** `/metrics/v1`: what functions did, in numbers. It is part of Observability Plus, which is paid for. */
import { VercelFault, badRequest } from '../core/fault.ts';
import type { ApiService, RestCall, WireReply, World } from '../core/ports.ts';
import { aggregate, DIMENSIONS, type Invocation, METRICS } from './catalog.ts';
import { type MetricsQuery, readQuery } from './metrics-query.ts';

const PATH = '/metrics/v1';
/** From the end of a call to the first query that counts it. */
const LAG_MS = 60_000;
const MAX_PAGE = 250;

type Values = Readonly<Record<string, number>>;

interface Group {
  readonly dimensions: Readonly<Record<string, string>>;
  readonly summary: Values;
  readonly buckets: ReadonlyMap<number, Values>;
}

export function createMetricsApi(world: World, invocations: readonly Invocation[]): ApiService {
  function answer(call: RestCall): WireReply | undefined {
    const { method, path } = call;
    if (path !== PATH || !['GET', 'POST'].includes(method)) return undefined;
    if (!world.plan.observability)
      throw new VercelFault(
        402,
        'payment_required',
        'This feature requires an Observability Plus subscription. Upgrade at https://vercel.com/dashboard/settings/billing',
      );
    return { status: 200, body: method === 'GET' ? catalog(call) : query(call) };
  }

  function query({ body }: RestCall): object {
    const asked = readQuery(world, body);
    const { bucketMs, startMs, endMs, limit, outputs } = asked;
    const latest = world.clock.now() - LAG_MS;
    const found = invocations.filter(
      (each) =>
        asked.projectIds.has(each.projectId) &&
        each.timeMs >= startMs &&
        each.timeMs < endMs &&
        each.timeMs <= latest &&
        asked.filter(each),
    );
    const groups = groupsOf(found, asked);
    const shown = ranked(groups, asked).slice(0, limit);
    return {
      series: shown.flatMap(({ dimensions, buckets }) =>
        [...buckets]
          .toSorted(([one], [other]) => one - other)
          .map(([time, values]) => ({
            timestamp: new Date(time).toISOString(),
            dimensions,
            values,
          })),
      ),
      summary: shown.map(({ dimensions, summary }) => ({ dimensions, values: summary })),
      meta: {
        bucketSeconds: bucketMs / 1000,
        timeRange: {
          start: new Date(startMs).toISOString(),
          end: new Date(endMs).toISOString(),
        },
        units: Object.fromEntries(outputs.map(({ name, metric }) => [name, metric.unit])),
        seriesCount: groups.length,
      },
    };
  }

  return {
    handle: (call) => Promise.resolve().then(() => answer(call)),
    inventory: () => [],
  };
}

function groupsOf(found: readonly Invocation[], asked: MetricsQuery): readonly Group[] {
  const { groupBy, bucketMs, startMs } = asked;
  const byKey = Map.groupBy(found, (each) =>
    JSON.stringify(groupBy.map((name) => DIMENSIONS[name]?.(each) ?? '')),
  );
  return [...byKey].map(([key, members]) => {
    const parsed: unknown = JSON.parse(key);
    const values: readonly unknown[] = Array.isArray(parsed) ? parsed : [];
    const bucketOf = ({ timeMs }: Invocation): number =>
      startMs + Math.floor((timeMs - startMs) / bucketMs) * bucketMs;
    return {
      dimensions: Object.fromEntries(groupBy.map((name, at) => [name, String(values[at])])),
      summary: valuesOf(members, asked),
      buckets: new Map(
        [...Map.groupBy(members, bucketOf)].map(([time, each]) => [time, valuesOf(each, asked)]),
      ),
    };
  });
}

function valuesOf(members: readonly Invocation[], { outputs }: MetricsQuery): Values {
  return Object.fromEntries(
    outputs.map(({ name, metric, aggregation }) => [
      name,
      aggregate(
        aggregation,
        members.map((each) => metric.valueOf(each)),
      ),
    ]),
  );
}

function ranked(groups: readonly Group[], { rankBy }: MetricsQuery): readonly Group[] {
  return groups.toSorted((one, other) => {
    for (const { name, isDescending } of rankBy) {
      const difference = (one.summary[name] ?? 0) - (other.summary[name] ?? 0);
      if (difference !== 0) return isDescending ? -difference : difference;
    }
    return 0;
  });
}

function catalog({ query }: RestCall): object {
  const kind = query.get('kind');
  if (kind !== 'system') throw badRequest('Invalid request: `kind` must be "system".');
  const limit = Number(query.get('limit') ?? MAX_PAGE);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE)
    throw badRequest(`Invalid request: \`limit\` must be between 1 and ${MAX_PAGE}.`);
  const search = query.get('search') ?? '';
  const metrics = METRICS.filter(({ id }) => id.includes(search))
    .slice(0, limit)
    .map(({ id, description, unit, aggregations }) => {
      const dimensions = Object.keys(DIMENSIONS);
      return { id, description, unit, dimensions, aggregations };
    });
  return { metrics, pagination: { hasMore: false, nextCursor: null } };
}
