import type { Capabilities, Capability } from 'polyfaas/spi';

type Limits = Readonly<Record<string, number | string>>;

const native = (via: string, limits?: Limits): Capability =>
  limits ? { support: 'native', via, limits } : { support: 'native', via };

const emulated = (via: string, limits?: Limits): Capability =>
  limits ? { support: 'emulated', via, limits } : { support: 'emulated', via };

const none = (why: string): Capability => ({ support: 'none', why });

/** The sizes of Flex Consumption's instances ("Flex Consumption plan: instance sizes"); those of others: `memory.ts`. */
export const MEMORY_STEPS = [512, 2048, 4096] as const;
/** App Service's front gives up after so long, whatever `functionTimeout` says ("Function app timeout duration"). */
export const HTTP_SECONDS = 230;
/** The most that the Consumption plan's `functionTimeout` can be. */
export const CONSUMPTION_SECONDS = 600;
/** What an input travels in, at most. */
const ENVELOPE_BYTES = 1024;
/** The Functions host takes no larger bodies, unless FUNCTIONS_REQUEST_BODY_SIZE_LIMIT says otherwise. */
const HTTP_BODY_BYTES = 104_857_600;
/** A message of Azure Storage queues has at most 64 KiB, and base64 makes four of three. */
const QUEUE_MESSAGE_BYTES = 49_152;
/** What is certain to fit beside the host and the worker on an instance ("Flex Consumption plan: considerations"). */
const PACKAGE_BYTES = 838_860_800;

