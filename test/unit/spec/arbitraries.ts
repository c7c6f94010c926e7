/** Random valid declarations. */
import * as fc from 'fast-check';
import type { JsonValue } from '../../../src/function/index.ts';
import type { EventSpec, FunctionSpec } from '../../../src/spec/types.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z]$/);
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'ANY'] as const;
const some = <Shape extends object>(shape: { [Key in keyof Shape]: fc.Arbitrary<Shape[Key]> }) =>
  fc.record(shape, { requiredKeys: [] });

const retry = some({
  maxAttempts: fc.integer({ min: 1, max: 100 }),
  backoff: fc.constantFrom('exponential', 'linear', 'fixed'),
  delaySeconds: fc.integer({ min: 0, max: 43_200 }),
  jitter: fc.boolean(),
});
const base = { id: name, enabled: fc.boolean() };
const delivered = { ...base, create: fc.boolean(), retry, deadLetter: name };
const batched = {
  batchSize: fc.integer({ min: 1, max: 10_000 }),
  batchWindowSeconds: fc.integer({ min: 0, max: 300 }),
};
const json = fc
  .jsonValue({ maxDepth: 3 })
  .map((value): JsonValue => JSON.parse(JSON.stringify(value)))
  // Keys that a declaration may not have.
  .filter((value) => !/"(?:__proto__|prototype|constructor)":/.test(JSON.stringify(value)));

const http = fc
  .record({
    optional: some({
      ...base,
      method: fc.oneof(
        fc.constantFrom(...methods),
        fc.array(fc.constantFrom(...methods), { minLength: 1 }),
      ),
      path: fc.constantFrom('/', '/a', '/a/{id}', '/{rest+}'),
      cors: fc.oneof(
        fc.boolean(),
        some({
          origins: fc.array(fc.webUrl().map((url) => new URL(url).origin)),
          methods: fc.array(fc.constantFrom(...methods)),
          headers: fc.array(fc.constantFrom('X-A', 'x-b', 'Content-Type')),
          maxAgeSeconds: fc.nat(86_400),
        }),
      ),
      rateLimit: fc.record({ requestsPerSecond: fc.integer({ min: 1, max: 99 }) }),
      jwt: fc.record({
        issuer: fc.constantFrom('https://a.example', 'https://a.example/'),
        audience: fc.array(name, { minLength: 1 }),
      }),
    }),
  })
  .map(({ optional }): EventSpec => ({ type: 'http', ...optional }));

const schedule = fc
  .record({
    optional: some({ ...base, input: json }),
    when: fc.oneof(
      fc.integer({ min: 1, max: 300 }).map((count) => ({ every: `${count} minutes` })),
      fc.constantFrom('0 9 * * mon-fri', ' */5  * * * *').map((cron) => ({ cron })),
    ),
  })
  .map(({ optional, when }): EventSpec =>
    'every' in when
      ? { type: 'schedule', ...optional, every: when.every }
      : { type: 'schedule', ...optional, cron: when.cron },
  );

const delivering = fc
  .record({
    name,
    optional: some({ ...delivered }),
    batch: some(batched),
    from: some({ from: fc.constantFrom('latest', 'oldest') }),
    type: fc.constantFrom('queue', 'topic', 'object', 'stream', 'table', 'bus'),
    filter: some({ filter: fc.dictionary(name, fc.array(name)) }),
    on: some({
      on: fc.array(fc.constantFrom('created', 'deleted'), { minLength: 1 }),
      prefix: name,
    }),
    pattern: some({
      pattern: some({
        source: fc.array(fc.string(), { minLength: 1 }),
        data: fc.dictionary(name, fc.array(fc.string(), { minLength: 1 })),
      }),
    }),
  })
  .map((made): EventSpec => {
    switch (made.type) {
      case 'queue':
        return { type: 'queue', queue: made.name, ...made.optional, ...made.batch };
      case 'topic':
        return { type: 'topic', topic: made.name, ...made.optional, ...made.filter };
      case 'object':
        return { type: 'object', bucket: made.name, ...made.optional, ...made.on };
      case 'stream':
        return { type: 'stream', stream: made.name, ...made.optional, ...made.batch, ...made.from };
      case 'table':
        return { type: 'table', table: made.name, ...made.optional, ...made.batch, ...made.from };
      case 'bus':
        break;
    }
    return { type: 'bus', bus: made.name, ...made.optional, ...made.pattern };
  });

/** Any valid event, one by one. */
export const anyEvent: fc.Arbitrary<EventSpec> = fc.oneof(http, schedule, delivering);

/** Any function; its events may clash with each other. */
export const anyFunction: fc.Arbitrary<FunctionSpec> = fc
  .record({
    optional: some({
      memoryMb: fc.integer({ min: 64, max: 4_096 }),
      env: fc.dictionary(fc.stringMatching(/^[A-Z_]{1,8}$/), fc.string()),
      tags: fc.dictionary(name, name),
      tracing: fc.oneof(fc.boolean(), some({ sampleRate: fc.constantFrom(0, 0.5, 1) })),
      async: some({ retry, maxAgeSeconds: fc.constant(60) }),
      events: fc.array(anyEvent, { maxLength: 5 }),
    }),
  })
  .map(({ optional }) => ({ entry: './a.ts', ...optional }));

/** The same value with the keys of every object turned round. */
export function reversedKeys<Value>(value: Value): Value;
export function reversedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => reversedKeys(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]: [string, unknown]) => [
    key,
    reversedKeys(item),
  ]);
  return Object.fromEntries(entries.toReversed());
}
