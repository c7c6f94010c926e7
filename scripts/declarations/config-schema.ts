/** The run-time schema of a configuration as JSON Schema, with the words of the types. */
import { z } from 'zod';
import { CODE_FIELDS } from '../../src/spec/exclusive.ts';
import { configSchema } from '../../src/spec/schema.ts';
import { fieldDocs, type FieldDocs } from './field-docs.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Which types describe an object of the schema, by its title; the first that knows a field describes it. */
const TYPES_OF: Readonly<Record<string, readonly string[]>> = {
  'the configuration': ['PolyfaasConfig'],
  'an environment': ['EnvironmentOverlay', 'PolyfaasConfig'],
  'a function': ['FunctionSpecBase', 'FunctionCode'],
  'the defaults of functions': ['FunctionSpecBase'],
  limits: ['LimitsSpec'],
  failover: ['FailoverSpec'],
  'a secret reference': ['SecretRef'],
  'a destination': ['DestinationSpec'],
  'asynchronous invocation': ['AsyncSpec'],
  packaging: ['PackageSpec'],
  tracing: ['TracingSpec'],
  'CORS rules': ['CorsSpec'],
  'the token that a route asks for': ['JwtSpec'],
  'a rate limit': ['RateLimitSpec'],
  'a retry policy': ['RetrySpec'],
  'an http event': ['HttpEvent', 'EventBase'],
  'a schedule event': ['ScheduleEvent', 'EventBase'],
  'a queue event': ['QueueEvent', 'SourceBase', 'EventBase'],
  'a topic event': ['TopicEvent', 'SourceBase', 'EventBase'],
  'an object event': ['ObjectEventSpec', 'SourceBase', 'EventBase'],
  'a stream event': ['StreamEvent', 'SourceBase', 'EventBase'],
  'a table event': ['TableEvent', 'SourceBase', 'EventBase'],
  'a bus event': ['BusEventSpec', 'SourceBase', 'EventBase'],
  'an event pattern': ['BusPattern'],
};

/**
 * @param types the texts of the modules that hold the types
 * @throws Error that names the fields of the configuration that are described nowhere, when there are any.
 */
export function configJsonSchema(types: readonly string[]): JsonSchema {
  const docs = fieldDocs(types.join('\n'));
  const silent = new Set<string>();
  const schema: JsonSchema = z.toJSONSchema(configSchema, {
    // The one that every editor knows.
    target: 'draft-07',
    io: 'input',
    // What a rule of our own judges is any text here; `loadConfig` says what is wrong with it.
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // Said of what is read, which is the validator's business and not that of a file's author.
      delete jsonSchema.readOnly;
      for (const field of describe(jsonSchema, docs)) silent.add(field);
    },
  });
  if (silent.size > 0) throw new Error(`nobody describes ${[...silent].join(', ')}`);
  const functions = valueOf(schema.properties?.['functions']);
  // A function says in exactly one way where its code is.
  const code = { oneOf: CODE_FIELDS.map((field) => ({ required: [field] })) };
  functions.additionalProperties = { allOf: [valueOf(functions.additionalProperties), code] };
  schema.properties = {
    $schema: { type: 'string', description: 'This schema, for editors. It is not read.' },
    ...schema.properties,
  };
  const all: Record<string, JsonSchema> = {};
  hoist(schema, all);
  const { 'the-configuration': whole, ...definitions } = all;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...whole,
    title: 'A polyfaas configuration',
    definitions,
  };
}

/** Gives the fields of an object their words. Returns those that have none. */
function describe({ title, properties = {} }: JsonSchema, docs: FieldDocs): readonly string[] {
  if (title === undefined) return [];
  const types = TYPES_OF[title];
  if (types === undefined) throw new Error(`which type describes ${title}?`);
  const silent: string[] = [];
  for (const [name, field] of Object.entries(properties)) {
    // The one word that can stand there says what it is.
    if (typeof field !== 'object' || 'const' in field) continue;
    const text = types.map((type) => docs.get(`${type}.${name}`)).find(Boolean);
    if (text === undefined) silent.push(`${title}: ${name}`);
    else field.description = text;
  }
  return silent;
}

/** Moves every object that has a title into `defs`, where it stands once. */
function hoist(value: unknown, defs: Record<string, JsonSchema>): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => hoist(item, defs));
  if (typeof value !== 'object' || value === null) return value;
  const moved: JsonSchema = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, hoist(item, defs)]),
  );
  const { title, description, ...rest } = moved;
  if (typeof title !== 'string' || rest.type !== 'object') return moved;
  const name = title.replaceAll(' ', '-');
  defs[name] = { title, ...rest };
  const $ref = `#/definitions/${name}`;
  return description === undefined ? { $ref } : { description, $ref };
}

function valueOf(schema: unknown): JsonSchema {
  if (isSchema(schema)) return schema;
  throw new Error('the schema is not shaped as expected');
}

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null;
