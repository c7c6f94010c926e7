/** Queries of Vercel's metrics: `POST /metrics/v1`, as the vendor's command line sends them. */
import {
  type CallContext,
  listAt,
  numberAt,
  objectAt,
  ServerlessError,
  textsAt,
} from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';

/** One project in one window. */
export interface Asked {
  readonly ownerId: string;
  readonly projectId: string;
  readonly window: Window;
}

/** Times in milliseconds since the epoch; both ends are those of buckets. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketMs: number;
}

/** The values of one bucket, of one group. */
export interface Point {
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, number>>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The finest buckets that Vercel gives for windows of up to so long. */
const BUCKETS: readonly (readonly [windowMs: number, bucketMs: number])[] = [
  // Whole minutes around an hour.
  [HOUR_MS + 2 * MINUTE_MS, MINUTE_MS],
  [12 * HOUR_MS, 5 * MINUTE_MS],
  [3 * DAY_MS, HOUR_MS],
  [30 * DAY_MS, 4 * HOUR_MS],
];

/** Vercel refuses windows that begin earlier. */
const KEPT_DAYS = 92;
/** Its clock may be ahead of this one. */
const SLACK_MS = MINUTE_MS;

/**
 * The window whose ends are those of buckets, outward; it begins no earlier than numbers are kept.
 *
 * @throws ServerlessError INVALID_ARGUMENT for one that is over so long that nothing of it is kept.
 */
export function windowOf(from: string, to: string, nowMs: number): Window {
  const lengthMs = Date.parse(to) - Date.parse(from);
  const bucketMs = BUCKETS.find(([windowMs]) => lengthMs <= windowMs)?.[1] ?? DAY_MS;
  const keptMs = Math.ceil((nowMs - KEPT_DAYS * DAY_MS + SLACK_MS) / bucketMs) * bucketMs;
  const fromMs = Math.max(keptMs, Math.floor(Date.parse(from) / bucketMs) * bucketMs);
  const toMs = Math.ceil(Date.parse(to) / bucketMs) * bucketMs;
  if (fromMs < toMs) return { fromMs, toMs, bucketMs };
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'vercel',
    message: `Vercel has metrics of the last ${KEPT_DAYS} days, and \`to\` is ${to}. Ask for a younger window.`,
    details: { field: 'to' },
  });
}

/** Groups of an answer: more status and error codes than a function ever has. */
const MOST_GROUPS = 100;

/**
 * The values of each bucket and group that has some.
 *
 * @param metrics by the name of the value: `[metric, aggregation]`; the first ranks the groups.
 */
export async function pointsOf(
  vercel: VercelClients,
  { ownerId, projectId, window }: Asked,
  metrics: Readonly<Record<string, readonly [metric: string, aggregation: string]>>,
  groupBy: readonly string[],
  { signal }: Pick<CallContext, 'signal'>,
): Promise<readonly Point[]> {
  const names = Object.keys(metrics);
  const answer = await vercel.rest({
    method: 'POST',
    path: '/metrics/v1',
    body: {
      scope: { ownerId, projectIds: [projectId] },
      timeRange: {
        start: new Date(window.fromMs).toISOString(),
        end: new Date(window.toMs).toISOString(),
      },
      bucketSeconds: window.bucketMs / 1_000,
      ...(groupBy.length === 0 ? {} : { groupBy }),
      metrics: Object.fromEntries(
        Object.entries(metrics).map(([name, [metric, aggregation]]) => [
          name,
          { metric: `vercel.function_invocation.${metric}`, aggregation },
        ]),
      ),
      outputs: names,
      seriesSelection: {
        limit: MOST_GROUPS,
        mode: 'exact',
        rankBy: [{ metric: names[0] ?? '', direction: 'desc' }],
      },
    },
    signal,
  });
  return listAt(answer, 'series').map((one) => {
    const values = objectAt(one, 'values');
    return {
      dimensions: textsAt(one, 'dimensions'),
      values: Object.fromEntries(
        names.flatMap((name) => {
          const value = numberAt(values, name);
          return value === undefined ? [] : [[name, value] as const];
        }),
      ),
    };
  });
}
