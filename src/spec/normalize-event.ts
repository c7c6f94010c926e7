import { createHash } from 'node:crypto';
import type {
  Binding,
  NormalBusEvent,
  NormalEvent,
  NormalHttpEvent,
  NormalObjectEvent,
  NormalQueueEvent,
  NormalScheduleEvent,
  NormalStreamEvent,
  NormalTableEvent,
  NormalTopicEvent,
  RetryPolicy,
} from '../spi/bindings.ts';
import { normalCron } from './cron-text.ts';
import { parseEvery } from './every.ts';
import { EVERY_PATH } from './path-template.ts';
import { sortedJson, sortedRecord, sortedSet } from './sorted.ts';
import { normalTimezone } from './timezone.ts';
import type {
  Complete,
  BusEventSpec,
  BusPattern,
  CorsSpec,
  EventSpec,
  HttpEvent,
  HttpMethod,
  JwtSpec,
  ObjectEventSpec,
  QueueEvent,
  RateLimitSpec,
  RetrySpec,
  ScheduleEvent,
  SourceBase,
  StreamEvent,
  TableEvent,
  TopicEvent,
} from './types.ts';

const DEFAULT_MAX_DELAY_SECONDS = 900;

/**
 * Fills in all that an event leaves out. Pure; the same for any order of keys.
 * The default id is the kind and 8 hex characters of the SHA-256 of the source, so it stays when other settings change.
 */
export function normalizeEvent(spec: EventSpec): Omit<Binding, 'origin'> {
  const event = normalForm(spec);
  const id = spec.id ?? `${event.type}-${shortHash(sourceOf(event))}`;
  return { id, event };
}

/** Fills in all that a retry policy leaves out. */
export function normalizeRetry(retry: RetrySpec = {}): RetryPolicy {
  const delaySeconds = retry.delaySeconds ?? 1;
  return {
    maxAttempts: retry.maxAttempts ?? 3,
    backoff: retry.backoff ?? 'exponential',
    delaySeconds,
    maxDelaySeconds: retry.maxDelaySeconds ?? Math.max(DEFAULT_MAX_DELAY_SECONDS, delaySeconds),
    jitter: retry.jitter ?? true,
  };
}

function normalForm(spec: EventSpec): NormalEvent {
  switch (spec.type) {
    case 'http':
      return normalHttp(spec);
    case 'schedule':
      return normalSchedule(spec);
    case 'queue':
      return normalQueue(spec);
    case 'topic':
      return normalTopic(spec);
    case 'object':
      return normalObject(spec);
    case 'stream':
      return normalStream(spec);
    case 'table':
      return normalTable(spec);
    case 'bus':
      break;
  }
  return normalBus(spec);
}

function normalHttp(spec: HttpEvent): NormalHttpEvent {
  const methods = normalMethods(spec.method ?? 'ANY');
  return {
    type: 'http',
    enabled: spec.enabled ?? true,
    methods,
    path: spec.path ?? EVERY_PATH,
    ...(spec.cors === undefined || spec.cors === false
      ? {}
      : { cors: normalCors(spec.cors === true ? {} : spec.cors, methods) }),
    ...(spec.jwt === undefined ? {} : { jwt: normalJwt(spec.jwt) }),
    ...(spec.rateLimit === undefined ? {} : { rateLimit: normalRateLimit(spec.rateLimit) }),
    ...(spec.maxBodyBytes === undefined ? {} : { maxBodyBytes: spec.maxBodyBytes }),
  };
}

function normalMethods(given: HttpMethod | readonly HttpMethod[]): readonly HttpMethod[] {
  const methods = typeof given === 'string' ? [given] : given;
  return methods.length === 0 || methods.includes('ANY') ? ['ANY'] : sortedSet(methods);
}

function normalCors(cors: CorsSpec, methods: readonly HttpMethod[]): Complete<CorsSpec> {
  return {
    origins: sortedSet(cors.origins ?? ['*']),
    methods: cors.methods === undefined ? methods : normalMethods(cors.methods),
    headers: sortedSet((cors.headers ?? ['content-type', 'authorization']).map(lower)),
    exposeHeaders: sortedSet((cors.exposeHeaders ?? []).map(lower)),
    credentials: cors.credentials ?? false,
    maxAgeSeconds: cors.maxAgeSeconds ?? 600,
  };
}

