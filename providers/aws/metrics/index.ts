/** The numbers of one function, from CloudWatch and from its log. */
import type { CallContext, FunctionMetrics, MetricsQuery } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import { logGroupName } from '../names.ts';
import { readCounts } from './counts.ts';
import { readLogFacts } from './log-facts.ts';
import { windowOf } from './window.ts';

/** CloudWatch has a call's numbers one to three minutes after its end. */
const LAG_MS = 180_000;
/** The longest that Lambda has. */
const LONGEST_SECONDS = 900;

/** Whose numbers are read. */
export interface Metered {
  /** The physical name of a function that is there. */
  readonly functionName: string;
  /** Of the live version, as far as it is known. */
  readonly timeoutSeconds: number | undefined;
}

/**
 * Counts of a window. Calls of the alias `live` count, from anywhere. Cold starts, times to start, memory and timeouts
 * are those of all instances, also of those that a deploy or a warm-up started. Windows that begin more than 15 days ago
 * are rounded outward to the steps that CloudWatch keeps; `from` and `to` tell.
 *
 * @param logGroup default: Lambda's own choice for that name.
 */
export async function readMetrics(
  aws: AwsClients,
  { functionName, timeoutSeconds = LONGEST_SECONDS }: Metered,
  query: MetricsQuery,
  call: CallContext,
  logGroup = logGroupName(functionName),
): Promise<FunctionMetrics> {
  const window = windowOf(query.from, query.to, call.clock.now());
  // A call counts for the minute in which it began.
  const lateMs = LAG_MS + timeoutSeconds * 1_000;
  const completeThrough = Math.min(window.toMs, call.clock.now() - lateMs);
  const [counts, facts] = await Promise.all([
    readCounts(aws, functionName, window, call),
    readLogFacts(aws, logGroup, window, call),
  ]);
  const invocations = Math.max(0, counts.invocations - (facts.warmUps ?? 0));
  return {
    source: 'CloudWatch and CloudWatch Logs Insights',
    coverage: 'all',
    from: new Date(window.fromMs).toISOString(),
    to: new Date(window.toMs).toISOString(),
    completeThrough: new Date(completeThrough).toISOString(),
    invocations,
    errors: counts.errors,
    timeouts: facts.timeouts,
    throttles: counts.throttles,
    coldStarts: facts.coldStarts,
    warmUps: facts.warmUps,
    // CloudWatch cannot tell them apart, so that times of warm-ups alone would pass for those of calls.
    durationMs: invocations === 0 ? null : counts.durationMs,
    initDurationMs: facts.initDurationMs,
    maxMemoryMb: facts.maxMemoryMb,
  };
}
