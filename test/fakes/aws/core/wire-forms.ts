/** How each service says what has nothing to do with its operations: throttled, failed inside, who are you. */
import { jsonFault } from './json-protocol.ts';
import { queryFault } from './query-protocol.ts';
import { requestId } from './request-id.ts';
import { restFault } from './rest.ts';
import { AwsFault, type WireReply } from './service.ts';
import { writeXml } from './xml.ts';

type Form = (fault: AwsFault) => WireReply;

interface WireForm {
  readonly form: Form;
  readonly throttled: readonly [status: number, code: string];
  readonly failed: readonly [status: number, code: string];
  /** Of an access key that nobody knows. */
  readonly unknownKey: readonly [status: number, code: string];
  readonly expired: readonly [status: number, code: string];
  readonly unsigned: readonly [status: number, code: string];
}

const json10: Form = (fault) => jsonFault(fault, '1.0');
const json11: Form = (fault) => jsonFault(fault, '1.1');
const query =
  (namespace: string): Form =>
  (fault) =>
    queryFault(fault, namespace);

const s3: Form = (fault) => ({
  status: fault.status,
  headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId() },
  body: writeXml('Error', { Code: fault.code, Message: fault.message, RequestId: requestId() }),
});

const COMMON = {
  throttled: [400, 'ThrottlingException'],
  failed: [500, 'InternalFailure'],
  unknownKey: [400, 'UnrecognizedClientException'],
  expired: [400, 'ExpiredTokenException'],
  unsigned: [400, 'MissingAuthenticationTokenException'],
} as const;

const JSON10 = { ...COMMON, form: json10 };
const JSON11 = { ...COMMON, form: json11 };
const REST = {
  form: restFault,
  throttled: [429, 'TooManyRequestsException'],
  failed: [500, 'ServiceException'],
  unknownKey: [403, 'UnrecognizedClientException'],
  expired: [403, 'ExpiredTokenException'],
  unsigned: [403, 'MissingAuthenticationTokenException'],
} as const;
const QUERY = {
  throttled: [400, 'Throttling'],
  failed: [500, 'InternalFailure'],
  unknownKey: [403, 'InvalidClientTokenId'],
  expired: [403, 'ExpiredToken'],
  unsigned: [403, 'MissingAuthenticationToken'],
} as const;

const FORMS: Readonly<Record<string, WireForm>> = {
  lambda: REST,
  apigateway: { ...REST, failed: [500, 'InternalServerErrorException'] },
  scheduler: {
    ...REST,
    throttled: [429, 'ThrottlingException'],
    failed: [500, 'InternalServerException'],
  },
  sqs: {
    ...JSON10,
    form: (fault) => {
      const reply = jsonFault(fault, '1.0', 'com.amazonaws.sqs#');
      const side = fault.status >= 500 ? 'Receiver' : 'Sender';
      const headers = { ...reply.headers, 'x-amzn-query-error': `${fault.code};${side}` };
      return { ...reply, headers };
    },
    throttled: [400, 'RequestThrottled'],
    unknownKey: [403, 'InvalidClientTokenId'],
  },
  dynamodb: { ...JSON10, failed: [500, 'InternalServerError'] },
  monitoring: { ...JSON10, failed: [500, 'InternalServiceFault'] },
  events: { ...JSON11, failed: [500, 'InternalException'] },
  kinesis: { ...JSON11, throttled: [400, 'LimitExceededException'] },
  logs: JSON11,
  secretsmanager: { ...JSON11, failed: [500, 'InternalServiceError'] },
  'application-autoscaling': { ...JSON11, failed: [500, 'InternalServiceException'] },
  iam: {
    ...QUERY,
    form: query('https://iam.amazonaws.com/doc/2010-05-08/'),
    failed: [500, 'ServiceFailure'],
  },
  sts: { ...QUERY, form: query('https://sts.amazonaws.com/doc/2011-06-15/') },
  sns: {
    ...QUERY,
    form: query('https://sns.amazonaws.com/doc/2010-03-31/'),
    failed: [500, 'InternalError'],
  },
  s3: {
    ...QUERY,
    form: s3,
    throttled: [503, 'SlowDown'],
    failed: [500, 'InternalError'],
    unknownKey: [403, 'InvalidAccessKeyId'],
    expired: [400, 'ExpiredToken'],
    unsigned: [403, 'AccessDenied'],
  },
};

const MESSAGES = {
  throttled: 'Rate exceeded',
  failed: 'An internal error occurred. Please retry your request.',
  unknownKey: 'The security token included in the request is invalid.',
  expired: 'The security token included in the request is expired',
  unsigned: 'Request is missing Authentication Token',
} as const;

/** What a service answers instead of doing anything. */
export function plainFault(service: string, kind: keyof typeof MESSAGES): WireReply {
  const wire = FORMS[service] ?? JSON11;
  const [status, code] = wire[kind];
  const isLambdaThrottle = service === 'lambda' && kind === 'throttled';
  return wire.form(
    new AwsFault(status, code, MESSAGES[kind], {
      ...(isLambdaThrottle && {
        fields: { Reason: 'CallerRateLimitExceeded', Type: 'User' },
      }),
    }),
  );
}
