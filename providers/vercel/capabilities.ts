import type { Capabilities, Capability, CapabilityKey } from 'polyfaas/spi';
import {
  BODY_BYTES,
  ENV_BYTES,
  MAX_CONCURRENCY,
  MAX_DELAY_SECONDS,
  MAX_SECONDS,
  MEMORY_MB,
  PROJECT_NAME,
  UNPACKED_BYTES,
  ZIP_BYTES,
} from './limits.ts';

type Limits = Readonly<Record<string, number | string>>;
type Features = Capabilities['features'];

const native = (via: string, limits?: Limits): Capability =>
  limits ? { support: 'native', via, limits } : { support: 'native', via };

const emulated = (via: string, limits?: Limits): Capability =>
  limits ? { support: 'emulated', via, limits } : { support: 'emulated', via };

const none = (why: string): Capability => ({ support: 'none', why });

/** What an input travels in, at most. */
const ENVELOPE_BYTES = 1024;
/** Calls of a function at once ("Vercel Functions limits", concurrency scaling on Pro). */
const MAX_INSTANCES = 30_000;

const QUEUES = 'Vercel Queues (beta, opted in)';
/** What all that goes over Vercel Queues is bounded by. */
const QUEUED: Limits = {
  maxSeconds: MAX_SECONDS,
  kept: '24 hours, unless the sender says otherwise',
  topics: "the project's own: another function's are out of reach",
};

const NO_OBJECT =
  "Vercel has no events of object storage. Call the function from your own code after the upload (manager.invoke), or from Vercel Blob's onUploadCompleted over an http event.";
const NO_STREAM =
  'Vercel has no stream with shards and positions. Use a queue, or call an http event from a consumer of your own.';
const NO_TABLE =
  'Vercel has no change feed of tables. Have the database call an http event (Supabase webhooks, Neon logical replication, Firestore triggers), or run a schedule that reads what has changed.';
const NO_BUS =
  'Vercel has no event bus. Use a topic, and look at the event in the handler; or take the events of another bus by an http event.';

/** What goes over Vercel Queues: on accounts that opted in. */
const WITH_QUEUES = {
  'invoke.async': emulated(`a topic of the function: ${QUEUES}`, { maxSeconds: MAX_SECONDS }),
  'invoke.asyncRetry': emulated(`the function's own entry, by leases: ${QUEUES}`, {
    maxDelaySeconds: MAX_DELAY_SECONDS,
  }),
  'invoke.destinations': emulated(`the function's own entry sends to topics: ${QUEUES}`),
  'event.queue': native(`a topic with one consumer group: ${QUEUES}`, {
    messagesPerCall: 1,
    ...QUEUED,
  }),
  'event.queue.partialBatch': emulated(`one message per call: ${QUEUES}`),
  'event.queue.backoff': emulated(`the function's own entry, by leases: ${QUEUES}`, {
    maxDelaySeconds: MAX_DELAY_SECONDS,
  }),
  'event.queue.deadLetter': emulated(
    `the function's own entry sends after the last attempt: ${QUEUES}`,
  ),
  'event.topic': native(`a topic with a consumer group per function: ${QUEUES}`, QUEUED),
  'event.topic.filter': emulated(`the function's own entry: ${QUEUES}`),
  'event.topic.deadLetter': emulated(
    `the function's own entry sends after the last attempt: ${QUEUES}`,
  ),
} satisfies Partial<Record<CapabilityKey, Capability>>;

const NOT_OPTED_IN =
  "Vercel Queues are in public beta, and used on request only: set providerOptions.vercel.queues: 'beta'.";

function withoutQueues(): Readonly<Record<keyof typeof WITH_QUEUES, Capability>> {
  const async = none(`${NOT_OPTED_IN} Or invoke it synchronously, and do not wait for the answer.`);
  const event = none(`${NOT_OPTED_IN} Or have whoever sends call an http event of the function.`);
  return {
    'invoke.async': async,
    'invoke.asyncRetry': async,
    'invoke.destinations': async,
    'event.queue': event,
    'event.queue.partialBatch': event,
    'event.queue.backoff': event,
    'event.queue.deadLetter': event,
    'event.topic': event,
    'event.topic.filter': event,
    'event.topic.deadLetter': event,
  };
}

