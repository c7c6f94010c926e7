import { DirectCallError, DirectTimeoutError } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { GoogleApiError } from '../../../providers/gcp/clients/error.ts';
import { ifThere, isMissing, isPassing } from '../../../providers/gcp/errors.ts';
import { answered, refused, storageRefused, vendorError } from './bodies.ts';
import { table } from './table.ts';

table('what was declared', [
  {
    what: 'asks for a processor that does not go with the concurrency',
    error: refused(
      400,
      'INVALID_ARGUMENT',
      'spec.template.spec.containers.resources.limits.cpu: Invalid value specified for cpu. Total cpu < 1 is not supported with concurrency > 1.',
    ),
    code: 'INVALID_ARGUMENT',
    says: ['memoryMb', 'providerOptions.gcp.cpu'],
  },
  {
    what: 'asks for a memory that does not go with the processor',
    error: vendorError(
      3,
      'Invalid value specified for container memory. For 0.5 CPU, memory must be between 128Mi and 512Mi inclusive.',
    ),
    code: 'INVALID_ARGUMENT',
    says: ['memoryMb'],
  },
  {
    what: 'is for a region that there is not',
    error: refused(
      403,
      'PERMISSION_DENIED',
      "Permission denied on 'locations/europe-moon1' (or it may not exist).",
    ),
    code: 'INVALID_ARGUMENT',
    says: ['region', 'gcloud functions regions list'],
  },
  {
    what: 'is open to anybody, which the organization forbids',
    error: refused(
      400,
      'FAILED_PRECONDITION',
      'One or more users named in the policy do not belong to a permitted customer,  perhaps due to an organization policy.',
    ),
    code: 'PERMISSION_DENIED',
    says: ['httpAccess', '"private"'],
  },
  {
    what: 'is forbidden by another policy of the organization',
    error: refused(
      400,
      'FAILED_PRECONDITION',
      'Constraint constraints/run.allowedIngress violated for projects/p attempting to set ingress to all.',
    ),
    code: 'PERMISSION_DENIED',
    says: ['constraints/run.allowedIngress'],
  },
  {
    what: 'names a bucket that is somebody else’s',
    error: storageRefused(
      409,
      'conflict',
      'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
    ),
    code: 'ALREADY_EXISTS',
    says: ["whole world's"],
  },
]);

table('the plain words', [
  {
    what: 'of a revision that somebody deleted',
    error: vendorError(
      13,
      "Revision 'orders-00001-abc' does not exist or is deleted. Update all traffic to route to currently available revisions.",
    ),
    code: 'CONFLICT',
    says: ['orders-00001-abc', 'Deploy again'],
  },
  { what: '400', error: refused(400, 'INVALID_ARGUMENT', 'Bad.'), code: 'INVALID_ARGUMENT' },
  { what: '400 of a state', error: refused(400, 'FAILED_PRECONDITION', 'Bad.'), code: 'CONFLICT' },
  {
    what: '401',
    error: refused(
      401,
      'UNAUTHENTICATED',
      'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
    ),
    code: 'UNAUTHENTICATED',
    says: ['gcloud auth application-default login'],
  },
  { what: '404', error: refused(404, 'NOT_FOUND', 'Nothing.'), code: 'NOT_FOUND' },
  {
    what: '404 of a service account',
    error: refused(
      404,
      'NOT_FOUND',
      'Service account projects/p/serviceAccounts/x@p.iam.gserviceaccount.com does not exist.',
    ),
    code: 'NOT_FOUND',
  },
  {
    what: '404 of a version of a secret',
    error: refused(
      404,
      'NOT_FOUND',
      'Secret Version [projects/1/secrets/polyfaas-orders/versions/latest] not found.',
    ),
    code: 'NOT_FOUND',
  },
  { what: '404 of the front', error: answered(404, '<title>404</title>'), code: 'NOT_FOUND' },
  {
    what: '404 of Cloud Storage',
    error: storageRefused(404, 'notFound', 'The specified bucket does not exist.'),
    code: 'NOT_FOUND',
  },
  { what: '409', error: refused(409, 'ALREADY_EXISTS', 'There.'), code: 'ALREADY_EXISTS' },
  { what: '500', error: refused(500, 'INTERNAL', 'Oh.'), code: 'UNAVAILABLE', retryable: true },
  { what: '501', error: refused(501, 'UNIMPLEMENTED', 'No.'), code: 'UNSUPPORTED' },
  { what: '502 of the front', error: answered(502, ''), code: 'UNAVAILABLE', retryable: true },
  { what: '503', error: refused(503, 'UNAVAILABLE', '.'), code: 'UNAVAILABLE', retryable: true },
  { what: '413', error: answered(413, ''), code: 'PAYLOAD_TOO_LARGE' },
  {
    what: 'a success of somebody else',
    error: new GoogleApiError(200, { code: '', message: 'Sign in.' }),
    code: 'UNAVAILABLE',
    retryable: true,
    says: ['proxy'],
  },
]);

