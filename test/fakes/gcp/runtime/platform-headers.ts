import { randomBytes } from 'node:crypto';
import { headerOf } from '../../shared/runtime/header-list.ts';

/** A caller from outside, by an address that is nobody's (RFC 5737). */
const CALLER_ADDRESS = '203.0.113.7';

/**
 * What Google's front adds to a request on its way to a container: the caller's address, the scheme, a trace when there
 * is none, and an id for each execution.
 *
 * @see https://cloud.google.com/trace/docs/trace-context
 */
export function withPlatformHeaders(headers: readonly string[]): string[] {
  const sent = [...headers];
  const has = (name: string): boolean => headerOf(headers, name) !== undefined;
  const forwardedFor = headerOf(headers, 'x-forwarded-for');
  if (forwardedFor === undefined) sent.push('X-Forwarded-For', CALLER_ADDRESS);
  if (!has('x-forwarded-proto')) sent.push('X-Forwarded-Proto', 'https');
  if (!has('forwarded')) sent.push('Forwarded', `for="${CALLER_ADDRESS}";proto=https`);
  const { traceId, spanId, flags } = traceOf(headers);
  if (!has('traceparent')) sent.push('traceparent', `00-${traceId}-${spanId}-${flags}`);
  if (!has('x-cloud-trace-context')) {
    const sampled = flags === '01' ? 1 : 0;
    sent.push('X-Cloud-Trace-Context', `${traceId}/${BigInt(`0x${spanId}`)};o=${sampled}`);
  }
  if (!has('function-execution-id'))
    sent.push('Function-Execution-Id', randomBytes(6).toString('hex'));
  return sent;
}

interface Trace {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: string;
}

/** The trace that the caller is in, by either of its headers; a new one that nobody samples otherwise. */
export function traceOf(headers: readonly string[]): Trace {
  const w3c = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(
    headerOf(headers, 'traceparent') ?? '',
  );
  if (w3c) return { traceId: w3c[1] ?? '', spanId: w3c[2] ?? '', flags: w3c[3] ?? '00' };
  const google = /^([0-9a-f]{32})\/(\d+)(?:;o=(\d))?$/.exec(
    headerOf(headers, 'x-cloud-trace-context') ?? '',
  );
  const spanId = randomBytes(8).toString('hex');
  if (!google) return { traceId: randomBytes(16).toString('hex'), spanId, flags: '00' };
  return { traceId: google[1] ?? '', spanId, flags: google[3] === '1' ? '01' : '00' };
}
