import type { Capabilities, Capability } from 'polyfaas/spi';
import { FUNCTION_NAME, PUSH_SECONDS, SCHEDULE_SECONDS } from './limits.ts';
import { MEMORY_SIZES } from './options/sizes.ts';

type Limits = Readonly<Record<string, number | string>>;

const native = (via: string, limits?: Limits): Capability =>
  limits ? { support: 'native', via, limits } : { support: 'native', via };

const emulated = (via: string, limits?: Limits): Capability =>
  limits ? { support: 'emulated', via, limits } : { support: 'emulated', via };

const none = (why: string): Capability => ({ support: 'none', why });

/** What an input travels in, at most. */
const ENVELOPE_BYTES = 1024;
/** Cloud Run's bound on requests and on answers that are not streamed ("Cloud Run functions quotas"). */
const HTTP_BODY_BYTES = 33_554_432;
/** A publish request of Pub/Sub has at most 10 MB, and base64 makes four bytes of three ("Pub/Sub quotas and limits"). */
const PUBLISH_BYTES = 7_500_000;
/** Names and values of all variables of a function together ("Environment variables for services"). */
const ENV_BYTES = 32_768;
/** The name of our own variable, and what Cloud Functions adds. */
const OWN_ENV_BYTES = 512;
/**
 * The second generation has no bound of its own; so much is what the first one took, and what a build surely does ("Cloud
 * Run functions quotas").
 */
const ZIP_BYTES = 104_857_600;
const UNPACKED_BYTES = 524_288_000;
/** The longest request timeout of Cloud Run. */
const HTTP_SECONDS = 3600;

const TO_TOPIC = "the function's own entry sends after the last attempt";

