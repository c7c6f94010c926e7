import { DirectCallError, DirectTimeoutError } from 'polyfaas/spi';
import { table, type Row } from './table.ts';

function answered(status: number, headers: Readonly<Record<string, string>> = {}): unknown {
  return new DirectCallError(status, headers, 'x');
}

function edge(status: number, code: string, row: Omit<Row, 'what' | 'error'>): Row {
  return { what: `${status} ${code}`, error: answered(status, { 'x-vercel-error': code }), ...row };
}

table("answers of Vercel's edge", [
  edge(500, 'FUNCTION_INVOCATION_FAILED', { code: 'FUNCTION_FAILED', says: ['memoryMb'] }),
  edge(502, 'NO_RESPONSE_FROM_FUNCTION', { code: 'FUNCTION_FAILED' }),
  edge(508, 'INFINITE_LOOP_DETECTED', { code: 'FUNCTION_FAILED' }),
  edge(504, 'FUNCTION_INVOCATION_TIMEOUT', { code: 'TIMEOUT' }),
  edge(413, 'FUNCTION_PAYLOAD_TOO_LARGE', {
    code: 'PAYLOAD_TOO_LARGE',
    more: { didNotRun: true },
  }),
  edge(500, 'FUNCTION_RESPONSE_PAYLOAD_TOO_LARGE', { code: 'PAYLOAD_TOO_LARGE' }),
  edge(503, 'FUNCTION_THROTTLED', {
    code: 'RATE_LIMITED',
    retryable: true,
    more: { didNotRun: true },
  }),
  edge(503, 'DEPLOYMENT_PAUSED', { code: 'QUOTA_EXCEEDED', says: ['paused'] }),
  edge(402, 'DEPLOYMENT_DISABLED', { code: 'QUOTA_EXCEEDED', more: { didNotRun: true } }),
  edge(410, 'DEPLOYMENT_DELETED', { code: 'NOT_FOUND', says: ['Deploy the function again'] }),
  edge(404, 'DEPLOYMENT_NOT_FOUND', {
    code: 'UNAVAILABLE',
    retryable: true,
    more: { didNotRun: true },
  }),
  edge(500, 'INTERNAL_UNEXPECTED_ERROR', { code: 'UNAVAILABLE', retryable: true }),
]);

table('answers without a word of the edge', [
  {
    what: 'the protection of deployments',
    error: answered(401),
    code: 'UNAUTHENTICATED',
    says: ['bypass'],
  },
  {
    what: 'its way to the sign-in',
    error: answered(302, { location: 'https://vercel.com/sso-api' }),
    code: 'UNAUTHENTICATED',
    says: ['protection'],
  },
  { what: 'the firewall', error: answered(403), code: 'PERMISSION_DENIED', says: ['irewall'] },
  {
    what: 'too many requests',
    error: answered(429, { 'retry-after': '2' }),
    code: 'RATE_LIMITED',
    retryable: true,
    more: { retryAfterMs: 2_000 },
  },
  { what: 'anything broken', error: answered(503), code: 'UNAVAILABLE', retryable: true },
  { what: 'something else', error: answered(418), code: 'UNKNOWN' },
  { what: 'no answer in time', error: new DirectTimeoutError('x'), code: 'TIMEOUT' },
]);

table("refusals of the function's own entry", [
  {
    what: 'another version',
    error: answered(409, { 'x-polyfaas-refused': 'otherVersion' }),
    code: 'CONFLICT',
    more: { didNotRun: true },
  },
  {
    what: 'a repeat',
    error: answered(401, { 'x-polyfaas-refused': 'replayed' }),
    code: 'CONFLICT',
  },
  {
    what: 'a signature',
    error: answered(401, { 'x-polyfaas-refused': 'badSignature' }),
    code: 'UNAUTHENTICATED',
    says: ['badSignature', 'Deploy the function again'],
  },
]);
