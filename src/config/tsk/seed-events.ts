/** Event sources in the vocabulary of the clouds, as `[serverless_architecture.events]` writes them. */
import type { ServerlessError } from '../../errors/serverless-error.ts';
import { shorten } from '../../spec/issues.ts';
import { typoOf } from '../../spec/nearest.ts';
import { everyAndCron } from './seed-schedule.ts';
import { Fields, type Notes, given, isTable, listOf } from './fields.ts';
import { entryError } from './origin.ts';
import { ownVocabulary } from './own-vocabulary.ts';
import type { TskTable, TskValue } from './parse.ts';

type EventFields = Record<string, unknown>;

/** The error for a source by its name, with the place where it is named. */
type Refusal = (name: string, message: string) => ServerlessError;

/** Each source, by the names it goes by. */
const SOURCES: Readonly<Record<string, (fields: Fields) => readonly EventFields[]>> = {
  http: httpEvents,
  api_gateway: httpEvents,
  s3: objectEvents,
  sqs: (fields) => [
    { type: 'queue', queue: fields.take('queue', 'queue_name', 'arn'), ...batch(fields) },
  ],
  sns: (fields) => [{ type: 'topic', topic: fields.take('topic', 'topic_name', 'arn') }],
  kinesis: (fields) => [
    { type: 'stream', stream: fields.take('stream', 'stream_name', 'arn'), ...batch(fields) },
  ],
  dynamodb: tableEvents,
  eventbridge: busEvents,
};
const OWN_KINDS = new Set(['schedule', 'queue', 'topic', 'object', 'stream', 'table', 'bus']);

/**
 * The events of one function: names of sources, or events written out.
 *
 * @param sources the table of sources; a name that is not in it stands for the source of that kind.
 * @param refusal where the names stand
 */
export function mapEvents(
  written: TskValue | undefined,
  sources: TskTable,
  path: string,
  notes: Notes,
  refusal: Refusal,
): readonly EventFields[] {
  return listOf(written).flatMap((item): readonly EventFields[] => {
    if (typeof item === 'string') {
      return mapSource(item, sourceTable(item, sources, notes), path, notes, refusal);
    }
    if (isTable(item)) {
      const { type } = item;
      return mapSource(typeof type === 'string' ? type : '', item, path, notes, refusal);
    }
    notes.add('ignored', path, 'an event is neither the name of a source nor a block. Remove it.');
    return [];
  });
}

/** What a source says. One that is not described, or only switched on, is one of its kind with nothing special. */
function sourceTable(name: string, sources: TskTable, notes: Notes): TskTable {
  const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
  if (isTable(source)) return source;
  if (source !== undefined && source !== true) {
    notes.addWrongKind(`events.${name}`, source, `Write ${name} = { ... }, or remove its name.`);
  }
  return {};
}

function mapSource(
  name: string,
  source: TskTable,
  path: string,
  notes: Notes,
  refusal: Refusal,
): readonly EventFields[] {
  const kind = typeof source['type'] === 'string' ? source['type'] : name;
  if (OWN_KINDS.has(kind)) return [{ ...ownVocabulary(source, `events.${name}`), type: kind }];
  const read = Object.hasOwn(SOURCES, kind) ? SOURCES[kind] : undefined;
  if (read === undefined) {
    const meant = typoOf(kind, [...Object.keys(SOURCES), ...OWN_KINDS]);
    if (meant !== undefined) {
      const message = `${path}: there is no event source "${shorten(kind, 60)}". Did you mean "${meant}"? Rename or remove it.`;
      throw kind === name && source['type'] === undefined
        ? refusal(name, message)
        : entryError(source, 'type', message);
    }
    notes.add(
      'ignored',
      path,
      `the event source "${name}" has no equivalent here, so nothing will arrive from it. Known are ${[...Object.keys(SOURCES), ...OWN_KINDS].join(', ')}.`,
    );
    return [];
  }
  const fields = new Fields(source, `events.${name}`, notes);
  fields.take('type');
  const common = given({
    id: fields.take('id'),
    enabled: fields.take('enabled'),
    create: fields.take('create'),
    retry: retryPolicy(fields),
    deadLetter: fields.take('dead_letter_queue', 'dead_letter', 'deadLetter'),
  });
  const events = read(fields).map((event) => ({ ...given(event), ...common }));
  fields.ignoreRest();
  return events;
}

/** `retry_policy { max_attempts, backoff }`. */
export function retryPolicy(fields: Fields): EventFields | undefined {
  const policy = fields.takeTable('{ max_attempts = 3 }', 'retry_policy', 'retry');
  return policy === undefined ? undefined : ownVocabulary(policy, `${fields.path}.retry`);
}

function batch(fields: Fields): EventFields {
  return {
    batchSize: fields.take('batch_size', 'batchSize'),
    batchWindowSeconds: fields.take('batch_window', 'batch_window_seconds', 'batchWindowSeconds'),
  };
}

