import { describe, expect, it } from 'vitest';
import { VercelApiError } from '../../../providers/vercel/clients/error.ts';
import { classify, ifThere, isMissing } from '../../../providers/vercel/errors.ts';
import { NOW, refused, table } from './table.ts';

table('who asks', [
  {
    what: 'a token that ended, or is none',
    error: refused(403, { code: 'forbidden', message: 'Not authorized', invalidToken: true }),
    code: 'UNAUTHENTICATED',
    says: ['VERCEL_TOKEN', 'vercel.com/account/settings/tokens'],
  },
  {
    what: 'no token',
    error: refused(403, {
      code: 'forbidden',
      message: 'The request is missing an authentication token',
      missingToken: true,
    }),
    code: 'UNAUTHENTICATED',
    says: ['providerOptions.vercel.token'],
  },
  {
    what: 'a status that says no more',
    error: refused(401, ''),
    code: 'UNAUTHENTICATED',
    says: ['VERCEL_TOKEN'],
  },
  {
    what: 'a token of another team',
    error: refused(403, {
      code: 'forbidden',
      message:
        'Not authorized: Trying to access resource under scope "acme". You must re-authenticate to this scope or use a token with access to this scope.',
      scope: 'acme',
    }),
    code: 'PERMISSION_DENIED',
    says: ['providerOptions.vercel.team', 'VERCEL_TEAM_ID'],
  },
  {
    what: 'a team that asks for SAML',
    error: refused(403, { code: 'forbidden', message: 'SAML', saml: true, enforced: true }),
    code: 'UNAUTHENTICATED',
    says: ['SAML'],
  },
  {
    what: 'a role that may not',
    error: refused(403, {
      code: 'forbidden',
      message: "You don't have permission to create the deployment.",
    }),
    code: 'PERMISSION_DENIED',
    says: ["Vercel says: You don't have permission", 'Developer'],
  },
]);

table('what the plan has', [
  {
    what: 'too many deployments on one day, which waiting for a minute does not help',
    error: refused(402, {
      code: 'api-deployments-free-per-day',
      message:
        'Resource is limited - try again in 24 hours (more than 100, code: "api-deployments-free-per-day").',
      limit: { total: 100, remaining: 0, reset: NOW + 86_400_000 },
    }),
    code: 'QUOTA_EXCEEDED',
    says: ['try again in 24 hours'],
  },
  {
    what: 'what is to be paid for',
    error: refused(402, { code: 'payment_required', message: 'Observability Plus is required' }),
    code: 'QUOTA_EXCEEDED',
    says: ['change the plan'],
  },
  {
    what: 'crons that are too many a day for Hobby',
    error: refused(400, {
      code: 'cron_jobs_limits_reached',
      message: 'Hobby accounts are limited to daily cron jobs. Upgrade to the Pro plan.',
    }),
    code: 'QUOTA_EXCEEDED',
  },
  {
    what: 'a duration that it does not have',
    error: refused(400, {
      code: 'invalid_max_duration',
      message:
        'Builder returned invalid maxDuration value for Serverless Function "polyfaas/main". Serverless Functions must have a maxDuration between 1 and 300.',
    }),
    code: 'INVALID_ARGUMENT',
    says: ['timeoutSeconds'],
  },
  {
    what: 'memory that it does not have',
    error: refused(400, {
      code: 'invalid_memory',
      message: 'Serverless Functions are limited to 2048 mb of memory for teams on this account.',
    }),
    code: 'INVALID_ARGUMENT',
    says: ['memoryMb'],
  },
]);

table('too many requests', [
  {
    what: 'are told when they may come again',
    error: refused(429, {
      code: 'rate_limited',
      message:
        "The rate limit of 6 exceeded for 'api-www-user-update-username'. Try again in 7 days",
      limit: { remaining: 0, reset: NOW / 1000 + 12, resetMs: NOW + 12_000, total: 6 },
    }),
    code: 'RATE_LIMITED',
    retryable: true,
    more: { retryAfterMs: 12_000, didNotRun: true },
  },
  {
    what: 'of the firewall say no more than a time',
    error: refused(429, 'Too Many Requests\n', { 'retry-after': '3' }),
    code: 'RATE_LIMITED',
    retryable: true,
    more: { retryAfterMs: 3_000 },
  },
]);

