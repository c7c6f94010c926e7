import type { Capabilities, Capability } from 'polyfaas/spi';
import { ENV } from './envelope.ts';

type Limits = Readonly<Record<string, number | string>>;

const native = (via: string, limits?: Limits): Capability =>
  limits ? { support: 'native', via, limits } : { support: 'native', via };

const emulated = (via: string, limits?: Limits): Capability =>
  limits ? { support: 'emulated', via, limits } : { support: 'emulated', via };

/** Lambda quotas: all variables together, as JSON. */
export const LAMBDA_ENV_BYTES = 4096;

/** `"":"",`: Lambda measures the variables as JSON. */
const JSON_BYTES = 6;

/**
 * The longest values that ours can have: an app of 40, a stage of 20, a function of 40, a digest of 40 characters; and what
 * is around them, and around one of the user's.
 */
const OWN_ENV_BYTES =
  [ENV.app, ENV.stage, ENV.function, ENV.digest].reduce(
    (sum, name) => sum + name.length + JSON_BYTES,
    0,
  ) +
  40 +
  20 +
  40 +
  40 +
  JSON_BYTES +
  '{'.length;

/** What an input travels in, at most: a request id of 128 and a trace state of 512 characters among it. */
const ENVELOPE_BYTES = 1024;

/** Lambda quotas: a zip in the request itself. */
export const DIRECT_ZIP_BYTES = 52_428_800;
/** Lambda quotas: the code, unpacked, layers included. */
export const UNPACKED_BYTES = 262_144_000;

/** API Gateway quotas: an HTTP API waits no longer for its integration. */
export const HTTP_API_SECONDS = 30;

/** What AWS can do. Numbers are those of the Lambda quotas of 2026-11, unless a row says otherwise. */
export const CAPABILITIES: Capabilities = {
  features: {
    'deploy.rollback': native('Lambda versions and the alias "live"'),
    'deploy.prebuilt': native('a zip with a Lambda handler', { directBytes: DIRECT_ZIP_BYTES }),
    'deploy.image': native('a container image in ECR of the same region'),
    'deploy.foreignRuntime': native('Lambda runtimes, by their own names: `python3.13`'),
    'deploy.adopt': native('tags on the function'),
    'deploy.architecture': native('x86_64 and arm64'),
    'deploy.secrets': emulated(
      'AWS Secrets Manager, read at each cold start before the code is loaded',
    ),
    'deploy.tags': native('Lambda tags'),
    'invoke.sync': native('Lambda Invoke, RequestResponse'),
    'invoke.async': native('Lambda Invoke, Event'),
    'invoke.asyncRetry': native('Lambda event invoke configuration', {
      maxAttempts: 3,
      delays: 'chosen by Lambda: about 1 minute, then 2',
    }),
    'invoke.destinations': native('Lambda destinations: SQS, SNS, EventBridge'),
    'invoke.cancel': {
      support: 'none',
      why: 'Lambda does not tell a running function that its caller is gone. The call ends for the caller; the function runs on to its end or its timeout.',
    },
    'invoke.version': native('the version as qualifier'),
    'invoke.signedRoute': {
      support: 'none',
      why: 'Invocations go through the Lambda API, which AWS signs with Signature Version 4.',
    },
    'instance.memoryLimit': native('Lambda memory size'),
    'instance.timeout': native('Lambda timeout'),
    'instance.concurrency': {
      support: 'none',
      why: 'An instance of a Lambda function serves one request at a time. Leave `concurrency` out; Lambda starts more instances.',
    },
    'instance.minInstances': native('provisioned concurrency on the alias "live"'),
    'instance.maxInstances': native('reserved concurrency'),
    'event.http': native('a function URL, or an HTTP API of API Gateway', {
      httpApiTimeoutSeconds: HTTP_API_SECONDS,
      functionUrlBodyBytes: 6_291_456,
      httpApiBodyBytes: 10_485_760,
    }),
    'event.http.cors': emulated("the function's own entry"),
    'event.http.jwt': native('a JWT authorizer of API Gateway'),
    'event.http.rateLimit': native('route throttling of API Gateway'),
    'event.http.streaming': {
      support: 'none',
      why: 'Answers are sent whole. Answer with a link to an object in a bucket instead.',
    },
    'event.schedule': native('EventBridge Scheduler', { minSeconds: 60 }),
    'event.schedule.timezone': native('EventBridge Scheduler time zones'),
    'event.queue': native('SQS and a Lambda event source mapping', {
      maxBatchSize: 10_000,
      maxBatchSizeFifo: 10,
      maxBatchWindowSeconds: 300,
    }),
    'event.queue.partialBatch': native('ReportBatchItemFailures'),
    'event.queue.backoff': emulated('the visibility timeout of each message', {
      maxDelaySeconds: 43_200,
    }),
    'event.queue.deadLetter': native('the redrive policy of the queue'),
    'event.queue.redrive': native('SQS StartMessageMoveTask'),
    'event.topic': native('SNS'),
    'event.topic.filter': native('SNS subscription filter policies'),
    'event.topic.deadLetter': emulated('the entry sends to SQS after the last attempt'),
    'event.object': native('S3 event notifications'),
    'event.object.filter': native('S3 prefix and suffix filters'),
    'event.object.deadLetter': emulated('the entry sends to SQS after the last attempt'),
    'event.stream': native('Kinesis and a Lambda event source mapping', { maxBatchSize: 10_000 }),
    'event.stream.deadLetter': native('the mapping sends where the records are, not the records'),
    'event.table': native('DynamoDB streams and a Lambda event source mapping', {
      maxBatchSize: 10_000,
    }),
    'event.table.history': native('DynamoDB streams with new and old images'),
    'event.table.order': native('DynamoDB streams, per row'),
    'event.table.deadLetter': native('the mapping sends where the records are, not the records'),
    'event.bus': native('EventBridge rules', { rulesPerBus: 300 }),
    'event.bus.pattern': native('EventBridge patterns'),
    'event.bus.deadLetter': emulated('the entry sends to SQS after the last attempt'),
    'warm.ping': native('invocations held open at once', { maxAtOnce: 1000 }),
    'warm.guaranteed': {
      support: 'none',
      why: 'Lambda may reclaim an idle instance at any time. Declare `minInstances` for instances that stay.',
    },
    'metrics.counts': native('CloudWatch metrics of the alias "live"', { delaySeconds: 180 }),
    'metrics.coldStarts': native('CloudWatch Logs Insights over the REPORT lines'),
    'metrics.percentiles': native('CloudWatch metrics'),
    'metrics.memory': native('CloudWatch Logs Insights over the REPORT lines'),
    'logs.query': native('CloudWatch Logs'),
    'trace.propagation': native('W3C trace context in the call, and the X-Ray header'),
  },
  deploySwitch: 'atomic',
  limits: {
    memoryMb: { min: 128, max: 10_240 },
    timeoutSeconds: { min: 1, max: 900 },
    envBytes: LAMBDA_ENV_BYTES - OWN_ENV_BYTES,
    syncPayloadBytes: 6_291_456 - ENVELOPE_BYTES,
    asyncPayloadBytes: 1_048_576 - ENVELOPE_BYTES,
    zipBytes: 262_144_000,
    unpackedBytes: UNPACKED_BYTES,
    maxInstances: 10_000,
    concurrency: 1,
    httpTimeoutSeconds: 900,
  },
  names: {
    function: { maxLength: 64, characters: 'A-Za-z0-9_-', lowerCase: false },
  },
};
