import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/index.ts';
import { mapTsk, type MappedTsk } from '../../../src/config/tsk/map.ts';
import { parseTsk } from '../../../src/config/tsk/parse.ts';
import { validateConfig } from '../../../src/spec/validate.ts';
import { temporaryFolder } from './temporary-folder.ts';

const fixtures = fileURLToPath(new URL('fixtures', import.meta.url));

/** Maps a text, with these files beside it. */
function map(text: string, files: readonly string[] = []): MappedTsk {
  const readFile = (): string => '';
  const tree = parseTsk({ file: 'a.tsk', text, env: { DB_HOST: 'db.example' }, readFile });
  return mapTsk(tree, { fileExists: (path) => files.includes(path) });
}

const messages = (mapped: { readonly warnings: MappedTsk['warnings'] }): readonly string[] =>
  mapped.warnings.map(({ message }) => message);

describe('the documents that coined the format', () => {
  it('load: serverless-architecture.tsk', async () => {
    const cwd = temporaryFolder({
      'handlers/user-handler.ts': '',
      'handlers/order-handler.js': '',
    });
    cpSync(join(fixtures, 'serverless-architecture.tsk'), join(cwd, 'serverless-architecture.tsk'));
    const { config, file, warnings } = await loadConfig({ cwd, env: { AWS_REGION: 'eu-west-1' } });
    expect(file).toBe(join(cwd, 'serverless-architecture.tsk'));
    expect(config).toEqual({
      stage: 'dev',
      root: cwd,
      provider: 'aws',
      region: 'eu-west-1',
      defaults: { runtime: 'node', memoryMb: 512, timeoutSeconds: 30 },
      functions: {
        user_management: {
          entry: './handlers/user-handler.ts',
          handler: 'handle',
          memoryMb: 1024,
          timeoutSeconds: 60,
          env: { STAGE: 'production' },
          events: [
            { type: 'http', cors: true },
            { type: 'object', bucket: 'data-bucket', on: ['created'] },
            { type: 'table', table: 'user-table', batchSize: 100 },
          ],
        },
        order_processing: {
          entry: './handlers/order-handler.js',
          handler: 'handle',
          memoryMb: 2048,
          timeoutSeconds: 120,
          env: { STAGE: 'production' },
          events: [
            { type: 'http', cors: true },
            { type: 'queue', queue: 'order-queue', batchSize: 10 },
            { type: 'schedule', every: 'rate(5 minutes)' },
          ],
        },
        data_processing: {
          entry: './handlers/data-handler.ts',
          handler: 'handle',
          memoryMb: 4096,
          timeoutSeconds: 300,
          env: { STAGE: 'production' },
          events: [
            { type: 'object', bucket: 'data-bucket', on: ['created'] },
            { type: 'stream', stream: 'data-stream', batchSize: 1000 },
          ],
        },
      },
    });
    expect(messages({ warnings })).toEqual([
      expect.stringContaining('"php:8.4" is replaced by "node"'),
      expect.stringContaining('OPEN TO EVERYONE'),
      expect.stringContaining('read as the changes of the table "user-table"'),
      expect.stringContaining('./handlers/data-handler.ts (or .js, .mjs), which is not there yet'),
      expect.stringContaining('the event source "batch" has no equivalent here'),
    ]);
  });

  it('load: event-driven-serverless.tsk', async () => {
    const file = join(fixtures, 'event-driven-serverless.tsk');
    const { config, warnings } = await loadConfig({ file, env: {} });
    expect(Object.keys(config.functions ?? {})).toEqual([
      'welcome_email',
      'inventory_update',
      'order_fulfillment',
    ]);
    expect(config.functions?.['inventory_update']).toEqual({
      entry: './handlers/inventory-handler.ts',
      handler: 'updateStock',
      events: [
        {
          type: 'bus',
          id: 'bus-order-created',
          bus: 'default',
          pattern: { source: ['order-service'], type: ['OrderCreated'] },
          retry: { maxAttempts: 5, backoff: 'linear' },
          deadLetter: 'dlq-serverless',
        },
      ],
    });
    const orphans = messages({ warnings }).filter((message) => message.includes('is no handler'));
    expect(orphans).toHaveLength(5);
  });

  it('load: cold-start-optimization.tsk and serverless-monitoring.tsk', async () => {
    const cold = await loadConfig({ file: join(fixtures, 'cold-start-optimization.tsk'), env: {} });
    expect(cold.config.defaults).toEqual({ minInstances: 5, maxInstances: 5 });
    expect(cold.warnings.find(({ type }) => type === 'rounded')?.message).toContain(
      '10 instances are to be kept, but keep_warm.max_instances is 5',
    );
    const traced = await loadConfig({ file: join(fixtures, 'serverless-monitoring.tsk'), env: {} });
    expect(traced.config.defaults).toEqual({ tracing: { sampleRate: 0.1 } });
  });

  it('load: blocks at the top, as the shorter document writes them', () => {
    const mapped = map(
      `
      serverless = {
        provider = "aws_lambda"
        runtime = "php-8.2"
        memory = 512
        timeout = 30
        environment = {
          APP_ENV = "production"
          DB_HOST = "@env('DB_HOST')"
        }
        layers = ["arn:aws:lambda:layer:php-extensions"]
        handler = "WebHook::run"
      }
      event_sources = {
        http = { path = "/webhook"
          method = "POST" }
        s3 = { bucket = "my-bucket", event = "s3:ObjectCreated:*" }
        sqs = { queue = "my-queue" }
      }
      observability = { tracing = true, provider = "x-ray", metrics = true, logs = true }
      api_gateway = { provider = "aws_api_gateway" }`,
      ['./handlers/web-hook.mjs'],
    );
    expect(mapped.config).toEqual({
      provider: 'aws',
      defaults: {
        runtime: 'node',
        memoryMb: 512,
        timeoutSeconds: 30,
        env: { APP_ENV: 'production', DB_HOST: 'db.example' },
        tracing: true,
      },
      functions: {
        main: {
          entry: './handlers/web-hook.mjs',
          handler: 'run',
          events: [
            { type: 'http', path: '/webhook', method: 'POST' },
            { type: 'object', bucket: 'my-bucket', on: ['created'] },
            { type: 'queue', queue: 'my-queue' },
          ],
        },
      },
    });
    expect(mapped.warnings.map(({ field }) => field)).toEqual([
      'serverless.runtime',
      'serverless.layers',
      'observability.provider',
      'api_gateway',
    ]);
    expect(validateConfig(mapped.config)).toEqual(mapped.config);
  });
});

