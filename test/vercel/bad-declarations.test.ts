/** Declarations that Vercel's limits do not allow: refused before anything is sent. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventSpec, FunctionSpec } from 'polyfaas';
import { EVENTS_SOURCE, refusals, SOURCE } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertEarly, assertUnsent, deploying, withEvent } = refusals(() => stage);

type Case = readonly [what: string, spec: FunctionSpec, says: readonly RegExp[]];

const RESERVED = ['VERCEL', 'VERCEL_URL', 'CRON_SECRET', 'NODE_OPTIONS', 'AWS_LAMBDA_RUNTIME_API'];

describe('what a function’s limits do not allow', () => {
  it.each(RESERVED)('the variable %s of the platform', async (name) => {
    await assertUnsent(
      {
        code: 'INVALID_ARGUMENT',
        says: [new RegExp(`env\\.${name}`), /Vercel/, /Choose another name/],
      },
      deploying({ source: SOURCE, env: { [name]: 'x' } }),
    );
  });

  it.each<Case>([
    [
      'a variable of polyfaas itself',
      { source: SOURCE, env: { POLYFAAS_APP: 'x' } },
      [/env\.POLYFAAS_APP/, /Choose another name/],
    ],
    [
      'a variable whose name is no variable’s',
      { source: SOURCE, env: { 'a-b': 'x' } },
      [/env\.a-b/, /letters/],
    ],
    [
      'more environment than fits',
      { source: SOURCE, env: { LARGE: 'x'.repeat(30_001) } },
      [/env/, /30\d{3}/, /30,?000/],
    ],
    [
      'more environment than fits, once it is JSON',
      { source: SOURCE, env: { QUOTED: '"'.repeat(20_000) } },
      [/env/, /400\d\d bytes as JSON/, /at most 32489 fit/, /code or a store/],
    ],
    [
      'two secrets that are one variable',
      { source: SOURCE, env: { A: { $secret: 'orders/db' }, B: { $secret: 'orders.db' } } },
      [/env\.B/, /"orders_db"/, /Rename/],
    ],
    [
      'a version of a secret',
      { source: SOURCE, env: { DB: { $secret: 'db', version: '3' } } },
      [/env\.DB/, /"3"/, /"latest"/, /secret's name/],
    ],
    [
      'a secret that is a variable of Vercel’s own',
      { source: SOURCE, env: { DB: { $secret: 'vercel/token' } } },
      [/env\.DB/, /"vercel\/token"/, /"vercel_token"/, /Rename/],
    ],
    [
      'a secret that is a variable of polyfaas’s own',
      { source: SOURCE, env: { DB: { $secret: 'polyfaas/invoke-keys' } } },
      [/env\.DB/, /POLYFAAS_/, /Rename/],
    ],
    ['too much memory', { source: SOURCE, memoryMb: 10_241 }, [/memoryMb/, /10,?241/, /10,?240/]],
    ['less memory than there is', { source: SOURCE, memoryMb: 127 }, [/memoryMb/, /127/, /128/]],
    [
      'a longer timeout than there is',
      { source: SOURCE, timeoutSeconds: 1_801 },
      [/timeoutSeconds/, /1801/, /1800/, /queue/],
    ],
    [
      'a tag of polyfaas’s own',
      { source: SOURCE, tags: { polyfaasApp: 'x' } },
      [/tags\.polyfaasApp/, /reserved/, /Choose another/],
    ],
    [
      'a tag of Vercel’s own',
      { source: SOURCE, tags: { githubCommitSha: 'x' } },
      [/tags\.githubCommitSha/, /reserved/, /Choose another/],
    ],
    [
      'a key that no metadata has',
      { source: SOURCE, tags: { '9teams': 'x' } },
      [/tags/, /"9teams"/, /1 to 100 letters/, /a letter first/],
    ],
    [
      'more tags than there is room for',
      {
        source: SOURCE,
        tags: Object.fromEntries(Array.from({ length: 81 }, (_, index) => [`t${index}`, 'x'])),
      },
      [/tags/, /81/, /80/],
    ],
    [
      'a runtime that Vercel has taken away',
      { source: SOURCE, runtime: 'node20' },
      [/runtime/, /nodejs20\.x/, /2026-10-01/, /"node22"/],
    ],
    [
      'more schedules than crons of a project',
      {
        source: EVENTS_SOURCE,
        events: Array.from({ length: 101 }, (_, index) => ({
          type: 'schedule' as const,
          id: `s${index}`,
          cron: `${index % 60} ${index % 24} * * *`,
        })),
      },
      [/events/, /101/, /100 cron jobs/, /another function/],
    ],
  ])('%s', async (_what, spec, says) => {
    await assertUnsent({ code: 'INVALID_ARGUMENT', says }, deploying(spec));
  });

  it('a name that ends with a dash', async () => {
    await assertUnsent(
      {
        code: 'INVALID_ARGUMENT',
        says: [/functions\.orders-/, /ends with a dash/, /projectNames/],
      },
      deploying({ source: SOURCE }, { name: 'orders-' }),
    );
  });

  it.each<Case>([
    [
      'an image',
      { image: 'registry.example.com/orders@sha256:'.concat('a'.repeat(64)) },
      [/image/, /`entry`/],
    ],
    ['a zip that is ready', { artifact: './orders.zip', handles: ['invoke'] }, [/artifact|entry/]],
    ['Arm', { source: SOURCE, architecture: 'arm64' }, [/architecture/, /out/]],
    [
      'a runtime of another language',
      { entry: './main.py', runtime: 'python3.13', handles: ['invoke'] },
      [/runtime/, /"node22"/],
    ],
    ['instances that are kept', { source: SOURCE, minInstances: 1 }, [/minInstances/, /preWarm/]],
    ['a bound on the instances', { source: SOURCE, maxInstances: 5 }, [/maxInstances/, /queue/]],
  ])('%s', async (_what, spec, says) => {
    await assertUnsent({ code: 'UNSUPPORTED', says }, deploying(spec));
  });
});

describe('what an event’s source does not allow', () => {
  it.each<readonly [string, EventSpec, readonly RegExp[]]>([
    [
      'an interval that no cron keeps',
      { type: 'schedule', every: '7 minutes' },
      [/\.every: every 7 minutes/, /"6 minutes" or "10 minutes"/, /cron/],
    ],
    [
      'an interval below a minute',
      { type: 'schedule', every: '30 seconds' },
      [/\.every/, /smallest interval is 1 minute/, /"1 minute"/],
    ],
    [
      'the last day of a month',
      { type: 'schedule', cron: '0 3 L * *' },
      [/\.cron/, /"0 3 L \* \*"/, /look at the date in the handler/],
    ],
    [
      'a day of the month and one of the week',
      { type: 'schedule', cron: '0 3 1 * 1' },
      [/\.cron/, /"0 3 1 \* 1"/, /two schedules/],
    ],
    [
      'an input that does not fit',
      { type: 'schedule', every: '1 hour', input: 'x'.repeat(20_000) },
      [/\.input/, /20,?002/, /16,?384/, /a store/],
    ],
    [
      'a queue with too long a name',
      { type: 'queue', queue: 'q'.repeat(129), create: true },
      [/\.queue/, /"qqq/, /1 to 128/],
    ],
    [
      'a topic with a dot',
      { type: 'topic', topic: 'users.registered', create: true },
      [/\.topic/, /"users\.registered"/, /letters, digits, "_" and "-"/],
    ],
    [
      'a queue of polyfaas’s own',
      { type: 'queue', queue: 'polyfaas-async', create: true },
      [/\.queue/, /"polyfaas-async"/, /polyfaas's own/],
    ],
    [
      'a pause longer than a lease',
      {
        type: 'queue',
        queue: 'orders',
        create: true,
        retry: { delaySeconds: 3700, maxDelaySeconds: 3800 },
      },
      [/retry\.delaySeconds/, /3,?700/, /0 to 3,?600/, /schedule/],
    ],
    [
      'a queue that is its own dead letter',
      { type: 'queue', queue: 'orders', create: true, deadLetter: 'orders' },
      [/deadLetter/, /orders/, /Name another/],
    ],
    [
      'a path of polyfaas’s own',
      { type: 'http', path: '/polyfaas/invoke' },
      [/path/, /\/polyfaas/, /Choose another/],
    ],
    ['a path of Vercel’s own', { type: 'http', path: '/_vercel/insights' }, [/path/, /\/_vercel/]],
    [
      'a body that Vercel does not let through',
      { type: 'http', path: '/up', maxBodyBytes: 5_000_000 },
      [/maxBodyBytes/, /5,?000,?000/, /0 to 4,?500,?000/, /Blob/],
    ],
  ])('%s', async (_what, event, says) => {
    await assertUnsent({ code: 'INVALID_ARGUMENT', says }, withEvent(event));
  });

  const LACKING: readonly (readonly [string, EventSpec, readonly RegExp[]])[] = [
    [
      'an object store',
      { type: 'object', bucket: 'pictures', create: true },
      [/object/, /onUploadCompleted/],
    ],
    ['a stream', { type: 'stream', stream: 'clicks', create: true }, [/stream/, /queue/]],
    ['a table', { type: 'table', table: 'stock', create: true }, [/table/, /http event/]],
    ['a bus', { type: 'bus', bus: 'shop', create: true }, [/bus/, /topic/]],
    [
      'a time of another zone',
      { type: 'schedule', cron: '0 3 * * *', timezone: 'Europe/Berlin' },
      [/timezone/, /UTC/],
    ],
    [
      'a limit of requests',
      { type: 'http', path: '/o', rateLimit: { requestsPerSecond: 5 } },
      [/rateLimit/, /Firewall/],
    ],
  ];

  it.each(LACKING)('%s', async (_what, event, says) => {
    await assertUnsent({ code: 'UNSUPPORTED', says }, withEvent(event));
  });

  it.each(LACKING)('%s, added to a function that is there', async (what, event, says) => {
    const app = `adding${LACKING.findIndex(([name]) => name === what)}`;
    const manager = await stage.manager({ app, functions: { main: { source: EVENTS_SOURCE } } });
    await manager.deploy('main');
    await assertEarly({ code: 'UNSUPPORTED', says }, () => manager.configureEvent('main', event));
  });

  const QUEUE = { type: 'queue', queue: 'orders', create: true } as const;
  const ROUTE = { type: 'http', method: 'GET' } as const;

  it('two events for one queue, declared', async () => {
    const events = [
      { ...QUEUE, id: 'a' },
      { ...QUEUE, id: 'b' },
    ];
    await assertEarly(
      { code: 'INVALID_ARGUMENT', says: [/events\.b/, /"orders"/, /"a"/, /one consumer/] },
      deploying({ source: EVENTS_SOURCE, events }),
    );
  });

  it.each<readonly [string, EventSpec, EventSpec, readonly RegExp[]]>([
    [
      'one queue',
      { ...QUEUE, id: 'a' },
      { ...QUEUE, id: 'b' },
      [/events\.b/, /"orders"/, /"a"/, /one consumer/, /topics/],
    ],
    [
      'one route',
      { ...ROUTE, id: 'a', path: '/o/{id}' },
      { ...ROUTE, id: 'b', path: '/o/{x}' },
      [/events\.b/, /GET \/o\/\{x\}/, /"a"/, /another method or path/],
    ],
  ])('two events for %s, one added', async (_what, first, second, says) => {
    const app = `beside-${first.type}`;
    const functions = { main: { source: EVENTS_SOURCE, events: [first] } };
    const manager = await stage.manager({ app, functions });
    await manager.deploy('main');
    await assertEarly({ code: 'INVALID_ARGUMENT', says }, () =>
      manager.configureEvent('main', second),
    );
  });
});

describe('without Vercel Queues', () => {
  const off = { config: { providerOptions: { vercel: { queues: undefined } } } };
  const says = [/providerOptions\.vercel\.queues: 'beta'/];

  it.each<readonly [string, EventSpec]>([
    ['a queue', { type: 'queue', queue: 'orders', create: true }],
    ['a topic', { type: 'topic', topic: 'users', create: true }],
  ])('%s', async (_what, event) => {
    await assertUnsent(
      { code: 'UNSUPPORTED', says },
      // @ts-expect-error -- absent, as in JavaScript
      deploying({ source: EVENTS_SOURCE, events: [event] }, off),
    );
  });

  it('rules of asynchronous invocations', async () => {
    await assertUnsent(
      { code: 'UNSUPPORTED', says: [/async/, ...says] },
      deploying(
        { source: SOURCE, async: { onFailure: { type: 'queue', name: 'dead' } } },
        // @ts-expect-error -- absent, as in JavaScript
        off,
      ),
    );
  });

  it('an asynchronous invocation', async () => {
    const functions = { main: { source: SOURCE } };
    // @ts-expect-error -- absent, as in JavaScript
    const manager = await stage.manager({ app: 'later', functions, ...off.config });
    await manager.deploy('main');
    const before = stage.calls.length;
    await assertEarly({ code: 'UNSUPPORTED', says: [/queues/, /beta/] }, () =>
      manager.invoke('main', 1, { mode: 'async' }),
    );
    expect(stage.calls.slice(before)).toEqual([]);
  });
});
