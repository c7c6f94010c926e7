import { randomBytes } from 'node:crypto';

/** What ties the records of one call together: W3C Trace Context, as the host hands it on. */
export interface TraceContext {
  /** The trace id: `OperationId` of all records. */
  readonly operationId: string;
  readonly traceParent: string;
  readonly traceState: string;
}

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/** The call's own span, below the caller's. What is no trace context is passed over, and a new one begins. */
export function traceContextOf(headers: Readonly<Record<string, string>> = {}): TraceContext {
  const match = TRACEPARENT.exec(headers['traceparent'] ?? '');
  const operationId = match?.[1] ?? randomBytes(16).toString('hex');
  return {
    operationId,
    traceParent: `00-${operationId}-${randomBytes(8).toString('hex')}-${match?.[2] ?? '01'}`,
    traceState: match ? (headers['tracestate'] ?? '') : '',
  };
}