function httpEvents(fields: Fields): readonly EventFields[] {
  const cors = fields.take('cors');
  const rateLimit = fields.take('rate_limit', 'rateLimit');
  return [
    {
      type: 'http',
      path: fields.take('path'),
      method: fields.take('method', 'methods'),
      cors: isTable(cors) ? corsRules(cors, fields) : cors,
      jwt: authorizer(fields),
      rateLimit: isTable(rateLimit)
        ? ownVocabulary(rateLimit, `${fields.path}.rateLimit`)
        : rateLimit,
      maxBodyBytes: fields.take('max_body_bytes', 'maxBodyBytes'),
    },
  ];
}

function corsRules(cors: TskTable, parent: Fields): EventFields {
  const fields = new Fields(cors, `${parent.path}.cors`, parent.notes);
  const rules = given({
    origins: fields.take('allow_origins', 'origins'),
    methods: fields.take('allow_methods', 'methods'),
    headers: fields.take('allow_headers', 'headers'),
    exposeHeaders: fields.take('expose_headers', 'exposeHeaders'),
    credentials: fields.take('allow_credentials', 'credentials'),
    maxAgeSeconds: fields.take('max_age', 'max_age_seconds', 'maxAgeSeconds'),
  });
  fields.ignoreRest();
  return rules;
}

/** An authorizer with an issuer becomes a token check. Any other cannot be kept, which has to be said loudly. */
function authorizer(fields: Fields): EventFields | undefined {
  const written = fields.take('authorizer', 'jwt');
  if (written === undefined || written === false) return undefined;
  const path = `${fields.path}.authorizer`;
  if (!isTable(written) || typeof written['issuer'] !== 'string') {
    const name = typeof written === 'string' ? `"${written}"` : 'this authorizer';
    fields.notes.add(
      'ignored',
      path,
      `${name} names no issuer, so the route is OPEN TO EVERYONE. Write authorizer = { issuer = "https://...", audience = ["..."] }.`,
    );
    return undefined;
  }
  const token = new Fields(written, path, fields.notes);
  token.take('type');
  const check = given({
    issuer: token.take('issuer'),
    audience: listOf(token.take('audience')),
    jwksUri: token.take('jwks_uri', 'jwksUri'),
    scopes: token.take('scopes'),
  });
  token.ignoreRest();
  return check;
}

function objectEvents(fields: Fields): readonly EventFields[] {
  const on = listOf(fields.take('events', 'event')).flatMap((name) => {
    if (typeof name === 'string' && /^(?:s3:)?ObjectCreated(?::|$)|^created$/.test(name))
      return ['created'];
    if (typeof name === 'string' && /^(?:s3:)?ObjectRemoved(?::|$)|^deleted$/.test(name))
      return ['deleted'];
    fields.notes.add(
      'ignored',
      `${fields.path}.events`,
      `${JSON.stringify(name)} has no equivalent. Known are s3:ObjectCreated:* and s3:ObjectRemoved:*.`,
    );
    return [];
  });
  const kinds = [...new Set(on)];
  return [
    {
      type: 'object',
      bucket: fields.take('bucket', 'bucket_name'),
      on: kinds.length === 0 ? undefined : kinds,
      prefix: fields.take('prefix'),
      suffix: fields.take('suffix'),
    },
  ];
}

/** A table may be named by its stream: `users-stream`, or the stream's ARN. */
function tableEvents(fields: Fields): readonly EventFields[] {
  const from = { from: fields.take('from'), ...batch(fields) };
  const table = fields.take('table', 'table_name');
  const stream = fields.take('stream', 'stream_arn', 'arn');
  if (table !== undefined && stream !== undefined) fields.noteDouble('stream', 'table');
  if (table !== undefined || typeof stream !== 'string') return [{ type: 'table', table, ...from }];
  const name = /:table\/([^/]+)\/stream\//.exec(stream)?.[1] ?? stream.replace(/[-_]stream$/, '');
  fields.notes.add(
    'other',
    `${fields.path}.stream`,
    `${JSON.stringify(stream)} is read as the changes of the table "${name}". Write table = "${name}" to say so.`,
  );
  return [{ type: 'table', table: name, ...from }];
}

/** A rule of a bus, a schedule, or both. */
function busEvents(fields: Fields): readonly EventFields[] {
  const events: EventFields[] = [];
  const schedule = fields.take('schedule');
  if (schedule !== undefined) {
    const timezone = fields.take('timezone');
    events.push({
      type: 'schedule',
      ...everyAndCron(schedule),
      timezone,
      input: fields.take('input'),
    });
  }
  const source = fields.take('source');
  const detailType = fields.take('detail_type', 'detailType');
  const bus = fields.take('event_bus', 'bus');
  if (source === undefined && detailType === undefined && bus === undefined) {
    return events.length === 0 ? [{ type: 'bus' }] : events;
  }
  return [...events, { type: 'bus', bus, pattern: busPattern(source, detailType) }];
}

/** The pattern for a source and a detail type. */
export function busPattern(
  source: TskValue | undefined,
  detailType: TskValue | undefined,
): EventFields {
  return given({
    source: source === undefined ? undefined : listOf(source),
    type: detailType === undefined ? undefined : listOf(detailType),
  });
}
