/** Events as AWS sends them, field for field. */

const REGION = 'eu-central-1';
const ACCOUNT = '123456789012';

export const QUEUE_ARN = `arn:aws:sqs:${REGION}:${ACCOUNT}:orders`;

export interface SqsOptions {
  readonly id?: string;
  readonly attempt?: number;
  readonly group?: string;
  readonly arn?: string;
  readonly receiptHandle?: string;
  readonly traceHeader?: string;
}

export function sqsRecord(body: string, options: SqsOptions = {}) {
  const { id = 'm-1', attempt = 1, group, arn = QUEUE_ARN, traceHeader } = options;
  return {
    messageId: id,
    receiptHandle: options.receiptHandle ?? `handle-${id}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(attempt),
      SentTimestamp: '1767225600250',
      SenderId: 'AIDAIENQZJOLO23YVJ4VO',
      ApproximateFirstReceiveTimestamp: '1767225600300',
      ...(group === undefined ? {} : { MessageGroupId: group, SequenceNumber: '1' }),
      ...(traceHeader === undefined ? {} : { AWSTraceHeader: traceHeader }),
    },
    messageAttributes: {
      tenant: {
        stringValue: 'blue',
        stringListValues: [],
        binaryListValues: [],
        dataType: 'String',
      },
      count: { stringValue: '7', stringListValues: [], binaryListValues: [], dataType: 'Number' },
      bytes: {
        binaryValue: 'AAE=',
        stringListValues: [],
        binaryListValues: [],
        dataType: 'Binary',
      },
    },
    md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
    eventSource: 'aws:sqs',
    eventSourceARN: arn,
    awsRegion: REGION,
  };
}

export function snsEvent(message: string, topic = 'users', timestamp = '2026-01-01T00:00:00.250Z') {
  const arn = `arn:aws:sns:${REGION}:${ACCOUNT}:${topic}`;
  return {
    Records: [
      {
        EventVersion: '1.0',
        EventSubscriptionArn: `${arn}:21be56ed-a058-49f5-8c98-aedd2564c486`,
        EventSource: 'aws:sns',
        Sns: {
          SignatureVersion: '1',
          Timestamp: timestamp,
          Signature: 'EXAMPLE',
          SigningCertUrl: 'EXAMPLE',
          MessageId: '95df01b4-ee98-5cb9-9903-4c221d41eb5e',
          Message: message,
          MessageAttributes: {
            tenant: { Type: 'String', Value: 'blue' },
            bytes: { Type: 'Binary', Value: 'AAE=' },
          },
          Type: 'Notification',
          UnsubscribeUrl: 'EXAMPLE',
          TopicArn: arn,
          Subject: 'registered',
        },
      },
    ],
  };
}

export function s3Event(
  eventName = 'ObjectCreated:Put',
  key = 'pictures/gr%C3%B6%C3%9Fe+1%2B2%263.png',
) {
  const created = eventName.startsWith('ObjectCreated');
  return {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: REGION,
        eventTime: '2026-01-01T00:00:00.250Z',
        eventName,
        userIdentity: { principalId: 'EXAMPLE' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: {
          'x-amz-request-id': 'EXAMPLE123456789',
          'x-amz-id-2': 'EXAMPLE123/5678abcdefghijklambdaisawesome/mnopqrstuvwxyzABCDEFGH',
        },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'testConfigRule',
          bucket: {
            name: 'pictures',
            ownerIdentity: { principalId: 'EXAMPLE' },
            arn: 'arn:aws:s3:::pictures',
          },
          object: {
            key,
            sequencer: '0A1B2C3D4E5F678901',
            ...(created ? { size: 1024, eTag: '0123456789abcdef0123456789abcdef' } : {}),
          },
        },
      },
    ],
  };
}

export function kinesisEvent(...data: readonly (string | Uint8Array)[]) {
  return {
    Records: data.map((item, index) => ({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: 'key',
        sequenceNumber: `4959033827149025660855969253836128409567${index}`,
        data: Buffer.from(item).toString('base64'),
        approximateArrivalTimestamp: 1_767_225_600.25,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `shardId-000000000006:4959033827149025660855969253836128409567${index}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: `arn:aws:iam::${ACCOUNT}:role/lambda-role`,
      awsRegion: REGION,
      eventSourceARN: `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/clicks`,
    })),
  };
}

export function dynamodbEvent() {
  const record = (eventName: string, SequenceNumber: string, images: object) => ({
    eventID: `event-${SequenceNumber}`,
    eventName,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: REGION,
    dynamodb: {
      ApproximateCreationDateTime: 1_767_225_600,
      Keys: { id: { S: 'a' } },
      ...images,
      SequenceNumber,
      SizeBytes: 26,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
    eventSourceARN: `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/users/stream/2026-01-01T00:00:00.000`,
  });
  const item = {
    id: { S: 'a' },
    count: { N: '1' },
    huge: { N: '12345678901234567890' },
    price: { N: '9.5' },
    yes: { BOOL: true },
    none: { NULL: true },
    list: { L: [{ S: 'x' }, { N: '2' }] },
    map: { M: { deep: { S: 'grün' } } },
    tags: { SS: ['a', 'b'] },
    numbers: { NS: ['1', '2'] },
    bytes: { B: 'AAE=' },
  };
  return {
    Records: [
      record('INSERT', '100', { NewImage: item }),
      record('MODIFY', '101', { NewImage: { id: { S: 'a' } }, OldImage: item }),
      record('REMOVE', '102', { OldImage: { id: { S: 'a' } } }),
    ],
  };
}

export function busEvent(detail: unknown = { user: 7 }) {
  return {
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    'detail-type': 'UserRegistered',
    source: 'user-service',
    account: ACCOUNT,
    time: '2026-01-01T00:00:00Z',
    region: REGION,
    resources: ['users/7'],
    detail,
  };
}

export interface GatewayOptions {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly routeKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly stageVariables?: Readonly<Record<string, string>>;
  readonly claims?: Readonly<Record<string, string>>;
  readonly pathParameters?: Readonly<Record<string, string>>;
}

export function gatewayEvent(options: GatewayOptions = {}) {
  const { method = 'GET', path = '/', query = '', routeKey = '$default', cookies, body } = options;
  const { stageVariables, claims, pathParameters } = options;
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookies === undefined ? {} : { cookies }),
    headers: { host: 'abc123.execute-api.eu-central-1.amazonaws.com', ...options.headers },
    requestContext: {
      accountId: ACCOUNT,
      apiId: 'abc123',
      ...(claims === undefined ? {} : { authorizer: { jwt: { claims, scopes: null } } }),
      domainName: 'abc123.execute-api.eu-central-1.amazonaws.com',
      domainPrefix: 'abc123',
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '192.0.2.1',
        userAgent: 'agent',
      },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey,
      stage: '$default',
      time: '01/Jan/2026:00:00:00 +0000',
      timeEpoch: 1_767_225_600_000,
    },
    ...(pathParameters === undefined ? {} : { pathParameters }),
    ...(stageVariables === undefined ? {} : { stageVariables }),
    ...(body === undefined ? {} : { body }),
    isBase64Encoded: options.isBase64Encoded ?? false,
  };
}
