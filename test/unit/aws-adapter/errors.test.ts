/** What errors mean, by the bodies that the services send, read by the vendor's own clients. */
import { describe, expect, it } from 'vitest';
import type { Classification } from 'polyfaas/spi';
import type { AwsClients } from '../../../providers/aws/clients/index.ts';
import { loadSdk } from '../../../providers/aws/clients/load-sdk.ts';
import { classify, isMissing } from '../../../providers/aws/errors.ts';
import { clientsFor, errorOf, type RecordedReply } from './wire.ts';

const lambdaError = (
  status: number,
  type: string,
  message: string,
  more: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): RecordedReply => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': type, ...headers },
  body: JSON.stringify({ Type: 'User', message, ...more }),
});
const json = (status: number, type: string, message: string): RecordedReply => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify({ __type: type, message }),
});
const query = (status: number, code: string, message: string): RecordedReply => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
});
const s3 = (status: number, code: string, message: string): RecordedReply => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message><RequestId>1</RequestId></Error>`,
});

type Call = (aws: AwsClients) => Promise<unknown>;

const FunctionName = 'shop-dev-orders';
const getFunction: Call = async (aws) => (await aws.lambda()).getFunction({ FunctionName });
const updateCode: Call = async (aws) =>
  (await aws.lambda()).updateFunctionCode({ FunctionName, ZipFile: Buffer.from('PK') });
const invoke: Call = async (aws) => (await aws.invoker()).invoke({ FunctionName });
const getRole: Call = async (aws) => (await aws.iam()).getRole({ RoleName: 'r' });
const identity: Call = async (aws) => (await aws.sts()).getCallerIdentity({});
const createQueue: Call = async (aws) => (await aws.sqs()).createQueue({ QueueName: 'q' });
const getQueue: Call = async (aws) => (await aws.sqs()).getQueueUrl({ QueueName: 'q' });
const putObject: Call = async (aws) =>
  (await aws.s3()).putObject({ Bucket: 'b', Key: 'k', Body: 'x' });
const describeTable: Call = async (aws) => (await aws.dynamodb()).describeTable({ TableName: 't' });
const putRecord: Call = async (aws) =>
  (await aws.kinesis()).putRecord({
    StreamName: 's',
    PartitionKey: 'k',
    Data: Buffer.from('x'),
  });
const putRule: Call = async (aws) => (await aws.eventbridge()).putRule({ Name: 'r' });
const createGroup: Call = async (aws) => (await aws.logs()).createLogGroup({ logGroupName: 'g' });

const CASES: readonly {
  readonly name: string;
  readonly reply: RecordedReply | 'reset';
  readonly call: Call;
  readonly means: Partial<Classification>;
}[] = [
  {
    name: 'an invocation beyond the reserved concurrency',
    reply: lambdaError(429, 'TooManyRequestsException', 'Rate Exceeded.', {
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    }),
    call: invoke,
    means: { code: 'RATE_LIMITED', retryable: true, didNotRun: true },
  },
  {
    name: 'a rate that says when to come again',
    reply: lambdaError(
      429,
      'TooManyRequestsException',
      'Rate exceeded',
      {},
      { 'retry-after': '3' },
    ),
    call: getFunction,
    means: { code: 'RATE_LIMITED', retryable: true, retryAfterMs: 3000 },
  },
  {
    name: 'throttling of IAM',
    reply: query(400, 'Throttling', 'Rate exceeded'),
    call: getRole,
    means: { code: 'RATE_LIMITED', retryable: true },
  },
  {
    name: 'throttling of DynamoDB',
    reply: json(400, 'com.amazon.coral.availability#ThrottlingException', 'Rate exceeded'),
    call: describeTable,
    means: { code: 'RATE_LIMITED', retryable: true },
  },
  {
    name: 'a shard that is full',
    reply: json(400, 'ProvisionedThroughputExceededException', 'Rate exceeded for shard'),
    call: putRecord,
    means: { code: 'RATE_LIMITED', retryable: true },
  },
  {
    name: 'S3 asking to slow down',
    reply: s3(503, 'SlowDown', 'Please reduce your request rate.'),
    call: putObject,
    means: { code: 'RATE_LIMITED', retryable: true },
  },
  {
    name: 'a failure inside Lambda',
    reply: lambdaError(500, 'ServiceException', 'Internal'),
    call: getFunction,
    means: { code: 'UNAVAILABLE', retryable: true },
  },
  {
    name: 'a proxy that has no answer',
    reply: { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad</html>' },
    call: getFunction,
    means: { code: 'UNAVAILABLE', retryable: true },
  },
  {
    name: 'a connection that broke',
    reply: 'reset',
    call: getFunction,
    means: { code: 'UNAVAILABLE', retryable: true },
  },
  {
    name: 'a function that is not there',
    reply: lambdaError(404, 'ResourceNotFoundException', 'Function not found: arn:aws:lambda:x'),
    call: getFunction,
    means: { code: 'NOT_FOUND', retryable: false },
  },
  {
    name: 'a role that is not there',
    reply: query(404, 'NoSuchEntity', 'The role with name r cannot be found.'),
    call: getRole,
    means: { code: 'NOT_FOUND', retryable: false },
  },
  {
    name: 'a queue that is not there',
    reply: json(400, 'com.amazonaws.sqs#QueueDoesNotExist', 'The specified queue does not exist.'),
    call: getQueue,
    means: { code: 'NOT_FOUND' },
  },
  {
    name: 'a queue whose name is not free yet',
    reply: json(
      400,
      'com.amazonaws.sqs#QueueDeletedRecently',
      'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
    ),
    call: createQueue,
    means: { code: 'CONFLICT', retryable: true, retryAfterMs: 60_000 },
  },
  {
    name: 'an update in progress',
    reply: lambdaError(
      409,
      'ResourceConflictException',
      'The operation cannot be performed at this time. An update is in progress for resource: arn:aws:lambda:x',
    ),
    call: updateCode,
    means: { code: 'CONFLICT', retryable: true },
  },
  {
    name: 'a function that is there already',
    reply: lambdaError(409, 'ResourceConflictException', 'Function already exist: x'),
    call: updateCode,
    means: { code: 'ALREADY_EXISTS', retryable: false },
  },
  {
    name: 'a revision that moved on',
    reply: lambdaError(
      412,
      'PreconditionFailedException',
      'The Revision Id provided does not match the latest Revision Id.',
    ),
    call: updateCode,
    means: { code: 'CONFLICT', retryable: false },
  },
  {
    name: 'a rule that somebody else changes',
    reply: json(400, 'ConcurrentModificationException', 'Rule r is being changed'),
    call: putRule,
    means: { code: 'CONFLICT', retryable: true },
  },
  {
    name: 'a log group that is there already',
    reply: json(400, 'ResourceAlreadyExistsException', 'The specified log group already exists'),
    call: createGroup,
    means: { code: 'ALREADY_EXISTS', retryable: false },
  },
  {
    name: 'full code storage',
    reply: lambdaError(400, 'CodeStorageExceededException', 'Code storage limit exceeded.'),
    call: updateCode,
    means: { code: 'QUOTA_EXCEEDED', message: expect.stringContaining('prune') },
  },
  {
    name: 'too many rules',
    reply: json(400, 'LimitExceededException', 'The requested resource exceeds the maximum'),
    call: putRule,
    means: { code: 'QUOTA_EXCEEDED', retryable: false },
  },
  {
    name: 'a request that is too large',
    reply: lambdaError(
      413,
      'RequestTooLargeException',
      'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
    ),
    call: invoke,
    means: { code: 'PAYLOAD_TOO_LARGE', retryable: false },
  },
  {
    name: 'code that is too large unpacked',
    reply: lambdaError(
      400,
      'InvalidParameterValueException',
      'Unzipped size must be smaller than 262144000 bytes',
    ),
    call: updateCode,
    means: { code: 'PAYLOAD_TOO_LARGE' },
  },
  {
    name: 'a value that is wrong',
    reply: lambdaError(
      400,
      'InvalidParameterValueException',
      'Uploaded file must be a non-empty zip',
    ),
    call: updateCode,
    means: { code: 'INVALID_ARGUMENT', retryable: false },
  },
  {
    name: 'a zip that is none, though it comes with 502',
    reply: lambdaError(502, 'InvalidZipFileException', 'Could not unzip'),
    call: invoke,
    means: { code: 'INVALID_ARGUMENT', retryable: false },
  },
  {
    name: 'a network that Lambda may not use',
    reply: lambdaError(502, 'EC2AccessDeniedException', 'Lambda does not have permission'),
    call: invoke,
    means: { code: 'PERMISSION_DENIED', message: expect.stringContaining('ec2:') },
  },
  {
    name: 'a network that is busy',
    reply: lambdaError(502, 'EC2ThrottledException', 'Lambda was throttled by Amazon EC2'),
    call: invoke,
    means: { code: 'RATE_LIMITED', retryable: true, didNotRun: true },
  },
  {
    name: 'a network with no address left',
    reply: lambdaError(502, 'SubnetIPAddressLimitReachedException', 'No IP left'),
    call: invoke,
    means: { code: 'QUOTA_EXCEEDED', retryable: false },
  },
  {
    name: 'a key that may not be used',
    reply: lambdaError(502, 'KMSAccessDeniedException', 'Lambda could not decrypt'),
    call: invoke,
    means: { code: 'PERMISSION_DENIED', message: expect.stringContaining('kms:Decrypt') },
  },
  {
    name: 'an action that the policy lacks',
    reply: lambdaError(
      403,
      'AccessDeniedException',
      'User: arn:aws:iam::123456789012:user/ci is not authorized to perform: lambda:UpdateFunctionCode on resource: arn:aws:lambda:eu-central-1:123456789012:function:x because no identity-based policy allows the lambda:UpdateFunctionCode action',
    ),
    call: updateCode,
    means: {
      code: 'PERMISSION_DENIED',
      retryable: false,
      message: expect.stringContaining('Allow "lambda:UpdateFunctionCode" on arn:aws:lambda:'),
    },
  },
  {
    name: 'an object that may not be written',
    reply: s3(403, 'AccessDenied', 'Access Denied'),
    call: putObject,
    means: { code: 'PERMISSION_DENIED' },
  },
  {
    name: 'credentials that have expired',
    reply: query(403, 'ExpiredToken', 'The security token included in the request is expired'),
    call: identity,
    means: { code: 'UNAUTHENTICATED', message: expect.stringContaining('aws sso login') },
  },
  {
    name: 'credentials that nobody knows',
    reply: lambdaError(
      403,
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    ),
    call: getFunction,
    means: { code: 'UNAUTHENTICATED', retryable: false },
  },
  {
    name: 'an access key that is none',
    reply: query(
      403,
      'InvalidClientTokenId',
      'The security token included in the request is invalid',
    ),
    call: identity,
    means: { code: 'UNAUTHENTICATED' },
  },
  {
    name: 'a signature that does not match',
    reply: lambdaError(403, 'InvalidSignatureException', 'Signature expired: 20260101T000000Z'),
    call: getFunction,
    means: { code: 'UNAUTHENTICATED', message: expect.stringContaining('clock') },
  },
];

describe('an error of AWS', () => {
  it.each(CASES)('$name', async ({ reply, call, means }) => {
    const error = await errorOf(reply, call);
    expect(error).toBeInstanceOf(Error);
    expect(classify(error)).toMatchObject(means);
    expect(isMissing(error)).toBe(means.code === 'NOT_FOUND');
  });

  it('of an address that nobody listens at is no invocation', async () => {
    const aws = clientsFor('http://127.0.0.1:1');
    const error: unknown = await invoke(aws).catch((cause: unknown) => cause);
    aws.close();
    expect(classify(error)).toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
      didNotRun: true,
    });
  });

  it.each([
    [
      { name: 'CredentialsProviderError', message: 'Could not load credentials' },
      'UNAUTHENTICATED',
    ],
    [{ name: 'Error', message: 'Region is missing' }, 'INVALID_ARGUMENT'],
    [{ name: 'Error', code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND x' }, 'UNAVAILABLE'],
    [{ name: 'TimeoutError', message: 'Connection timed out' }, 'UNAVAILABLE'],
    [{ name: 'TypeError', message: 'x is not a function' }, 'UNKNOWN'],
    ['a text', 'UNKNOWN'],
    [undefined, 'UNKNOWN'],
  ])('%j means %s', (cause, code) => {
    expect(classify(cause).code).toBe(code);
  });
});

describe('a package of the SDK', () => {
  it('that is not installed is named with the command for it', async () => {
    const name: string = '@aws-sdk/client-none';
    const missing = import(name);
    await expect(loadSdk('client-none', missing)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('npm install @aws-sdk/client-none'),
    });
  });

  it('is no longer given once the provider is closed', async () => {
    const aws = clientsFor('http://127.0.0.1:1');
    aws.close();
    await expect(aws.lambda()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
