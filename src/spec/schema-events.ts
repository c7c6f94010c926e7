import { z } from 'zod';
import type { JsonValue } from '../function/json.types.ts';
import { cronProblem, timezoneProblem } from './cron.ts';
import { expectedType } from './event-types.ts';
import { everyProblem } from './every.ts';
import { timingProblem } from './exclusive.ts';
import { bindingIdProblem } from './names.ts';
import { originProblem } from './origin.ts';
import { pathProblem } from './path-template.ts';
import {
  json,
  list,
  maybe,
  numberBetween,
  oneOf,
  ruled,
  sourceName,
  strict,
  text,
  wholeNumber,
  yesOrNo,
} from './schema-parts.ts';
import type { ScheduleEvent } from './types.ts';

const methodSchema = oneOf(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'ANY']);

/** Any other name would make each response of the route one that cannot be sent. */
const headerName = () =>
  ruled('the name of a header', (name) =>
    /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/.test(name)
      ? undefined
      : 'is no name of a header. Give a plain one, such as "x-request-id", or "*" for all.',
  );

const corsSchema = strict(
  {
    origins: maybe(
      list(
        ruled('an origin, such as "https://example.com"', originProblem),
        'a list of origins, such as ["https://example.com"]',
      ),
    ),
    methods: maybe(list(methodSchema, 'a list of methods, such as ["GET", "POST"]')),
    headers: maybe(list(headerName(), 'a list of header names')),
    exposeHeaders: maybe(list(headerName(), 'a list of header names')),
    credentials: maybe(yesOrNo()),
    maxAgeSeconds: maybe(wholeNumber(0, 86_400)),
  },
  'CORS rules',
);

const urlProblem = (value: string): string | undefined =>
  URL.canParse(value) && /^https?:\/\//.test(value)
    ? undefined
    : 'is no address. Give a full one, such as "https://login.example.com".';

