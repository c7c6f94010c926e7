/**
 * A Lambda handler that was there before runs unchanged on this machine and on Azure: the same table of inputs gives the
 * same answers on both, but for what is named here.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServerlessError, type FunctionSpec, type JsonValue } from 'polyfaas';
import type { ContractSubject, Emission, ServerlessManager } from 'polyfaas/contract';
import { sendHttp, type HttpInit } from '../../src/contract/http-client.ts';
import { CALLBACK, COMMON_JS, ES_MODULE } from '../aws/support/lambda-handlers.ts';
import { makeAzureSubject } from '../contract/azure-subject.ts';
import { makeLocalSubject } from '../contract/local-subject.ts';

/** Where answers may differ: a part of an event or a header, and why. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  // Ids and times: no two deliveries share them.
  messageId: 'made by the queue',
  receiptHandle: 'made by the queue',
  SentTimestamp: 'a time',
  ApproximateFirstReceiveTimestamp: 'a time',
  MessageId: 'made by the topic',
  Timestamp: 'a time',
  time: 'a time',
  eventTime: 'a time',
  id: 'made by the bus',
  sequencer: 'made by the bucket',
  eTag: 'made by the bucket',
  'x-amz-request-id': 'made by the bucket',
  'x-amz-id-2': 'made by the bucket',
  // There are no ARNs on either: what stands in their place names the region.
  eventSourceARN: 'an ARN',
  EventSubscriptionArn: 'an ARN',
  TopicArn: 'an ARN',
  resources: 'ARNs',
  region: 'a region',
  awsRegion: 'a region',
};

/** Headers of the front, and not of the function, by what the reply is like. */
const OF_THE_FRONT = {
  /** Where the function says nothing, each front says what it likes. */
  unsaid: ['content-type'],
  /** The gateway of this machine forbids that failures are kept. */
  failure: ['cache-control'],
} as const;
/** What the handlers send, and what could come between. All others belong to the connection. */
const HEADERS = [
  'content-type',
  'location',
  'set-cookie',
  'cache-control',
  'x-mine',
  'etag',
  'vary',
];

const EVENTS: NonNullable<FunctionSpec['events']> = [
  { type: 'http', id: 'list', method: 'GET', path: '/items' },
  { type: 'http', id: 'make', method: 'POST', path: '/items' },
  { type: 'http', id: 'one', method: ['GET', 'PUT', 'DELETE'], path: '/items/{id}' },
  { type: 'http', id: 'moved', method: 'GET', path: '/moved' },
  { type: 'http', id: 'inferred', method: 'GET', path: '/inferred' },
  { type: 'http', id: 'text', method: 'GET', path: '/text' },
  { type: 'http', id: 'bare', method: 'GET', path: '/bare' },
  { type: 'http', id: 'headers', method: 'GET', path: '/headers' },
  { type: 'http', id: 'throws', method: 'GET', path: '/throws' },
  {
    type: 'queue',
    queue: 'orders',
    create: true,
    batchSize: 1,
    retry: { maxAttempts: 3, backoff: 'fixed', delaySeconds: 1, jitter: false },
  },
  { type: 'object', bucket: 'parity-pictures', create: true, on: ['created', 'deleted'] },
  { type: 'topic', topic: 'users', create: true },
  { type: 'bus', bus: 'shop', create: true },
];

const INPUTS: readonly JsonValue[] = [
  null,
  0,
  'text',
  [1, { two: 2 }],
  { plain: true },
  { op: 'echo', value: { deep: [1, 'grüße', null] } },
  { op: 'echo', value: '' },
  { op: 'nothing' },
  { op: 'nil' },
  { op: 'date' },
  { op: 'throws', message: 'no way' },
  { op: 'custom', message: 'not this order' },
  { op: 'text' },
  { op: 'context' },
];