/** What Google Cloud can do. Numbers are those of 2026-11. */
export const CAPABILITIES: Capabilities = {
  features: {
    'deploy.rollback': native('Cloud Run revisions, each with a tag in the traffic'),
    'deploy.prebuilt': none(
      'A zip that is ready has no function that polyfaas could call: what Google starts are functions of the functions framework, without routes, signatures and retries. Name the handler with `entry`; an existing AWS Lambda handler runs unchanged.',
    ),
    'deploy.image': none(
      'Cloud Run functions are built from source. Name the handler with `entry`.',
    ),
    'deploy.foreignRuntime': none(
      'The entry that routes, signs and retries is written for Node.js. Use "node" (Node 24), "node24" or "node22".',
    ),
    'deploy.adopt': native('labels on the function', { generation: '2nd gen only' }),
    'deploy.architecture': none('Cloud Run runs on x86_64 only. Leave `architecture` out.'),
    'deploy.secrets': native('Secret Manager references in the environment'),
    'deploy.tags': native('labels on the Cloud Run service, and on the function when it is built', {
      maxTags: 60,
    }),
    'invoke.sync': emulated('a reserved route, with an ID token and a signature', {
      maxSeconds: HTTP_SECONDS,
    }),
    'invoke.async': emulated('a Pub/Sub topic of the function, pushed to it', {
      maxSeconds: PUSH_SECONDS,
    }),
    'invoke.asyncRetry': native('the retry policy of a Pub/Sub subscription', {
      maxDelaySeconds: 600,
    }),
    'invoke.destinations': emulated("the function's own entry publishes to topics"),
    'invoke.cancel': none(
      'Cloud Run does not reliably tell a running function that its caller is gone. The call ends for the caller; the function runs on to its end or its timeout.',
    ),
    'invoke.version': native('the URL of a tagged revision'),
    'invoke.signedRoute': native('HMAC-SHA256 over the whole call, beside the ID token'),
    'instance.memoryLimit': native('Cloud Run memory limits'),
    'instance.timeout': emulated("the function's own entry; Cloud Run's timeout stands behind it"),
    'instance.concurrency': native('concurrent requests of an instance', { max: 1000 }),
    'instance.minInstances': native('minimum instances of the Cloud Run service'),
    'instance.maxInstances': native('maximum instances of a revision', { max: 1000 }),
    'event.http': native('the URL of the Cloud Run service', {
      timeoutSeconds: HTTP_SECONDS,
      bodyBytes: HTTP_BODY_BYTES,
      reservedPaths: '/polyfaas',
    }),
    'event.http.cors': emulated("the function's own entry"),
    'event.http.jwt': emulated("the function's own entry, by the issuer's published keys"),
    'event.http.rateLimit': none(
      'Cloud Run has no rate limit. Set `maxInstances`, or put a load balancer with Cloud Armor in front.',
    ),
    'event.http.streaming': none(
      'Answers are sent whole. Answer with a link to an object of a bucket instead.',
    ),
    'event.schedule': native('Cloud Scheduler', {
      smallestSeconds: 60,
      maxSeconds: SCHEDULE_SECONDS,
    }),
    'event.schedule.timezone': native('time zones of Cloud Scheduler'),
    'event.queue': native('a Pub/Sub topic and its one push subscription', {
      messagesPerCall: 1,
      maxSeconds: PUSH_SECONDS,
    }),
    'event.queue.partialBatch': native('one message per call'),
    'event.queue.backoff': native('the retry policy of a Pub/Sub subscription', {
      maxDelaySeconds: 600,
      linear: 'approximated by exponential delays',
    }),
    'event.queue.deadLetter': emulated(TO_TOPIC),
    'event.queue.redrive': none(
      'Pub/Sub has no redrive. Pull from the subscription of the dead-letter topic, and publish to the topic of the queue.',
    ),
    'event.topic': native('Pub/Sub push subscriptions', { maxSeconds: PUSH_SECONDS }),
    'event.topic.filter': native('Pub/Sub filters of up to 256 bytes; longer ones in the entry'),
    'event.topic.deadLetter': emulated(TO_TOPIC),
    'event.object': native('notifications of Cloud Storage, over Pub/Sub'),
    'event.object.filter': native('prefixes by Cloud Storage; suffixes in the entry'),
    'event.object.deadLetter': emulated(TO_TOPIC),
    'event.stream': none(
      'Google Cloud has no stream with shards and positions. Use a queue, whose messages keep their order by group.',
    ),
    'event.stream.deadLetter': none(
      'Google Cloud has no stream with shards and positions. Use a queue with a dead letter.',
    ),
    'event.table': native('Firestore, by Eventarc, over a Pub/Sub topic of the binding', {
      changesPerCall: 1,
      from: 'latest',
    }),
    'event.table.history': native('the values before and after, in the event'),
    'event.table.order': none(
      'Eventarc delivers the changes of Firestore in no order, though failed ones come again before later ones of their row. Compare `time`, or keep a number in the row.',
    ),
    'event.table.deadLetter': emulated(TO_TOPIC),
    'event.bus': native('a Pub/Sub topic with CloudEvents attributes'),
    'event.bus.pattern': emulated(
      "the function's own entry, behind a Pub/Sub filter where it fits",
    ),
    'event.bus.deadLetter': emulated(TO_TOPIC),
    'warm.ping': emulated('signed calls held open at once', { maxAtOnce: 1000 }),
    'warm.guaranteed': none(
      'Cloud Run may take an idle instance back at any time. Declare `minInstances` for instances that are kept ready.',
    ),
    'metrics.counts': native('Cloud Monitoring: run.googleapis.com/request_count', {
      delaySeconds: 240,
    }),
    'metrics.coldStarts': native(
      'Cloud Monitoring: run.googleapis.com/container/startup_latencies',
    ),
    'metrics.percentiles': native('Cloud Monitoring: run.googleapis.com/request_latencies'),
    'metrics.memory': native('Cloud Monitoring: run.googleapis.com/container/memory/utilizations'),
    'logs.query': native('Cloud Logging'),
    'trace.propagation': native('W3C trace context in the call'),
  },
  deploySwitch: 'atomic',
  limits: {
    memoryMb: { min: 128, max: 32_768, steps: MEMORY_SIZES },
    timeoutSeconds: {
      min: 1,
      max: HTTP_SECONDS,
      note: 'Cloud Run ends requests after 3600 s. Split longer work into messages of a queue.',
    },
    envBytes: ENV_BYTES - OWN_ENV_BYTES,
    syncPayloadBytes: HTTP_BODY_BYTES - ENVELOPE_BYTES,
    asyncPayloadBytes: PUBLISH_BYTES - 2 * ENVELOPE_BYTES,
    zipBytes: ZIP_BYTES,
    unpackedBytes: UNPACKED_BYTES,
    maxInstances: 1000,
    concurrency: 1000,
    httpTimeoutSeconds: HTTP_SECONDS,
  },
  names: { function: FUNCTION_NAME },
};