table('what is there, or not', [
  {
    what: 'a project',
    error: refused(404, { code: 'not_found', message: 'Project not found' }),
    code: 'NOT_FOUND',
  },
  {
    what: 'a deployment that was deleted',
    error: refused(410, { code: 'gone', message: 'Deleted' }),
    code: 'NOT_FOUND',
  },
  {
    what: 'a project of that name',
    error: refused(409, {
      code: 'conflict',
      message: 'Project "shop" already exists, please use a new name.',
    }),
    code: 'ALREADY_EXISTS',
  },
  ...[400, 403, 409].map((status) => ({
    what: `a variable of that key, with ${status}`,
    error: refused(status, {
      code: 'ENV_CONFLICT',
      message:
        'A variable with the name `A` already exists for the target production on branch undefined',
    }),
    code: 'ALREADY_EXISTS',
  })),
  {
    what: 'a variable of that key, by its code alone',
    error: refused(400, { code: 'ENV_ALREADY_EXISTS', message: 'x' }),
    code: 'ALREADY_EXISTS',
  },
  {
    what: 'files',
    error: refused(400, { code: 'missing_files', message: 'Missing files', missing: ['a'] }),
    code: 'CONFLICT',
    says: ['Deploy the function again'],
  },
]);

table('what is under way', [
  {
    what: 'another promotion',
    error: refused(409, {
      code: 'conflict',
      message: 'Another promote of this project is in progress. Try again when it has ended.',
    }),
    code: 'CONFLICT',
    retryable: true,
  },
  {
    what: 'a deployment that is not ready',
    error: refused(409, { code: 'deployment_not_ready', message: 'The deployment is not ready.' }),
    code: 'CONFLICT',
    retryable: true,
  },
  {
    what: 'a rollback to what never served',
    error: refused(422, {
      code: 'unprocessable_entity',
      message: 'The provided deploymentId (dpl_1) has never been in production.',
    }),
    code: 'CONFLICT',
  },
]);

table('what is wrong', [
  {
    what: 'with a request',
    error: refused(400, {
      code: 'bad_request',
      message: 'Invalid request: should NOT have additional property `x`.',
    }),
    code: 'INVALID_ARGUMENT',
  },
  {
    what: 'with a request that is too large',
    error: refused(413, { code: 'request_entity_too_large', message: 'Too large' }),
    code: 'PAYLOAD_TOO_LARGE',
  },
  {
    what: 'with Vercel',
    error: refused(500, { code: 'internal_server_error', message: 'An unexpected internal error' }),
    code: 'UNAVAILABLE',
    retryable: true,
  },
  {
    what: 'with the way to Vercel',
    error: refused(502, '<html><title>Bad Gateway</title></html>'),
    code: 'UNAVAILABLE',
    retryable: true,
  },
  {
    what: 'with an answer that was cut off',
    error: new VercelApiError(200, { code: '', message: 'cut off' }),
    code: 'UNAVAILABLE',
    retryable: true,
    says: ['proxy'],
  },
  {
    what: 'with what nobody knows',
    error: new Error('?'),
    code: 'UNKNOWN',
  },
  { what: 'with a text', error: 'boom', code: 'UNKNOWN' },
  { what: 'with nothing', error: undefined, code: 'UNKNOWN' },
]);

const socket = (code: string): Error =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code }) });

table('the network', [
  {
    what: 'reset the connection',
    error: socket('ECONNRESET'),
    code: 'UNAVAILABLE',
    retryable: true,
  },
  {
    what: 'finds nobody',
    error: socket('ECONNREFUSED'),
    code: 'UNAVAILABLE',
    retryable: true,
    says: ['providerOptions.vercel.endpoints'],
    more: { didNotRun: true },
  },
  {
    what: 'does not know the name',
    error: socket('ENOTFOUND'),
    code: 'UNAVAILABLE',
    retryable: true,
    more: { didNotRun: true },
  },
  {
    what: 'took too long',
    error: AbortSignal.abort(new DOMException('x', 'TimeoutError')).reason,
    code: 'UNAVAILABLE',
    retryable: true,
  },
]);

describe('messages', () => {
  it('repeat no credential that Vercel quotes', () => {
    const message = 'The header "Bearer abcdefghijklmnop" is not valid for this team';
    const found = classify(refused(403, { code: 'forbidden', message }));
    expect(found.message).toContain('[redacted]');
    expect(found.message).not.toContain('abcdefghijklmnop');
  });
});

describe('what may be missing', () => {
  it('is undefined then, and any other failure is one', async () => {
    const missing = refused(404, { code: 'not_found', message: 'x' });
    expect(isMissing(missing)).toBe(true);
    expect(await ifThere(Promise.reject(missing))).toBeUndefined();
    expect(await ifThere(Promise.resolve(1))).toBe(1);
    const broken = refused(500, { code: 'internal_server_error', message: 'x' });
    await expect(ifThere(Promise.reject(broken))).rejects.toBe(broken);
  });
});