const REQUESTS: readonly (readonly [path: string, init?: HttpInit])[] = [
  ['/items'],
  ['/items?a=1&a=2&b=%20x'],
  ['/items/7'],
  ['/items/a%20b'],
  [
    '/items',
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":"ü"}' },
  ],
  [
    '/items/7',
    { method: 'PUT', headers: { 'content-type': 'image/png' }, body: Buffer.from([0, 255, 1]) },
  ],
  ['/items/7', { method: 'PUT', headers: { 'content-type': 'text/plain' }, body: 'plain' }],
  ['/items/7', { method: 'DELETE' }],
  ['/moved'],
  ['/inferred'],
  ['/text'],
  ['/bare'],
  ['/headers', { headers: { 'X-Mine': 'yes', cookie: 'one=1; two=2' } }],
  ['/throws'],
];

const EMISSIONS: readonly Emission[] = [
  {
    kind: 'queue',
    queue: 'orders',
    messages: [{ data: { id: 1 } }, { data: { id: 2, flaky: true }, attributes: { color: 'red' } }],
  },
  {
    kind: 'topic',
    topic: 'users',
    data: { user: 1 },
    attributes: { kind: 'new' },
    subject: 'Hello',
  },
  {
    kind: 'object',
    bucket: 'parity-pictures',
    key: 'a b/ü.txt',
    body: 'hello',
    contentType: 'text/plain',
  },
  { kind: 'object', bucket: 'parity-pictures', key: 'a b/ü.txt' },
  { kind: 'bus', bus: 'shop', source: 'orders', type: 'placed', data: { total: 3 } },
];
/** Two messages, one of them twice; and one for each of the other emissions. */
const DELIVERIES = 3 + 4;

/** Log Analytics takes minutes to show a line. */
const STEP_MS = 5000;

interface Place {
  readonly name: string;
  readonly subject: ContractSubject;
  manager(functions: Readonly<Record<string, FunctionSpec>>): Promise<ServerlessManager>;
}

let root: string;
let places: readonly Place[];
const managers: ServerlessManager[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'polyfaas-azure-parity-'));
  await writeFile(join(root, 'common.cjs'), COMMON_JS);
  await writeFile(join(root, 'module.mjs'), ES_MODULE);
  await writeFile(join(root, 'callback.cjs'), CALLBACK);
  const subjects = {
    local: await makeLocalSubject({ isolation: 'thread' }),
    azure: await makeAzureSubject(),
  };
  places = Object.entries(subjects).map(([name, subject]) => ({
    name,
    subject,
    async manager(functions) {
      const manager = await subject.manager({ app: 'parity', stage: 'test', root, functions });
      managers.push(manager);
      return manager;
    },
  }));
});
afterAll(async () => {
  for (const manager of managers) await manager.close();
  for (const { subject } of places) await subject.close();
  await rm(root, { recursive: true, force: true });
});

/** What a call came to, good or bad. */
async function outcome(manager: ServerlessManager, input: JsonValue): Promise<JsonValue> {
  try {
    return { output: (await manager.invoke('main', input)).output };
  } catch (error) {
    if (!ServerlessError.isInstance(error)) throw error;
    const cause = error.cause instanceof Error ? error.cause : new Error('none');
    return { code: error.code, name: cause.name, message: cause.message };
  }
}

async function answer(url: string, path: string, init?: HttpInit): Promise<object> {
  const reply = await sendHttp(`${url}${path}`, init);
  const isFailure = reply.status >= 500;
  const left: readonly string[] = [
    ...(reply.body.length === 0 || path === '/bare' ? OF_THE_FRONT.unsaid : []),
    ...(isFailure ? OF_THE_FRONT.failure : []),
  ];
  return {
    status: reply.status,
    headers: HEADERS.filter((name) => !left.includes(name)).map((name) => [
      name,
      // The Functions host writes cookies itself, with attributes in lower case.
      name === 'set-cookie' ? reply.all(name).map((value) => value.toLowerCase()) : reply.all(name),
    ]),
    // How a failure is put is the front's; that nothing of the error shows is common.
    body: isFailure ? reply.text.includes('must not see') : reply.body.toString('base64'),
  };
}

