/** Trace contexts in the two spellings: W3C's `traceparent`, and the `X-Amzn-Trace-Id` of X-Ray. */
import { parseTraceparent, readTraceContext } from 'polyfaas/function';
import type { TraceContext } from 'polyfaas/function';

/**
 * The value of `X-Amzn-Trace-Id` for a trace context: `Root=1-8hex-24hex;Parent=16hex;Sampled=1`. Undefined when the
 * `traceparent` breaks its rules.
 */
export function toXRay(traceparent: string): string | undefined {
  const trace = parseTraceparent(traceparent);
  if (trace === undefined) return undefined;
  const root = `1-${trace.traceId.slice(0, 8)}-${trace.traceId.slice(8)}`;
  return `Root=${root};Parent=${trace.spanId};Sampled=${trace.sampled ? 1 : 0}`;
}

const ROOT = /(?:^|;)\s*Root=1-([0-9a-f]{8})-([0-9a-f]{24})/i;
const PARENT = /(?:^|;)\s*Parent=([0-9a-f]{16})/i;

/** The trace context that an X-Ray header stands for. Undefined without a usable root. */
export function fromXRay(header: string | undefined): TraceContext | undefined {
  const root = header === undefined ? null : ROOT.exec(header);
  if (header === undefined || root === null) return undefined;
  const traceId = `${root[1] ?? ''}${root[2] ?? ''}`.toLowerCase();
  // A header without a segment still names its trace; the span is then of our making.
  const spanId = PARENT.exec(header)?.[1]?.toLowerCase() ?? traceId.slice(16);
  const flags = /(?:^|;)\s*Sampled=1/i.test(header) ? '01' : '00';
  return readTraceContext(`00-${traceId}-${spanId}-${flags}`);
}