/** What Azure can do. Numbers are those of 2026-11, of the Flex Consumption plan unless a row says otherwise. */
export const CAPABILITIES: Capabilities = {
  features: {
    'deploy.rollback': emulated('the kept package of a version is published again'),
    'deploy.prebuilt': none(
      'A zip with functions of its own has none that polyfaas could call: Azure starts other functions than HTTP ones only by their own triggers, and tells no result. Name the handler with `entry`; an existing AWS Lambda handler runs unchanged.',
    ),
    'deploy.image': none(
      'The Flex Consumption plan takes code, not container images. Name the handler with `entry`.',
    ),
    'deploy.foreignRuntime': none(
      'The entry that routes, signs and retries is written for Node.js. Use "node" (Node 24), "node24" or "node22".',
    ),
    'deploy.adopt': native('tags on the function app'),
    'deploy.architecture': none('Function apps run on x86_64 only. Leave `architecture` out.'),
    'deploy.secrets': native('Key Vault references in the app settings'),
    'deploy.tags': native('tags on the function app', { maxTags: 10 }),
    'invoke.sync': emulated('a hidden HTTP function, with the host key and a signature', {
      maxSeconds: HTTP_SECONDS,
    }),
    'invoke.async': emulated('a queue of Azure Storage and a hidden function that reads it'),
    'invoke.asyncRetry': emulated('the queue holds the call back until the next attempt', {
      maxDelaySeconds: 604_800,
    }),
    'invoke.destinations': emulated("the function's own entry sends to queues and topics"),
    'invoke.cancel': none(
      'The Functions host does not tell a running function that its caller is gone. The call ends for the caller; the function runs on to its end or its timeout.',
    ),
    'invoke.version': none(
      'The Flex Consumption plan has no deployment slots: a function app runs one version. Deploy the other one under another name or stage.',
    ),
    'invoke.signedRoute': native('HMAC-SHA256 over the whole call, beside the host key'),
    'instance.memoryLimit': native('instance memory of the plan', {
      consumption: 1536,
      premium: '3,584, 7,168 or 14,336',
    }),
    'instance.timeout': emulated("the function's own entry; functionTimeout stands behind it"),
    'instance.concurrency': native('per-instance concurrency of HTTP functions', { max: 1000 }),
    'instance.minInstances': native('always-ready instances of HTTP functions'),
    'instance.maxInstances': native('maximum instance count', { max: 1000 }),
    'event.http': native('an HTTP function for every path', {
      timeoutSeconds: HTTP_SECONDS,
      bodyBytes: HTTP_BODY_BYTES,
      reservedPaths: '/admin, /runtime, /polyfaas',
    }),
    'event.http.cors': emulated("the function's own entry"),
    'event.http.jwt': emulated("the function's own entry, by the issuer's published keys"),
    'event.http.rateLimit': none(
      'Function apps have no rate limit. Set `maxInstances`, or put API Management in front.',
    ),
    'event.http.streaming': none('Answers are sent whole. Answer with a link to a blob instead.'),
    'event.schedule': native('timer triggers', { timezone: 'UTC' }),
    'event.schedule.timezone': none(
      'Timers of the Flex Consumption plan know UTC only. Write the schedule in UTC.',
    ),
    'event.queue': native('queues of Azure Storage, or of Service Bus', {
      maxMessageBytes: QUEUE_MESSAGE_BYTES,
      messagesPerCall: 1,
    }),
    'event.queue.partialBatch': native('one message per call'),
    'event.queue.backoff': emulated(
      'a copy with a visibility delay takes the place of the message',
      {
        maxDelaySeconds: 604_800,
        serviceBus: 'at once, without delays',
      },
    ),
    'event.queue.deadLetter': emulated("the function's own entry sends after the last attempt"),
    'event.queue.redrive': none(
      'Queues of Azure Storage have no redrive. Read the dead-letter queue, and send its messages to the queue.',
    ),
    'event.topic': native('Service Bus topics'),
    'event.topic.filter': native('SQL filters of Service Bus subscriptions'),
    'event.topic.deadLetter': emulated("the function's own entry sends after the last attempt"),
    'event.object': native('Event Grid, into a queue of the function'),
    'event.object.filter': native('subject filters of Event Grid'),
    'event.object.deadLetter': emulated("the function's own entry sends after the last attempt"),
    'event.stream': native('Event Hubs', { partialResults: 'kept in memory' }),
    'event.stream.deadLetter': emulated(
      "the function's own entry sends after the last attempt; the stream waits until it could",
    ),
    'event.table': native('the change feed of Cosmos DB', { deletes: 'not in the feed' }),
    'event.table.history': {
      support: 'none',
      why: 'The change feed tells what a row has become: not what it was, nor that it is gone. Mark rows as deleted in a column instead, and let Cosmos DB expire them.',
    },
    'event.table.order': native('the change feed, per row'),
    'event.table.deadLetter': emulated(
      "the function's own entry sends after the last attempt; the feed waits until it could",
    ),
    'event.bus': native('Event Grid topics, into a queue of the function'),
    'event.bus.pattern': native('advanced filters of Event Grid; the rest in the entry'),
    'event.bus.deadLetter': emulated("the function's own entry sends after the last attempt"),
    'warm.ping': emulated('signed calls held open at once', { maxAtOnce: 1000 }),
    'warm.guaranteed': none(
      'Azure may take an idle instance back at any time. Declare `minInstances` for instances that are always ready.',
    ),
    'metrics.counts': native('Application Insights, or Azure Monitor without it', {
      delaySeconds: 300,
    }),
    'metrics.coldStarts': emulated('the line that the entry writes for each call'),
    'metrics.percentiles': emulated('the line that the entry writes for each call'),
    'metrics.memory': emulated('the line that the entry writes for each call'),
    'logs.query': native('Log Analytics'),
    'trace.propagation': native('W3C trace context in the call'),
  },
  deploySwitch: 'restart',
  limits: {
    memoryMb: { min: 512, max: 4096, steps: MEMORY_STEPS },
    // The plan has no bound of its own; the direct route and HTTP events have that of the front.
    timeoutSeconds: { min: 1, max: 86_400 },
    // Azure tells no limit. So much of each of the kept versions fits in what a process can be started with.
    envBytes: 16_384,
    syncPayloadBytes: HTTP_BODY_BYTES - ENVELOPE_BYTES,
    asyncPayloadBytes: QUEUE_MESSAGE_BYTES - 2 * ENVELOPE_BYTES,
    zipBytes: PACKAGE_BYTES,
    unpackedBytes: PACKAGE_BYTES,
    maxInstances: 1000,
    concurrency: 1000,
    httpTimeoutSeconds: HTTP_SECONDS,
  },
  names: {
    function: { maxLength: 32, characters: 'a-z0-9-', globallyUnique: true },
  },
};