/** Everything but what is named: that may differ, and must be there on both. */
function common(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((item) => common(item) ?? null);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const isOfBus = key !== 'id' || 'detail-type' in value;
      return [
        key,
        key in DIFFERENCES && isOfBus ? `<${DIFFERENCES[key]}>` : (common(item) ?? null),
      ];
    }),
  );
}

/** What the handler saw, once it is so much. */
async function seenBy(
  { subject }: Place,
  manager: ServerlessManager,
  count: number,
): Promise<readonly string[]> {
  let seen: readonly string[] = [];
  for (let step = 0; step < 100 && seen.length < count; step += 1) {
    await subject.clock.advance(STEP_MS);
    await subject.settle();
    const found: string[] = [];
    for await (const { message } of manager.logs('main', { last: '1d' })) {
      if (!message.startsWith('SEEN ')) continue;
      const value: JsonValue = JSON.parse(message.slice('SEEN '.length));
      found.push(JSON.stringify(sorted(common(value) ?? null), null, 1));
    }
    seen = found;
  }
  return seen.toSorted();
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item ?? null)]));
}

describe.each(['common.cjs', 'module.mjs'])('the handler in %s', (entry) => {
  let deployed: readonly { readonly place: Place; readonly manager: ServerlessManager }[];
  beforeAll(async () => {
    deployed = await Promise.all(
      places.map(async (place) => {
        const main: FunctionSpec = {
          entry,
          signature: 'aws-lambda',
          memoryMb: 512,
          events: EVENTS,
        };
        const manager = await place.manager({ main });
        await manager.deploy('main');
        return { place, manager };
      }),
    );
  });
  afterAll(async () => {
    for (const { manager } of deployed) await manager.remove('main');
  });

  it.each(INPUTS)('answers %j alike', async (input) => {
    const [local, azure] = await Promise.all(
      deployed.map(({ manager }) => outcome(manager, input)),
    );
    expect(azure).toStrictEqual(local);
  });

  it.each(REQUESTS.map(([path, init]) => ({ path, init })))(
    'serves $path $init.method alike',
    async ({ path, init }) => {
      const [local, azure] = await Promise.all(
        deployed.map(async ({ manager }) => {
          const { url } = (await manager.describe('main')) ?? {};
          return answer(url ?? '', path, init);
        }),
      );
      expect(azure).toStrictEqual(local);
      expect(local).not.toMatchObject({ body: true });
    },
  );

  it('gets the same records of every source, and its batchItemFailures count', async () => {
    const [local = [], azure = []] = await Promise.all(
      deployed.map(async ({ place, manager }) => {
        for (const emission of EMISSIONS) await place.subject.emit(emission);
        return seenBy(place, manager, DELIVERIES);
      }),
    );
    expect(azure).toHaveLength(DELIVERIES);
    expect(azure).toStrictEqual(local);
  });
});

it('a handler on a schedule is told alike', async () => {
  const [local, azure] = await Promise.all(
    places.map(async (place) => {
      const main: FunctionSpec = {
        entry: 'common.cjs',
        signature: 'aws-lambda',
        memoryMb: 512,
        events: [{ type: 'schedule', id: 'hourly', every: '1 hour' }],
      };
      const manager = await place.manager({ main });
      await manager.deploy('main');
      await place.subject.clock.advance(3_600_000);
      await place.subject.settle();
      const [first] = await seenBy(place, manager, 1);
      await manager.remove('main');
      return first;
    }),
  );
  expect(azure).toContain('Scheduled Event');
  expect(azure).toStrictEqual(local);
});

it('a handler with a callback answers alike', async () => {
  const answers = await Promise.all(
    places.map(async (place) => {
      const main: FunctionSpec = { entry: 'callback.cjs', signature: 'aws-lambda' };
      const manager = await place.manager({ main });
      await manager.deploy('main');
      return [await outcome(manager, { id: 9 }), await outcome(manager, { fail: 'badly' })];
    }),
  );
  expect(answers[1]).toStrictEqual(answers[0]);
  expect(answers[0]).toMatchObject([
    { output: { called: 'back', event: { id: 9 } } },
    { code: 'FUNCTION_FAILED', name: 'RangeError', message: 'badly' },
  ]);
});