/** Tokens carry it as it stands, and the address of the keys is made from it. */
const issuerProblem = (value: string): string | undefined =>
  urlProblem(value) ??
  (/[?#]/.test(value)
    ? 'has a query or a fragment, which no issuer has. Write it as the "iss" of the tokens does, such as "https://login.example.com".'
    : undefined);

const jwtSchema = strict(
  {
    issuer: ruled('an address, such as "https://login.example.com"', issuerProblem),
    audience: list(text(), 'a list of at least one audience').refine((all) => all.length > 0, {
      error: 'is empty. Give at least one audience.',
    }),
    jwksUri: maybe(ruled('the address of the keys', urlProblem)),
    scopes: maybe(list(text(), 'a list of scopes')),
  },
  'the token that a route asks for',
);

const rateLimitSchema = strict(
  {
    requestsPerSecond: numberBetween(0.001, 1_000_000),
    burst: maybe(wholeNumber(1, 1_000_000)),
  },
  'a rate limit',
);

/** How failed deliveries are repeated. */
export const retrySchema = strict(
  {
    maxAttempts: maybe(wholeNumber(1, 100)),
    backoff: maybe(oneOf(['exponential', 'linear', 'fixed'])),
    delaySeconds: maybe(numberBetween(0, 43_200)),
    maxDelaySeconds: maybe(numberBetween(0, 43_200)),
    jitter: maybe(yesOrNo()),
  },
  'a retry policy',
);

const anyEvent = {
  id: maybe(ruled('a name for the binding', bindingIdProblem)),
  enabled: maybe(yesOrNo()),
};

const delivered = {
  ...anyEvent,
  create: maybe(yesOrNo()),
  retry: maybe(retrySchema),
  deadLetter: maybe(sourceName()),
};

const batched = {
  batchSize: maybe(wholeNumber(1, 10_000)),
  batchWindowSeconds: maybe(wholeNumber(0, 300)),
};

const httpSchema = strict(
  {
    ...anyEvent,
    type: z.literal('http'),
    method: maybe(
      z.union(
        [
          methodSchema,
          z
            .array(methodSchema)
            .min(1, 'at least one method, or leave it out for all of them')
            .readonly(),
        ],
        {
          error:
            'a method, or a list of methods, out of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, ANY',
        },
      ),
    ),
    path: maybe(ruled('a path, such as "/orders/{id}"', pathProblem)),
    cors: maybe(z.union([z.boolean(), corsSchema], { error: 'true, false or CORS rules' })),
    jwt: maybe(jwtSchema),
    rateLimit: maybe(rateLimitSchema),
    maxBodyBytes: maybe(wholeNumber(0, 1_073_741_824)),
  },
  'an http event',
);

const scheduleFields = strict(
  {
    ...anyEvent,
    type: z.literal('schedule'),
    every: maybe(ruled('an interval, such as "5 minutes"', everyProblem)),
    cron: maybe(ruled('five cron fields, such as "0 9 * * MON-FRI"', cronProblem)),
    timezone: maybe(ruled('an IANA time zone, such as "Europe/Berlin"', timezoneProblem)),
    input: maybe(json()),
  },
  'a schedule event',
);

const scheduleSchema = scheduleFields.transform((event, context): ScheduleEvent => {
  const { every, cron, ...rest } = event;
  if (every !== undefined && cron === undefined) return { ...rest, every };
  if (cron !== undefined && every === undefined) return { ...rest, cron };
  context.issues.push({ code: 'custom', message: timingProblem(event) ?? '', input: event });
  return z.NEVER;
});

const queueSchema = strict(
  { ...delivered, ...batched, type: z.literal('queue'), queue: sourceName() },
  'a queue event',
);

const topicSchema = strict(
  {
    ...delivered,
    type: z.literal('topic'),
    topic: sourceName(),
    filter: maybe(
      z.record(z.string(), list(z.string({ error: 'a text' }), 'a list of texts'), {
        error: 'an object of lists by attribute, such as { country: ["de"] }',
      }),
    ),
  },
  'a topic event',
);

const objectSchema = strict(
  {
    ...delivered,
    type: z.literal('object'),
    bucket: sourceName(),
    on: maybe(
      list(oneOf(['created', 'deleted']), 'a list of "created" and "deleted"').refine(
        (all) => all.length > 0,
        { error: 'is empty. Give "created", "deleted" or both.' },
      ),
    ),
    prefix: maybe(z.string({ error: 'the text that keys begin with' })),
    suffix: maybe(z.string({ error: 'the text that keys end with' })),
  },
  'an object event',
);

const ordered = { ...delivered, ...batched, from: maybe(oneOf(['latest', 'oldest'])) };

const streamSchema = strict(
  { ...ordered, type: z.literal('stream'), stream: sourceName() },
  'a stream event',
);

const tableSchema = strict(
  { ...ordered, type: z.literal('table'), table: sourceName() },
  'a table event',
);

const patternValues = list(json(), 'a list of values');

const busSchema = strict(
  {
    ...delivered,
    type: z.literal('bus'),
    bus: maybe(sourceName()),
    pattern: maybe(
      strict(
        {
          source: maybe(patternValues),
          type: maybe(patternValues),
          data: maybe(
            z.record(z.string(), z.custom<JsonValue>(), { error: 'an object of fields' }),
          ),
        },
        'an event pattern',
      ),
    ),
  },
  'a bus event',
);

/** An event source, as users declare it. */
export const eventSchema = z.discriminatedUnion(
  'type',
  [
    httpSchema,
    scheduleSchema,
    queueSchema,
    topicSchema,
    objectSchema,
    streamSchema,
    tableSchema,
    busSchema,
  ],
  {
    error: (issue) =>
      issue.code === 'invalid_union'
        ? expectedType(issue.input)
        : 'an event (an object with a "type", such as { type: "http" })',
  },
);
