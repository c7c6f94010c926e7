/**
 * The numbers of one function: those of Vercel's Observability Plus, where the account has it; else of what this process
 * called itself.
 */
import {
  type CallContext,
  type FunctionMetrics,
  type FunctionRef,
  type MetricsQuery,
  notDeployed,
} from 'polyfaas/spi';
import { VercelApiError } from '../clients/error.ts';
import type { VercelClients } from '../clients/index.ts';
import { STATUS } from '../manifest.ts';
import type { VercelObserved } from '../model.ts';
import { decodeApplied } from '../plan/applied.ts';
import { ownCalls } from './own-calls.ts';
import { pointsOf, windowOf, type Asked, type Point, type Window } from './query.ts';
import type { Recorder } from './recorder.ts';
import { merged, type Spread } from './spread.ts';

/** Calls reach the metrics within minutes; Vercel does not say how many. */
const LAG_MS = 240_000;

/** Vercel had no instance, and called none ("Errors" of Vercel's documentation). */
const THROTTLED = 'FUNCTION_THROTTLED';

/**
 * Counts of a window, by the status codes that the function answered with: what only warms, and what was put into a queue
 * to run later, has a code of its own (`STATUS`). An http route that answers 202 or 208 itself is taken for such.
 * Windows of more than an hour are rounded outward to the buckets that Vercel keeps, and begin at most 92 days ago; `from`
 * and `to` tell.
 *
 * @throws ServerlessError NOT_FOUND for a function that is not deployed; VercelApiError when the numbers cannot be read.
 */
export async function readMetrics(
  vercel: VercelClients,
  ref: FunctionRef,
  observed: VercelObserved,
  query: MetricsQuery,
  call: CallContext,
  recorder: Recorder,
): Promise<FunctionMetrics> {
  const { project, kept, isStranger, description } = observed;
  const isLive = (description?.liveVersion ?? null) !== null;
  if (project === null || kept === null || isStranger || !isLive) throw notDeployed('vercel', ref);
  const window = windowOf(query.from, query.to, call.clock.now());
  let numbers: Numbers;
  try {
    const ownerId = await vercel.account(call.signal);
    numbers = await read(vercel, { ownerId, projectId: project.id, window }, call);
  } catch (error) {
    if (isNotOffered(error)) return ownCalls(recorder, ref, query, call);
    throw error;
  }
  const { bindings, settings } = kept.record;
  const has = (wanted: string): boolean => bindings.some(({ event }) => event.type === wanted);
  const hasAsync = (decodeApplied(settings)?.async ?? null) !== null;
  const means = { hasQueues: has('queue') || has('topic') || hasAsync, hasHttp: has('http') };
  return metricsOf(numbers, window, means, call);
}

/** What status codes mean depends on what a function is called by. */
interface Means {
  /** Deliveries of queues, also of asynchronous calls. */
  readonly hasQueues: boolean;
  readonly hasHttp: boolean;
}

interface Numbers {
  readonly calls: readonly Point[];
  readonly starts: readonly Point[];
  readonly memory: readonly Point[];
}

async function read(vercel: VercelClients, asked: Asked, call: CallContext): Promise<Numbers> {
  const duration = (aggregation: string): [string, string] => ['function_duration_ms', aggregation];
  const [calls, starts, memory] = await Promise.all([
    pointsOf(
      vercel,
      asked,
      {
        count: ['count', 'sum'],
        min: duration('min'),
        average: duration('avg'),
        p50: duration('p50'),
        p95: duration('p95'),
        p99: duration('p99'),
        max: duration('max'),
      },
      ['httpStatus', 'errorCode'],
      call,
    ),
    pointsOf(vercel, asked, { count: ['count', 'sum'] }, ['functionStartType'], call),
    pointsOf(vercel, asked, { max: ['peak_memory_mb', 'max'] }, [], call),
  ]);
  return { calls, starts, memory };
}

function metricsOf(
  { calls, starts, memory }: Numbers,
  { fromMs, toMs }: Window,
  { hasQueues, hasHttp }: Means,
  { clock }: CallContext,
): FunctionMetrics {
  const isThrottled = ({ dimensions }: Point): boolean => dimensions['errorCode'] === THROTTLED;
  const isCall = (point: Point): boolean => {
    const status = statusOf(point);
    // On our own paths: unsigned calls, and what strangers try. No handler ran.
    const isRefused = !hasHttp && status >= 400 && status < 500;
    if (isRefused || isThrottled(point)) return false;
    return status !== STATUS.warmed && status !== STATUS.accepted;
  };
  const ran = calls.filter(isCall);
  const isError = (status: number): boolean =>
    status >= 500 || (hasQueues && status === STATUS.undelivered);
  const used = memory.flatMap(({ values }) => values['max'] ?? []);
  return {
    source: 'Vercel Observability (/metrics/v1)',
    coverage: 'all',
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    completeThrough: new Date(Math.min(toMs, clock.now() - LAG_MS)).toISOString(),
    invocations: countOf(ran),
    errors: countOf(ran.filter((point) => isError(statusOf(point)))),
    timeouts: countOf(ran.filter((point) => statusOf(point) === STATUS.timedOut)),
    throttles: countOf(calls.filter(isThrottled)),
    coldStarts: countOf(
      starts.filter(({ dimensions }) => dimensions['functionStartType'] === 'cold'),
    ),
    warmUps: countOf(calls.filter((point) => statusOf(point) === STATUS.warmed)),
    durationMs: merged(ran.flatMap(spreadsOf)),
    initDurationMs: null,
    maxMemoryMb: used.length === 0 ? null : Math.max(...used),
  };
}

/** Vercel's own status codes of pages, such as 504, are those of the answer. */
function statusOf({ dimensions }: Point): number {
  return Number(dimensions['httpStatus'] ?? 0);
}

function countOf(points: readonly Point[]): number {
  return points.reduce((sum, { values }) => sum + (values['count'] ?? 0), 0);
}

/** None where durations are not told. */
function spreadsOf({ values }: Point): readonly Spread[] {
  const { count = 0, min, average, p50, p95, p99, max } = values;
  if (min === undefined || average === undefined || max === undefined) return [];
  if (p50 === undefined || p95 === undefined || p99 === undefined) return [];
  return [{ count, min, average, p50, p95, p99, max }];
}

/** Not part of the plan, or not for this token. */
function isNotOffered(error: unknown): boolean {
  return error instanceof VercelApiError && (error.status === 402 || error.status === 403);
}
