/** Traces of calls that come without one. */
import { parseTraceparent, startTrace } from 'polyfaas/function';
import type { CallContext } from 'polyfaas/spi';

/**
 * The `X-Amzn-Trace-Id` of a new trace, sampled at the rate that was declared. Without the header Lambda would sample at
 * a rate of its own, which no rule of X-Ray changes (AWS Lambda developer guide, "Visualize Lambda function invocations
 * using AWS X-Ray"). The root begins with the time, as X-Ray wants it.
 */
export function newTrace(
  sampleRate: number,
  { clock, random }: Pick<CallContext, 'clock' | 'random'>,
): string {
  const isSampled = sampleRate >= 1 || random() < sampleRate;
  const made = parseTraceparent(startTrace(isSampled).traceparent);
  const seconds = Math.floor(clock.now() / 1000)
    .toString(16)
    .padStart(8, '0');
  const rest = (made?.traceId ?? '').slice(8).padEnd(24, '0');
  return `Root=1-${seconds}-${rest};Parent=${made?.spanId ?? '0'.repeat(16)};Sampled=${isSampled ? 1 : 0}`;
}
