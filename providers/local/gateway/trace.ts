/** W3C trace context of a request. */
import type { IncomingHttpHeaders } from 'node:http';
import { readTraceContext } from 'polyfaas/function';
import type { TraceContext } from 'polyfaas/spi';

/** What the request says, or undefined when it says nothing valid. */
export function traceOf(headers: IncomingHttpHeaders): TraceContext | undefined {
  const traceparent = headers['traceparent'];
  if (typeof traceparent !== 'string') return undefined;
  const tracestate = headers['tracestate'];
  return readTraceContext(traceparent, typeof tracestate === 'string' ? tracestate : null);
}
