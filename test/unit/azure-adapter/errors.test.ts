import { describe, expect, it } from 'vitest';
import { AzureError } from '../../../providers/azure/arm/error.ts';
import { retryAfterOf, saidIn } from '../../../providers/azure/errors/read.ts';
import { DirectCallError } from 'polyfaas/spi';
import { classify } from '../../../providers/azure/errors.ts';

/** As the clients make it of a reply. */
function reply(status: number, body: unknown, headers: Record<string, string> = {}): AzureError {
  const { code, message } = saidIn(body);
  return new AzureError(status, code, message, { retryAfterMs: retryAfterOf(headers) });
}

/** App Service's own form. */
function web(status: number, code: string, message: string): object {
  return {
    Code: code,
    Message: message,
    Target: null,
    Details: [
      { Message: message },
      { Code: code },
      { ErrorEntity: { Code: code, Message: message } },
    ],
    Innererror: null,
  };
}

const arm = (code: string, message: string): object => ({ error: { code, message } });

interface Meaning {
  readonly code: string;
  readonly retryable: boolean;
}

const CASES: readonly (readonly [
  what: string,
  error: unknown,
  expected: Meaning,
  says?: RegExp,
])[] = [
  [
    'a name that is taken',
    reply(409, web(409, 'Conflict', 'Website with given name orders already exists.')),
    { code: 'ALREADY_EXISTS', retryable: false },
    /"orders".*siteNames/,
  ],
  [
    'a storage account that is taken',
    reply(
      409,
      arm('StorageAccountAlreadyTaken', 'The storage account named pfx is already taken.'),
    ),
    { code: 'ALREADY_EXISTS', retryable: false },
    /"pfx".*storageAccount/,
  ],
  [
    'a collision of host ids',
    new Error(
      "A collision for Host ID 'shop-dev-orders' was detected in the configured storage account. For more information, see https://aka.ms/functions-hostid-collision.",
    ),
    { code: 'CONFLICT', retryable: false },
    /shop-dev-orders.*account of its own/,
  ],
  [
    'a region without Flex Consumption',
    reply(
      409,
      web(
        409,
        'Conflict',
        "Requested features 'FlexConsumption SKU, Linux Worker' not available in region Brazil Southeast. Please try using a different resource group or create a new one.",
      ),
    ),
    { code: 'INVALID_ARGUMENT', retryable: false },
    /list-flexconsumption-locations/,
  ],
  [
    'a size that instances do not have',
    reply(
      400,
      web(
        400,
        'BadRequest',
        "Site.FunctionAppConfig.ScaleAndConcurrency.InstanceMemoryMB is invalid.  The value '1024' is not supported. Supported values: 512, 2048, 4096.",
      ),
    ),
    { code: 'INVALID_ARGUMENT', retryable: false },
    /512, 2048 and 4096/,
  ],
  [
    'a role that is missing',
    reply(
      403,
      arm(
        'AuthorizationFailed',
        "The client 'x' with object id 'y' does not have authorization to perform action 'Microsoft.Web/sites/write' over scope '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/sites/orders' or the scope is invalid. If access was recently granted, please refresh your credentials.",
      ),
    ),
    { code: 'PERMISSION_DENIED', retryable: false },
    /Microsoft\.Web\/sites\/write.*"Contributor" on \/subscriptions\/s\/resourceGroups\/rg/,
  ],
  [
    'a right to give roles that is missing',
    reply(
      403,
      arm(
        'AuthorizationFailed',
        "The client 'x' with object id 'y' does not have authorization to perform action 'Microsoft.Authorization/roleAssignments/write' over scope '/subscriptions/s' or the scope is invalid.",
      ),
    ),
    { code: 'PERMISSION_DENIED', retryable: false },
    /Role Based Access Control Administrator/,
  ],
  [
    'a role on data that is missing',
    reply(
      403,
      '\uFEFF<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthorizationPermissionMismatch</Code><Message>This request is not authorized to perform this operation using this permission.\nRequestId:1\nTime:2</Message></Error>',
    ),
    { code: 'PERMISSION_DENIED', retryable: false },
    /Storage Blob Data Contributor/,
  ],
  [
    'a provider that is not registered',
    reply(
      409,
      arm(
        'MissingSubscriptionRegistration',
        "The subscription is not registered to use namespace 'Microsoft.OperationalInsights'. See https://aka.ms/rps-not-found for how to register subscriptions.",
      ),
    ),
    { code: 'PERMISSION_DENIED', retryable: false },
    /az provider register --namespace Microsoft\.OperationalInsights/,
  ],
  [
    'a quota',
    reply(
      401,
      web(
        401,
        'Unauthorized',
        'This region has quota of 0 instances for your subscription. Try selecting different region or SKU.',
      ),
    ),
    { code: 'QUOTA_EXCEEDED', retryable: false },
    /Quotas/,
  ],
  [
    'a size over the quota',
    reply(
      409,
      arm(
        'SubscriptionIsOverQuotaForSku',
        'Operation cannot be completed without additional quota.',
      ),
    ),
    { code: 'QUOTA_EXCEEDED', retryable: false },
  ],
  [
    'too many requests',
    reply(
      429,
      arm('TooManyRequests', 'The request is being throttled. Please try after 2 seconds.'),
      { 'retry-after': '2' },
    ),
    { code: 'RATE_LIMITED', retryable: true },
  ],
  [
    'another operation',
    reply(
      409,
      web(
        409,
        'Conflict',
        'Cannot modify this site because another operation is in progress. Details: Id: 1, OperationName: Update',
      ),
    ),
    { code: 'CONFLICT', retryable: true },
  ],
  [
    'another deployment',
    reply(
      409,
      web(
        409,
        'Conflict',
        'There is a deployment currently in progress. Please try again when it completes.',
      ),
    ),
    { code: 'CONFLICT', retryable: true },
  ],
  [
    'a plan that is still in use',
    reply(
      409,
      web(
        409,
        'Conflict',
        "Server farm 'orders-plan' cannot be deleted because it has web app(s) orders assigned to it.",
      ),
    ),
    { code: 'CONFLICT', retryable: true },
  ],
  [
    'a group that goes',
    reply(
      409,
      arm(
        'ResourceGroupBeingDeleted',
        "The resource group 'rg' is in deprovisioning state and cannot perform this operation.",
      ),
    ),
    { code: 'CONFLICT', retryable: true },
    /being deleted/,
  ],
  [
    'a resource that is not there',
    reply(
      404,
      arm(
        'ResourceNotFound',
        "The Resource 'Microsoft.Web/sites/orders' under resource group 'rg' was not found.",
      ),
    ),
    { code: 'NOT_FOUND', retryable: false },
  ],
  [
    'a token that ended',
    reply(
      401,
      arm('ExpiredAuthenticationToken', 'The access token expiry UTC time is earlier than now.'),
    ),
    { code: 'UNAUTHENTICATED', retryable: false },
    /az login/,
  ],
  [
    'a subscription that is not there',
    reply(404, arm('SubscriptionNotFound', "The subscription '1' could not be found.")),
    { code: 'UNAUTHENTICATED', retryable: false },
    /az account list/,
  ],
  [
    'a policy',
    reply(403, arm('RequestDisallowedByPolicy', "Resource 'x' was disallowed by policy.")),
    { code: 'PERMISSION_DENIED', retryable: false },
    /policy/,
  ],
  [
    'a host that starts',
    reply(
      400,
      web(400, 'BadRequest', 'Encountered an error (ServiceUnavailable) from host runtime.'),
    ),
    { code: 'UNAVAILABLE', retryable: true },
  ],
  [
    'a page of a gateway',
    reply(502, '<html><title>Bad Gateway</title></html>'),
    { code: 'UNAVAILABLE', retryable: true },
  ],
  [
    'an error inside',
    reply(500, arm('InternalServerError', 'Encountered internal server error.')),
    { code: 'UNAVAILABLE', retryable: true },
  ],
  [
    'a broken connection under the SDK',
    Object.assign(new Error('socket hang up'), { name: 'RestError', code: 'ECONNRESET' }),
    { code: 'UNAVAILABLE', retryable: true },
  ],
  [
    'a broken connection under the transport',
    Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }),
    { code: 'UNAVAILABLE', retryable: true },
  ],
  [
    'nobody there',
    Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }),
    { code: 'UNAVAILABLE', retryable: true },
    /endpoint/,
  ],
  [
    'no credential',
    Object.assign(new Error('EnvironmentCredential is unavailable.'), {
      name: 'CredentialUnavailableError',
    }),
    { code: 'UNAUTHENTICATED', retryable: false },
    /az login/,
  ],
  [
    'a credential that is refused',
    Object.assign(new Error('AADSTS7000222: The provided client secret keys are expired.'), {
      name: 'AuthenticationError',
    }),
    { code: 'UNAUTHENTICATED', retryable: false },
    /AADSTS7000222/,
  ],
  [
    'the typed client',
    Object.assign(new Error('not found'), {
      name: 'RestError',
      statusCode: 404,
      code: 'ResourceNotFound',
    }),
    { code: 'NOT_FOUND', retryable: false },
  ],
  [
    'a blob client',
    Object.assign(new Error('The specified container is being deleted.'), {
      name: 'RestError',
      statusCode: 409,
      code: 'ContainerBeingDeleted',
      details: { errorCode: 'ContainerBeingDeleted' },
    }),
    { code: 'CONFLICT', retryable: true },
  ],
  ['what is none', 'surprise', { code: 'UNKNOWN', retryable: false }],
];