const ALWAYS: Omit<Features, keyof typeof WITH_QUEUES> = {
  'deploy.rollback': native("promotion of a kept deployment, or Vercel's instant rollback"),
  'deploy.prebuilt': none(
    'A zip that is ready has no function that polyfaas could call: what Vercel starts are functions of a Build Output, with an entry of their own. Name the handler with `entry`; an existing AWS Lambda handler runs unchanged.',
  ),
  'deploy.image': none('Vercel Functions take code, not images. Name the handler with `entry`.'),
  'deploy.foreignRuntime': none(
    'The entry that routes, signs and retries is written for Node.js. Use "node" (Node 24), "node24" or "node22".',
  ),
  'deploy.adopt': native("the function's record among the variables of the project"),
  'deploy.architecture': none('Vercel chooses the processor. Leave `architecture` out.'),
  'deploy.secrets': native('environment variables of the project, or shared ones of the team'),
  'deploy.tags': native('metadata of the deployments', { maxTags: 80 }),
  'invoke.sync': emulated('a reserved route, past the protection, with a signature', {
    maxSeconds: MAX_SECONDS,
  }),
  'invoke.cancel': none(
    'A function on Vercel is not reliably told that its caller is gone. The call ends for the caller; the function runs on to its end or its timeout.',
  ),
  'invoke.version': native('the address of a kept deployment'),
  'invoke.signedRoute': native('HMAC-SHA256 over the whole call, beside the protection bypass'),
  'instance.memoryLimit': native('memory of the function, where Active CPU is not billed', {
    hobby: 2048,
    pro: 4096,
    enterprise: MEMORY_MB.max,
    activeCpu: '2048, or 4096 by a setting of the project',
  }),
  'instance.timeout': emulated("the function's own entry; maxDuration stands behind it"),
  'instance.concurrency': native('maxConcurrency of the function', { max: MAX_CONCURRENCY }),
  'instance.minInstances': none(
    'Vercel keeps no instances ready on request. Warm the function with preWarm, or with a schedule.',
  ),
  'instance.maxInstances': none(
    'Vercel has no bound on the instances of a function. Have a queue, or the handler, hold work back.',
  ),
  'event.http': native('the addresses of the project', {
    timeoutSeconds: MAX_SECONDS,
    bodyBytes: BODY_BYTES,
    reservedPaths: '/polyfaas, /_vercel, /.well-known/vercel',
  }),
  'event.http.cors': emulated("the function's own entry"),
  'event.http.jwt': emulated("the function's own entry, by the issuer's published keys"),
  'event.http.rateLimit': none(
    'Rate limits are rules of the Vercel Firewall, per project: add one in its dashboard (Firewall, Rules).',
  ),
  'event.http.streaming': none(
    'Answers are sent whole. Answer with a link to an object of Vercel Blob instead.',
  ),
  'event.schedule': native('cron jobs', {
    smallestSeconds: 60,
    hobby: 'once a day, within the hour',
    perProject: 100,
    timezone: 'UTC',
  }),
  'event.schedule.timezone': none(
    'Cron jobs of Vercel know UTC alone. Give the times in UTC, and declare two schedules, or look at the local time in the handler, where summer time matters.',
  ),
  'event.queue.redrive': none(
    'Vercel Queues have no redrive. Receive from the topic of dead letters, and send to the one of the queue.',
  ),
  'event.object': none(NO_OBJECT),
  'event.object.filter': none(NO_OBJECT),
  'event.object.deadLetter': none(NO_OBJECT),
  'event.stream': none(NO_STREAM),
  'event.stream.deadLetter': none(NO_STREAM),
  'event.table': none(NO_TABLE),
  'event.table.history': none(NO_TABLE),
  'event.table.order': none(NO_TABLE),
  'event.table.deadLetter': none(NO_TABLE),
  'event.bus': none(NO_BUS),
  'event.bus.pattern': none(NO_BUS),
  'event.bus.deadLetter': none(NO_BUS),
  'warm.ping': emulated('signed calls held open at once'),
  'warm.guaranteed': none(
    'Vercel may take an idle instance back at any time. A schedule that calls the function makes it likely that one is there.',
  ),
  'metrics.counts': native('Observability Plus: vercel.function_invocation.count', {
    without: 'the calls of this process',
  }),
  'metrics.coldStarts': native('Observability Plus: functionStartType', {
    without: 'the calls of this process',
  }),
  'metrics.percentiles': native(
    'Observability Plus: vercel.function_invocation.function_duration_ms',
    { without: 'the calls of this process' },
  ),
  'metrics.memory': native('Observability Plus: vercel.function_invocation.peak_memory_mb', {
    without: 'unknown',
  }),
  'logs.query': native('runtime logs of the kept deployments', {
    kept: '1 hour on Hobby, 1 day on Pro',
  }),
  'trace.propagation': native('W3C trace context in the call'),
};

/** What Vercel can do for an account: with Vercel Queues, where it has opted in. Numbers are those of 2026-11. */
export function capabilitiesOf({ queues }: { readonly queues: boolean }): Capabilities {
  return {
    features: { ...ALWAYS, ...(queues ? WITH_QUEUES : withoutQueues()) },
    deploySwitch: 'atomic',
    limits: {
      memoryMb: {
        ...MEMORY_MB,
        note: 'Hobby has up to 2048 MB, Pro up to 4096 MB, Enterprise up to 10240 MB. With Active CPU billing it is ignored: 2048 MB, or 4096 MB by a setting of the project.',
      },
      timeoutSeconds: {
        min: 1,
        max: MAX_SECONDS,
        note: 'Hobby has up to 300 s; above 800 s it is in beta on Pro and Enterprise. Split longer work into messages of a queue.',
      },
      envBytes: ENV_BYTES,
      syncPayloadBytes: BODY_BYTES - ENVELOPE_BYTES,
      asyncPayloadBytes: BODY_BYTES - 4 * ENVELOPE_BYTES,
      zipBytes: ZIP_BYTES,
      unpackedBytes: UNPACKED_BYTES,
      maxInstances: MAX_INSTANCES,
      concurrency: MAX_CONCURRENCY,
      httpTimeoutSeconds: MAX_SECONDS,
    },
    names: { function: PROJECT_NAME },
  };
}

/** What Vercel can do with all that an account can opt in to. */
export const CAPABILITIES: Capabilities = capabilitiesOf({ queues: true });