describe('mapTsk', () => {
  const one = (handler: string, files: readonly string[] = []): unknown => {
    const text = `[serverless_architecture.functions]\nf = { handler = ${JSON.stringify(handler)} }`;
    const { functions } = map(text, files).config;
    return typeof functions === 'object' && functions !== null
      ? Reflect.get(functions, 'f')
      : functions;
  };

  it.each([
    ['UserHandler::handle', [], './handlers/user-handler.ts', 'handle'],
    [
      'UserHandler::handle',
      ['./handlers/user-handler.mjs'],
      './handlers/user-handler.mjs',
      'handle',
    ],
    ['App\\Http\\HTTPServer::run', [], './handlers/http-server.ts', 'run'],
    ['index.handler', ['./index.js'], './index.js', 'handler'],
    ['src/users.list', ['./src/users.ts'], './src/users.ts', 'list'],
    ['src/users.list', ['./handlers/users.js'], './handlers/users.js', 'list'],
    ['src/users.list', [], './handlers/users.ts', 'list'],
    ['bootstrap', [], './handlers/bootstrap.ts', undefined],
    ['./src/orders.ts', [], './src/orders.ts', undefined],
  ])('finds the code of %s', (handler, files, entry, exported) => {
    expect(one(handler, files)).toEqual(
      exported === undefined ? { entry } : { entry, handler: exported },
    );
  });

  it('takes several targets, beside sections of the older vocabulary too', () => {
    const own = 'app = "shop"\ntargets = ["aws", "gcp"]\nfailover = { max_failures = 5 }';
    for (const text of [own, `${own}\n[serverless_architecture]\nruntime = "nodejs24"`]) {
      const mapped = map(text);
      expect(mapped.warnings).toEqual([]);
      expect(validateConfig(mapped.config)).toMatchObject({
        targets: ['aws', 'gcp'],
        failover: { maxFailures: 5 },
      });
    }
  });

  it.each([
    ['nodejs22.x', 'node22'],
    ['nodejs24', 'node24'],
    ['provided.al2', 'provided.al2'],
    ['php8.3', 'node'],
    ['python3.12', 'python3.12'],
  ])('reads the runtime %s', (runtime, ours) => {
    const { config } = map(`[serverless_architecture]\nruntime = "${runtime}"`);
    expect(config['defaults']).toEqual({ runtime: ours });
  });

  it.each(['azure_functions', 'google_cloud_functions', 'vercel', 'local'])(
    'reads the provider %s',
    (provider) => {
      const { config } = map(`[serverless_architecture]\nprovider = ${provider}`);
      expect(validateConfig(config).provider).toMatch(/^(?:azure|gcp|vercel|local)$/);
    },
  );

  it('maps every source', () => {
    const { config, warnings } = map(`
[serverless_architecture.functions]
f = { entry = "./f.ts", events = ["http", "uploads", "sns", "bus", "clock", "rows", { type = queue, queue = q, batch_size = 2 }] }
[serverless_architecture.events]
http = {
  path = "/x", method = ["GET"], cors = { allow_origins = ["https://a.example"], allow_methods = ["GET"], max_age = 60 }
  authorizer = { type = "cognito", issuer = "https://login.example.com", audience = "app", scopes = ["a"] }
  rate_limit = { requests_per_second = 5 }
}
uploads = { type = "s3", bucket = b, events = ["s3:ObjectRemoved:*", "s3:ObjectCreated:Put", "s3:Replication:*"], prefix = "in/" }
sns = { topic = news, retry_policy = { max_attempts = 4, backoff = "fixed" }, dead_letter_queue = dead, fifo = true }
bus = { type = "eventbridge", event_bus = orders, source = "shop", detail_type = ["A", "B"] }
clock = { type = "eventbridge", schedule = "cron(0 9 ? * 2-6 *)", source = "x" }
rows = { type = "dynamodb", stream = "arn:aws:dynamodb:eu-west-1:1:table/users/stream/2024" }
`);
    expect(validateConfig(config).functions?.['f']?.events).toEqual([
      {
        type: 'http',
        path: '/x',
        method: ['GET'],
        cors: { origins: ['https://a.example'], methods: ['GET'], maxAgeSeconds: 60 },
        jwt: { issuer: 'https://login.example.com', audience: ['app'], scopes: ['a'] },
        rateLimit: { requestsPerSecond: 5 },
      },
      { type: 'object', bucket: 'b', on: ['deleted', 'created'], prefix: 'in/' },
      {
        type: 'topic',
        topic: 'news',
        retry: { maxAttempts: 4, backoff: 'fixed' },
        deadLetter: 'dead',
      },
      { type: 'bus', bus: 'orders', pattern: { source: ['shop'], type: ['A', 'B'] } },
      { type: 'schedule', cron: '0 9 * * 1-5' },
      { type: 'bus', pattern: { source: ['x'] } },
      { type: 'table', table: 'users' },
      { type: 'queue', queue: 'q', batchSize: 2 },
    ]);
    expect(warnings.map(({ field }) => field)).toEqual([
      'events.uploads.events',
      'events.sns.fifo',
      'events.rows.stream',
    ]);
  });

  it('lets validation name what a source lacks', () => {
    const { config } = map(
      '[serverless_architecture.functions]\nf = { entry = a, events = ["sqs"] }',
    );
    expect(() => validateConfig(config)).toThrow('functions.f.events[0].queue: is missing.');
  });

  it('says when sources reach no function, and when strategies are off', () => {
    expect(messages(map('event_sources { sqs { queue: q } }'))).toEqual([
      expect.stringContaining('no function is there to take these events'),
    ]);
    const { config } = map(
      '[cold_start_optimization]\nkeep_warm = false\n[cold_start_optimization.strategies]\nkeep_warm { min_instances: 3 }',
    );
    expect(config).toEqual({ defaults: {} });
  });

  it('takes our own fields beside the older sections', () => {
    const { config, warnings } = map(
      'app = shop\n[serverless_architecture]\nprovider = local\n[functions.a]\nentry = "./a.ts"\n[debug]\nx = 1',
    );
    expect(config).toEqual({
      app: 'shop',
      provider: 'local',
      functions: { a: { entry: './a.ts' } },
    });
    expect(warnings.map(({ field }) => field)).toEqual(['debug']);
  });

  it('writes any configuration in our own vocabulary, in either spelling', () => {
    const { config, warnings } = map(`
app: shop
provider: local
region: { aws: eu-central-1 }
limits: { parallel_deploys: 2 }
[defaults]
memory_mb = 512
[functions.order_intake]
entry = "./functions/orders.ts"
timeoutSeconds = 20
env = { PORT = 3000, DEBUG = true, SNAKE_case = "x", DB = @secret("orders/db") }
tags = { cost_center = 7 }
events:
  - type: http
    method: POST
    path: "/orders/{id}"
    rate_limit: { requests_per_second: 10 }
  - type: topic
    topic: news
    filter: { some_attribute: [a] }
  - type: bus
    pattern: { data: { some_key: [1] } }
[environments.production.functions.order_intake]
min_instances = 1
[provider_options.aws]
some_option = 1
`);
    expect(warnings).toEqual([]);
    expect(config).toEqual({
      app: 'shop',
      provider: 'local',
      region: { aws: 'eu-central-1' },
      limits: { parallelDeploys: 2 },
      defaults: { memoryMb: 512 },
      functions: {
        order_intake: {
          entry: './functions/orders.ts',
          timeoutSeconds: 20,
          env: { PORT: '3000', DEBUG: 'true', SNAKE_case: 'x', DB: { $secret: 'orders/db' } },
          tags: { cost_center: '7' },
          events: [
            {
              type: 'http',
              method: 'POST',
              path: '/orders/{id}',
              rateLimit: { requestsPerSecond: 10 },
            },
            { type: 'topic', topic: 'news', filter: { some_attribute: ['a'] } },
            { type: 'bus', pattern: { data: { some_key: [1] } } },
          ],
        },
      },
      environments: { production: { functions: { order_intake: { minInstances: 1 } } } },
      providerOptions: { aws: { some_option: 1 } },
    });
    expect(validateConfig(config)).toEqual(config);
  });

  it('refuses two spellings of one field, and leaves unknown ones to validation', () => {
    expect(() => map('[defaults]\nmemory_mb = 1\nmemoryMb = 2')).toThrow(
      'a.tsk:3:1: "memory_mb" and "memoryMb" are one field, defaults.memoryMb.',
    );
    expect(() => validateConfig(map('[functions.a]\nentry = a\nmemory_size = 5').config)).toThrow(
      'functions.a.memorySize: unknown field. Did you mean "memoryMb"?',
    );
  });
});