function normalJwt(jwt: JwtSpec): JwtSpec & { readonly jwksUri: string } {
  return {
    issuer: jwt.issuer,
    audience: sortedSet(jwt.audience),
    jwksUri: jwt.jwksUri ?? `${jwt.issuer.replace(/\/$/, '')}/.well-known/jwks.json`,
    ...(jwt.scopes === undefined ? {} : { scopes: sortedSet(jwt.scopes) }),
  };
}

function normalRateLimit(limit: RateLimitSpec): Complete<RateLimitSpec> {
  return {
    requestsPerSecond: limit.requestsPerSecond,
    burst: limit.burst ?? Math.ceil(limit.requestsPerSecond),
  };
}

function normalSchedule(spec: ScheduleEvent): NormalScheduleEvent {
  return {
    type: 'schedule',
    enabled: spec.enabled ?? true,
    when:
      spec.cron === undefined
        ? { everySeconds: parseEvery(spec.every) ?? Number.NaN }
        : { cron: normalCron(spec.cron) },
    timezone: normalTimezone(spec.timezone ?? 'UTC'),
    input: sortedJson(spec.input ?? null),
  };
}

function normalQueue(spec: QueueEvent): NormalQueueEvent {
  return { type: 'queue', queue: spec.queue, ...batched(spec, 10), ...delivered(spec) };
}

function normalTopic(spec: TopicEvent): NormalTopicEvent {
  return {
    type: 'topic',
    topic: spec.topic,
    ...(spec.filter === undefined ? {} : { filter: sortedRecord(spec.filter, sortedSet) }),
    ...delivered(spec),
  };
}

function normalObject(spec: ObjectEventSpec): NormalObjectEvent {
  return {
    type: 'object',
    bucket: spec.bucket,
    on: sortedSet(spec.on ?? ['created']),
    prefix: spec.prefix ?? '',
    suffix: spec.suffix ?? '',
    ...delivered(spec),
  };
}

function normalStream(spec: StreamEvent): NormalStreamEvent {
  const { stream } = spec;
  return {
    type: 'stream',
    stream,
    from: spec.from ?? 'latest',
    ...batched(spec, 100),
    ...delivered(spec),
  };
}

function normalTable(spec: TableEvent): NormalTableEvent {
  const { table } = spec;
  return {
    type: 'table',
    table,
    from: spec.from ?? 'latest',
    ...batched(spec, 100),
    ...delivered(spec),
  };
}

function normalBus(spec: BusEventSpec): NormalBusEvent {
  return {
    type: 'bus',
    bus: spec.bus ?? 'default',
    pattern: normalPattern(spec.pattern ?? {}),
    ...delivered(spec),
  };
}

function normalPattern(pattern: BusPattern): BusPattern {
  return {
    ...(pattern.source === undefined ? {} : { source: pattern.source.map(sortedJson) }),
    ...(pattern.type === undefined ? {} : { type: pattern.type.map(sortedJson) }),
    ...(pattern.data === undefined ? {} : { data: sortedRecord(pattern.data, sortedJson) }),
  };
}

function delivered(
  spec: SourceBase & {
    readonly retry?: RetrySpec | undefined;
    readonly deadLetter?: string | undefined;
  },
): Pick<NormalTopicEvent, 'enabled' | 'create' | 'retry' | 'deadLetter'> {
  return {
    enabled: spec.enabled ?? true,
    create: spec.create ?? false,
    retry: normalizeRetry(spec.retry),
    ...(spec.deadLetter === undefined ? {} : { deadLetter: spec.deadLetter }),
  };
}

function batched(
  spec: {
    readonly batchSize?: number | undefined;
    readonly batchWindowSeconds?: number | undefined;
  },
  batchSize: number,
): Pick<NormalQueueEvent, 'batchSize' | 'batchWindowSeconds'> {
  return {
    batchSize: spec.batchSize ?? batchSize,
    batchWindowSeconds: spec.batchWindowSeconds ?? 0,
  };
}

/** What tells two bindings of one kind apart. */
function sourceOf(event: NormalEvent): string {
  switch (event.type) {
    case 'http':
      return `${event.methods.join(',')} ${event.path}`;
    case 'schedule':
      return 'cron' in event.when
        ? `cron ${event.when.cron} ${event.timezone}`
        : `every ${event.when.everySeconds}`;
    case 'queue':
      return event.queue;
    case 'topic':
      return event.topic;
    case 'object':
      return event.bucket;
    case 'stream':
      return event.stream;
    case 'table':
      return event.table;
    case 'bus':
      break;
  }
  return event.bus;
}

function shortHash(source: string): string {
  return createHash('sha256').update(source).digest('hex').slice(0, 8);
}

function lower(text: string): string {
  return text.toLowerCase();
}
