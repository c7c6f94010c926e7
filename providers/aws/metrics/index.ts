/** The numbers of one function, from CloudWatch and from its log. */
import type { CallContext, FunctionMetrics, MetricsQuery } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import { logGroupName } from '../names.ts';
import { readCounts } from './counts.ts';
import { readLogFacts } from './log-facts.ts';

/** CloudWatch has a call's numbers after one to three minutes. */
const LAG_MS = 180_000;

/**
 * Counts of a window. Calls of the alias `live` count, from anywhere. Cold starts, times to start, memory and timeouts
 * are those of all instances, also of those that a deploy or a warm-up started.
 *
 * @param functionName the physical name of a function that is there.
 * @param logGroup default: Lambda's own choice for that name.
 */
export async function readMetrics(
  aws: AwsClients,
  functionName: string,
  query: MetricsQuery,
  call: CallContext,
  logGroup = logGroupName(functionName),
): Promise<FunctionMetrics> {
  const window = { fromMs: Date.parse(query.from), toMs: Date.parse(query.to) };
  const completeThrough = Math.min(window.toMs, call.clock.now() - LAG_MS);
  const [counts, facts] = await Promise.all([
    readCounts(aws, functionName, window, call),
    readLogFacts(aws, logGroup, window, call),
  ]);
  const invocations = Math.max(0, counts.invocations - (facts.warmUps ?? 0));
  return {
    source: 'CloudWatch and CloudWatch Logs Insights',
    coverage: 'all',
    from: query.from,
    to: query.to,
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
