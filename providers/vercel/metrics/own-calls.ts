/** The numbers of what this process called itself. */
import type { CallContext, FunctionMetrics, FunctionRef, MetricsQuery } from 'polyfaas/spi';
import { MOST_CALLS, type Recorder } from './recorder.ts';
import { percentilesOf } from './spread.ts';

export function ownCalls(
  recorder: Recorder,
  ref: FunctionRef,
  { from, to }: MetricsQuery,
  { clock }: Pick<CallContext, 'clock'>,
): FunctionMetrics {
  const { calls, isWhole } = recorder.read(ref, Date.parse(from), Date.parse(to));
  const ran = calls.filter(({ outcome }) => outcome !== 'warmed' && outcome !== 'throttled');
  const count = (wanted: string): number =>
    calls.filter(({ outcome }) => outcome === wanted).length;
  return {
    source: isWhole
      ? 'calls of this process'
      : `calls of this process (no more than the last ${MOST_CALLS})`,
    coverage: 'own-calls',
    from,
    to,
    completeThrough: new Date(Math.min(Date.parse(to), clock.now())).toISOString(),
    invocations: ran.length,
    errors: count('error') + count('timeout'),
    timeouts: count('timeout'),
    throttles: count('throttled'),
    coldStarts: calls.filter(({ coldStart }) => coldStart).length,
    warmUps: count('warmed'),
    durationMs: percentilesOf(ran.flatMap(({ durationMs }) => durationMs ?? [])),
    initDurationMs: percentilesOf(calls.flatMap(({ initDurationMs }) => initDurationMs ?? [])),
    // Answers do not tell.
    maxMemoryMb: null,
  };
}