table("what the vendor's client throws", [
  { what: 'by number', error: vendorError(5, 'Nothing.'), code: 'NOT_FOUND' },
  {
    what: 'for a connection that broke',
    error: vendorError(14, 'request to http://x failed, reason: socket hang up', {
      cause: Object.assign(new Error('wrapped'), {
        code: 'ERR_GAXIOS',
        cause: Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
      }),
    }),
    code: 'UNAVAILABLE',
    retryable: true,
  },
  {
    what: 'for nobody there',
    error: vendorError(14, 'request failed', {
      cause: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }),
    }),
    code: 'UNAVAILABLE',
    retryable: true,
    more: { didNotRun: true },
    says: ['endpoints'],
  },
  {
    what: 'for a deadline',
    error: vendorError(4, 'Deadline exceeded: getFunction did not respond'),
    code: 'UNAVAILABLE',
    retryable: true,
  },
  {
    what: 'for a page that it cannot read',
    error: vendorError(
      13,
      'Error response from RPC GetFunction with status 502 could not be decoded: the response body is not JSON: <html>',
      { httpStatusCode: 502 },
    ),
    code: 'UNAVAILABLE',
    retryable: true,
  },
  {
    what: 'with a time to wait',
    error: vendorError(14, 'Later.', {
      httpStatusCode: 503,
      statusDetails: [{ retryDelay: { seconds: '2', nanos: 500_000_000 } }],
    }),
    code: 'UNAVAILABLE',
    retryable: true,
    more: { retryAfterMs: 2_500 },
  },
]);

table('credentials', [
  {
    what: 'that are missing',
    error: new Error(
      'Could not load the default credentials. Browse to https://cloud.google.com/docs/authentication/getting-started for more information.',
    ),
    code: 'UNAUTHENTICATED',
    says: ['gcloud auth application-default login'],
  },
  {
    what: 'that have ended',
    error: Object.assign(new Error('invalid_grant'), { status: 400, code: '400' }),
    code: 'UNAUTHENTICATED',
    says: ['gcloud auth application-default login'],
  },
  {
    what: 'whose file is not there',
    error: new Error(
      'The file at /none.json does not exist, or it is not a file. ENOENT: no such file',
    ),
    code: 'UNAUTHENTICATED',
    says: ['GOOGLE_APPLICATION_CREDENTIALS'],
  },
  {
    what: 'that may not impersonate',
    error: Object.assign(
      new Error("PERMISSION_DENIED: unable to impersonate: Permission 'x' denied"),
      { status: 403 },
    ),
    code: 'UNAUTHENTICATED',
    says: ['roles/iam.serviceAccountTokenCreator'],
  },
]);

table('the network', [
  {
    what: 'that cannot find a name',
    error: Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }),
    code: 'UNAVAILABLE',
    retryable: true,
    more: { didNotRun: true },
  },
  {
    what: 'that breaks',
    error: Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }),
    code: 'UNAVAILABLE',
    retryable: true,
  },
  { what: 'that says nothing known', error: new Error('what?'), code: 'UNKNOWN' },
  { what: 'that throws no error at all', error: undefined, code: 'UNKNOWN' },
]);

table('a direct call', [
  { what: 'that took too long', error: new DirectTimeoutError('No.'), code: 'TIMEOUT' },
  {
    what: 'that the function refused',
    error: new DirectCallError(401, { 'x-polyfaas-refused': 'signature' }, ''),
    code: 'UNAUTHENTICATED',
    more: { didNotRun: true },
  },
  {
    what: 'that another version would have answered',
    error: new DirectCallError(409, { 'x-polyfaas-refused': 'otherVersion' }, ''),
    code: 'CONFLICT',
    more: { didNotRun: true },
  },
  {
    what: 'that Cloud Run refused',
    error: new DirectCallError(403, {}, '<h1>Error: Forbidden</h1>'),
    code: 'PERMISSION_DENIED',
    more: { didNotRun: true },
    says: ['roles/run.invoker'],
  },
  {
    what: 'for which there is no instance',
    error: new DirectCallError(429, { 'retry-after': '3' }, 'Rate exceeded.'),
    code: 'RATE_LIMITED',
    retryable: true,
    more: { didNotRun: true, retryAfterMs: 3_000 },
  },
  {
    what: 'that lost its instance may have run',
    error: new DirectCallError(
      503,
      {},
      'upstream connect error or disconnect/reset before headers',
    ),
    code: 'UNAVAILABLE',
    retryable: true,
  },
  { what: 'that is too large', error: new DirectCallError(413, {}, ''), code: 'PAYLOAD_TOO_LARGE' },
]);

describe('short questions', () => {
  it('are answered by the same table', async () => {
    const missing = refused(404, 'NOT_FOUND', 'Nothing.');
    expect(isMissing(missing)).toBe(true);
    expect(isPassing(refused(409, 'ABORTED', 'unable to queue the operation'))).toBe(true);
    expect(await ifThere(Promise.reject(missing))).toBeUndefined();
    await expect(ifThere(Promise.reject(new Error('other')))).rejects.toThrow('other');
  });
});
