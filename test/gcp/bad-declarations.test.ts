/** Declarations that Google Cloud's limits do not allow: refused before anything is written. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { EventSpec, FunctionSpec, PolyfaasConfig } from 'polyfaas';
import { EVENTS_SOURCE, refusals, SOURCE } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertEarly, assertUnsent, deploying, withEvent } = refusals(() => stage);

type Case = readonly [what: string, spec: FunctionSpec, says: readonly RegExp[]];

const RESERVED = ['K_SERVICE', 'PORT', 'FUNCTION_TARGET', 'X_GOOGLE_WORKER', 'NODE_OPTIONS'];

describe('what a function’s limits do not allow', () => {
  it.each(RESERVED)('the variable %s of the platform', async (name) => {
    await assertUnsent(
      {
        code: 'INVALID_ARGUMENT',
        says: [new RegExp(`env\\.${name}`), /Google Cloud/, /Choose another name/],
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
      'two secrets that Secret Manager takes for one',
      { source: SOURCE, env: { A: { $secret: 'orders/db' }, B: { $secret: 'orders.db' } } },
      [/env\.B/, /"orders-db"/, /Rename/],
    ],
    [
      'a version of a secret that is none',
      { source: SOURCE, env: { DB: { $secret: 'db', version: 'newest' } } },
      [/env\.DB/, /"newest"/, /"latest"/],
    ],
    ['too much memory', { source: SOURCE, memoryMb: 40_000 }, [/memoryMb/, /40,?000/, /32,?768/]],
    [
      'vCPUs that do not go with the memory',
      { source: SOURCE, memoryMb: 2048, providerOptions: { gcp: { cpu: 0.5 } } },
      [/gcp\.cpu/, /0\.5/, /2048 MB/, /0\.5: 128 to 1024 MB/],
    ],
    [
      'memory that does not go with the vCPUs',
      { source: SOURCE, memoryMb: 1024, providerOptions: { gcp: { cpu: 4 } } },
      [/gcp\.cpu/, /4 vCPUs/, /1024 MB/, /4: 2048 to 16384 MB/],
    ],
    [
      'vCPUs that there are not',
      { source: SOURCE, providerOptions: { gcp: { cpu: 3 } } },
      [/gcp\.cpu/, /1, 2, 4, 6, 8/],
    ],
    [
      'several requests at once for less than a vCPU',
      { source: SOURCE, concurrency: 10, providerOptions: { gcp: { cpu: 0.5 } } },
      [/gcp\.cpu/, /0\.5/, /concurrency 10/, /1 or more/],
    ],
    [
      'more requests at once than an instance takes',
      { source: SOURCE, concurrency: 2000 },
      [/concurrency/, /2,?000/, /1,?000/],
    ],
    [
      'a timeout that no route has',
      {
        source: EVENTS_SOURCE,
        timeoutSeconds: 4000,
        events: [{ type: 'http', path: '/orders' }],
      },
      [/timeoutSeconds/, /4,?000/, /3,?600/],
    ],
    [
      'a timeout longer than an event waits',
      {
        source: EVENTS_SOURCE,
        timeoutSeconds: 601,
        events: [{ type: 'queue', id: 'orders', queue: 'orders', create: true }],
      },
      [/timeoutSeconds/, /601/, /600 s/, /queue/, /"orders"/, /function of its own/],
    ],
    [
      'a timeout longer than a schedule waits',
      {
        source: EVENTS_SOURCE,
        timeoutSeconds: 1801,
        events: [{ type: 'schedule', id: 'nightly', cron: '0 3 * * *' }],
      },
      [/timeoutSeconds/, /1801/, /1800 s/, /schedule/, /"nightly"/],
    ],
    [
      'more instances kept than there may be',
      { source: SOURCE, minInstances: 5, maxInstances: 2 },
      [/minInstances|maxInstances/, /5/, /2/],
    ],
    [
      'a tag of Google’s own',
      { source: SOURCE, tags: { 'goog-managed': 'x' } },
      [/tags\.goog-managed/, /reserved/],
    ],
    [
      'a key that no label has',
      { source: SOURCE, tags: { Team: 'shop' } },
      [/tags\.Team/, /"Team"/, /a-z 0-9 _ -/],
    ],
    [
      'a value that no label has',
      { source: SOURCE, tags: { team: 'The Shop!' } },
      [/tags\.team/, /"The Shop!"/, /63 of a-z 0-9 _ -/],
    ],
    [
      'more tags than there is room for',
      {
        source: SOURCE,
        tags: Object.fromEntries(Array.from({ length: 61 }, (_, index) => [`t${index}`, 'x'])),
      },
      [/tags/, /61/, /60/, /64/],
    ],
    [
      'a runtime that Google has taken away',
      { source: SOURCE, runtime: 'node18' },
      [/runtime/, /node18/, /node22/],
    ],
    [
      'a service account that is none',
      { source: SOURCE, providerOptions: { gcp: { serviceAccount: 'mine' } } },
      [/gcp\.serviceAccount/, /NAME@PROJECT\.iam\.gserviceaccount\.com/],
    ],
    [
      'a connector without its full name',
      { source: SOURCE, providerOptions: { gcp: { vpcConnector: 'mine' } } },
      [/gcp\.vpcConnector/, /projects\/p\/locations\/l\/connectors/],
    ],
    [
      'an option that there is not',
      // @ts-expect-error -- as in JavaScript
      { source: SOURCE, providerOptions: { gcp: { memory: '1Gi' } } },
      [/gcp/, /memory/],
    ],
  ])('%s', async (_what, spec, says) => {
    await assertUnsent({ code: 'INVALID_ARGUMENT', says }, deploying(spec));
  });

  it.each<Case>([
    [
      'an image',
      { image: 'europe-docker.pkg.dev/p/r/orders@sha256:'.concat('a'.repeat(64)) },
      [/image/, /source/],
    ],
    ['Arm', { source: SOURCE, architecture: 'arm64' }, [/architecture/, /x86_64/]],
    [
      'a runtime of another language',
      { entry: './main.py', runtime: 'python3.13', handles: ['invoke'] },
      [/runtime/, /"node22"/],
    ],
  ])('%s', async (_what, spec, says) => {
    await assertUnsent({ code: 'UNSUPPORTED', says }, deploying(spec));
  });
});

describe('what the settings of the project do not allow', () => {
  it.each<readonly [string, NonNullable<PolyfaasConfig['providerOptions']>, readonly RegExp[]]>([
    [
      'a project that is none',
      { gcp: { projectId: 'My Project' } },
      [/projectId/, /id of a project/],
    ],
    [
      'an id that is too long',
      { gcp: { functionIds: { main: 'a'.repeat(36) } } },
      [/functionIds\.main/, /4 to 35/],
    ],
    [
      'an address without encryption',
      { gcp: { endpoints: { functions: 'http://functions.example.com' } } },
      [/endpoints\.functions/, /https:/],
    ],
    [
      'a database that is none',
      { gcp: { firestoreDatabase: 'Mine' } },
      [/firestoreDatabase/, /"\(default\)"/],
    ],
  ])('%s', async (_what, providerOptions, says) => {
    await assertUnsent(
      { code: 'INVALID_ARGUMENT', says },
      deploying({ source: SOURCE }, { config: { providerOptions } }),
    );
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
      'an interval longer than a day that is no week',
      { type: 'schedule', every: '3 days' },
      [/\.every: every 3 days/, /"1 day" or "7 days"/],
    ],
    [
      'the last day of a month',
      { type: 'schedule', cron: '0 3 L * *' },
      [/\.cron/, /"0 3 L \* \*"|L/, /unix-cron|cron/],
    ],
    [
      'a topic that Pub/Sub has for itself',
      { type: 'topic', topic: 'google-news', create: true },
      [/\.topic/, /"google-news"/, /3 to 255/],
    ],
    [
      'a queue with a space',
      { type: 'queue', queue: 'new orders', create: true },
      [/\.queue/, /"new orders"/],
    ],
    [
      'a full name that is to be made',
      { type: 'topic', topic: 'projects/p/topics/orders', create: true },
      [/\.topic/, /create/, /plain name/],
    ],
    [
      'a bucket in capitals',
      { type: 'object', bucket: 'Pictures', create: true },
      [/\.bucket/, /"Pictures"/, /lower-case/],
    ],
    [
      'changes from before',
      { type: 'table', table: 'orders', from: 'oldest' },
      [/\.from/, /"oldest"/, /"latest"/],
    ],
    [
      'more attempts than can be counted',
      { type: 'queue', queue: 'orders', create: true, retry: { maxAttempts: 200 } },
      [/retry\.maxAttempts/, /200/, /1 to \d+/],
    ],
    [
      'a pause longer than Pub/Sub makes',
      {
        type: 'queue',
        queue: 'orders',
        create: true,
        retry: { delaySeconds: 700, maxDelaySeconds: 800 },
      },
      [/retry\.delaySeconds/, /700/, /600/],
    ],
    [
      'a queue that is its own dead letter',
      { type: 'queue', queue: 'orders', create: true, deadLetter: 'orders' },
      [/deadLetter/, /orders/],
    ],
    [
      'an attribute of Google’s own',
      { type: 'topic', topic: 'orders', create: true, filter: { googclient: ['x'] } },
      [/filter/, /"googclient"/],
    ],
    [
      'a path of polyfaas’s own',
      { type: 'http', path: '/polyfaas/invoke' },
      [/path/, /\/polyfaas/, /Choose another/],
    ],
    ['a path of Cloud Run’s own', { type: 'http', path: '/_ah/health' }, [/path/, /\/_ah/]],
  ])('%s', async (_what, event, says) => {
    await assertEarly({ code: 'INVALID_ARGUMENT', says }, withEvent(event));
  });

  it('a stream', async () => {
    await assertUnsent(
      { code: 'UNSUPPORTED', says: [/stream/, /shards/, /queue/] },
      withEvent({ type: 'stream', stream: 'clicks', create: true }),
    );
  });

  it('a stream, added to a function that is there', async () => {
    const functions = { main: { source: EVENTS_SOURCE } };
    const manager = await stage.manager({ app: 'streaming', functions });
    await manager.deploy('main');
    await assertEarly({ code: 'UNSUPPORTED', says: [/stream/, /queue/] }, () =>
      manager.configureEvent('main', { type: 'stream', stream: 'clicks', create: true }),
    );
  });

  it('two events that do not work beside each other', async () => {
    const queue: EventSpec = { type: 'queue', queue: 'orders', create: true };
    await assertEarly(
      { code: 'INVALID_ARGUMENT', says: [/events\.b/, /"a"/, /one consumer/] },
      deploying({
        source: EVENTS_SOURCE,
        events: [
          { ...queue, id: 'a' },
          { ...queue, id: 'b' },
        ],
      }),
    );
    const route = { type: 'http', method: 'GET' } as const;
    const manager = await stage.manager({
      app: 'routes',
      functions: {
        main: { source: EVENTS_SOURCE, events: [{ ...route, id: 'a', path: '/o/{id}' }] },
      },
    });
    await manager.deploy('main');
    await assertEarly(
      { code: 'INVALID_ARGUMENT', says: [/events\.b/, /GET \/o\/\{x\}/, /"a"/] },
      () => manager.configureEvent('main', { ...route, id: 'b', path: '/o/{x}' }),
    );
  });
});
