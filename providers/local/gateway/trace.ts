/** W3C trace context of a request. */
import type { IncomingHttpHeaders } from 'node:http';
import type { TraceContext } from 'polyfaas/spi';

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** What the request says, or undefined when it says nothing valid. */
export function traceOf(headers: IncomingHttpHeaders): TraceContext | undefined {
  const traceparent = headers['traceparent'];
  if (typeof traceparent !== 'string' || !TRACEPARENT.test(traceparent)) return undefined;
  const tracestate = headers['tracestate'];
  return typeof tracestate === 'string' && tracestate !== '' && tracestate.length <= 512
    ? { traceparent, tracestate }
    : { traceparent };
}