describe('classify', () => {
  for (const [what, error, expected, says] of CASES) {
    it(`knows ${what}`, () => {
      const found = classify(error);
      expect(found).toMatchObject({ ...expected });
      if (says) expect(found.message).toMatch(says);
    });
  }

  it.each([
    [404, '', true],
    [503, 'Function host is not running.', true],
    [503, 'Bad gateway', false],
    [502, '', undefined],
  ])('says of a direct call that met %d "%s" whether it ran', (status, body, didNotRun) => {
    const found = classify(new DirectCallError(status, {}, body));
    expect([found.code, found.didNotRun]).toEqual(['UNAVAILABLE', didNotRun]);
  });

  it('tells how long to wait', () => {
    expect(classify(reply(429, '', { 'retry-after': '7' })).retryAfterMs).toBe(7000);
    expect(classify(reply(503, '', { 'retry-after-ms': '250' })).retryAfterMs).toBe(250);
    const at = Date.parse('2026-11-20T10:00:00Z');
    expect(retryAfterOf({ 'retry-after': 'Fri, 20 Nov 2026 10:00:05 GMT' }, at)).toBe(5000);
    expect(retryAfterOf({}, at)).toBeUndefined();
  });
});

describe('what services say', () => {
  it('is read in each of their forms', () => {
    expect(saidIn({ error: { code: 'A', message: 'b' } })).toEqual({ code: 'A', message: 'b' });
    expect(saidIn({ Code: 'A', Message: 'b' })).toEqual({ code: 'A', message: 'b' });
    expect(saidIn('{"error":{"code":"A","message":"b"}}')).toEqual({ code: 'A', message: 'b' });
    expect(saidIn('<Error><Code>A</Code><Message>b\nRequestId:1</Message></Error>')).toEqual({
      code: 'A',
      message: 'b',
    });
    expect(
      saidIn('<Error><Message>&quot;b&#x27; &lt; &amp;lt;&#xA;Time</Message></Error>'),
    ).toEqual({
      code: '',
      message: '"b\' < &lt;',
    });
    expect(
      saidIn({
        error: { code: 'DeploymentFailed', message: 'x', details: [{ code: 'A', message: 'b' }] },
      }),
    ).toEqual({ code: 'A', message: 'b' });
    expect(saidIn('plain words')).toEqual({ code: '', message: 'plain words' });
    expect(saidIn(undefined)).toEqual({ code: '', message: '' });
  });
});
