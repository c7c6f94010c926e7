/** What a deploy needs of the vendor's packages is looked for before it writes anything. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EventSpec, FunctionSpec } from 'polyfaas';
import { ServerlessError } from 'polyfaas/spi';
import { searched } from '../../providers/aws/events/remains/search.ts';
import { decodeRecord, encodeRecord, EMPTY_RECORD } from '../../providers/aws/record.ts';
import { deployWithout, type Bare } from '../support/without-packages.ts';
import { hand } from './support/hand.ts';
import { createStage, type Stage } from './support/stage.ts';

const SOURCE = `export default {
  [Symbol.for('polyfaas.function')]: true,
  invoke: () => 1, http: () => new Response(), schedule() {}, bus() {}, stream() {}, queue() {}, topic() {},
};`;
const ALWAYS_THERE = ['lambda', 'iam', 'sts', 'cloudwatch-logs'];

/** In a program that has the packages of a bare function, and those that are named. */
const without = (...but: readonly string[]): string =>
  `^(?:@aws-sdk/client-(?!(?:${[...ALWAYS_THERE, ...but].join('|')})$)|@smithy/)`;

const SCHEDULE: EventSpec = { type: 'schedule', every: '5 minutes' };
const BUS: EventSpec = { type: 'bus', bus: 'default', pattern: { source: ['shop'] } };
const CASES: Readonly<
  Record<
    string,
    {
      readonly spec: Pick<FunctionSpec, 'env' | 'events' | 'providerOptions'>;
      readonly packages: readonly string[];
    }
  >
> = {
  schedules: { spec: { events: [SCHEDULE] }, packages: ['scheduler'] },
  routes: {
    spec: {
      events: [
        { type: 'http', path: '/a' },
        { type: 'http', path: '/b' },
      ],
    },
    packages: ['apigatewayv2'],
  },
  buses: { spec: { events: [BUS] }, packages: ['eventbridge'] },
  streams: {
    spec: { events: [{ type: 'stream', stream: 'clicks', create: true }] },
    packages: ['@aws-sdk/client-kinesis', '@smithy/node-http-handler'],
  },
  queues: {
    spec: { events: [{ type: 'queue', queue: 'orders', create: true }] },
    packages: ['sqs'],
  },
  topics: {
    spec: { events: [{ type: 'topic', topic: 'users', create: true }] },
    packages: ['sns'],
  },
  pings: {
    spec: { providerOptions: { aws: { keepWarm: { everyMinutes: 5 } } } },
    packages: ['scheduler'],
  },
  scaling: {
    spec: { providerOptions: { aws: { provisionedConcurrency: { min: 1, max: 4 } } } },
    packages: ['application-auto-scaling'],
  },
  secrets: { spec: { env: { KEY: { $secret: 'shop/key' } } }, packages: ['secrets-manager'] },
  'several of them': {
    spec: { events: [SCHEDULE, BUS] },
    packages: ['eventbridge', 'scheduler'],
  },
};

/** How it ended for each function of a program. */
function outcomes(
  { fake }: Stage,
  functions: Bare['config']['functions'],
  parts: Pick<Bare, 'without' | 'operation'>,
): Promise<Readonly<Record<string, string>>> {
  const { endpoint, credentials } = fake;
  const app = { app: 'shop', stage: 'dev', region: 'eu-central' };
  return deployWithout({
    cloud: 'aws',
    ...parts,
    config: { ...app, functions, providerOptions: { aws: { endpoint, credentials } } },
  });
}

function writesOf({ calls }: Stage): readonly string[] {
  return calls
    .map(({ operation }) => operation)
    .filter((operation) => !/^(?:Get|List|Describe)/.test(operation));
}

const named = (packages: readonly string[]): string =>
  packages.map((one) => (one.startsWith('@') ? one : `@aws-sdk/client-${one}`)).join(' ');

let stage: Stage;
/** What each deploy came to, in a program that has the packages of a bare function alone. */
let said: Readonly<Record<string, string>> = {};
beforeAll(async () => {
  stage = await createStage();
  const functions = Object.fromEntries(
    Object.entries(CASES).map(([name, { spec }]) => [
      name.replaceAll(' ', '-'),
      { source: SOURCE, ...spec },
    ]),
  );
  said = await outcomes(stage, functions, { without: without() });
});
afterAll(() => stage[Symbol.asyncDispose]());

it.each(Object.entries(CASES))('%s: the packages are named', (name, { packages }) => {
  const outcome = said[name.replaceAll(' ', '-')];
  expect(outcome).toMatch(/^INVALID_ARGUMENT .* not installed\. /);
  expect(outcome).toContain(`npm install ${named(packages)}\``);
});

it('nothing is written', () => {
  expect(writesOf(stage)).toStrictEqual([]);
});

it('a removal names what it takes to end pings and scaling', async () => {
  await using own = await createStage();
  const main = {
    source: SOURCE,
    providerOptions: {
      aws: { keepWarm: { everyMinutes: 5 }, provisionedConcurrency: { min: 1, max: 4 } },
    },
  };
  await (await own.manager({ functions: { main } })).deploy('main');
  const before = writesOf(own);
  const removed = await outcomes(own, { main }, { without: without(), operation: 'remove' });
  expect(removed['main']).toMatch(/^INVALID_ARGUMENT /);
  expect(removed['main']).toContain(named(['application-auto-scaling', 'scheduler']));
  expect(writesOf(own)).toStrictEqual(before);
});

it('after an operation that was broken off, what its traces may be in is named', async () => {
  await using own = await createStage();
  const main = { source: SOURCE, events: CASES['queues']?.spec.events ?? [] };
  await (await own.manager({ functions: { main } })).deploy('main');
  const lambda = await (await hand(own)).lambda();
  const Resource = 'arn:aws:lambda:eu-central-1:123456789012:function:shop-dev-main';
  const { Tags = {} } = await lambda.listTags({ Resource });
  const record = decodeRecord(Tags) ?? EMPTY_RECORD;
  await lambda.tagResource({
    Resource,
    Tags: { ...encodeRecord({ ...record, pending: ['gone'] }) },
  });
  const before = writesOf(own);
  const deployed = await outcomes(own, { main }, { without: without('sqs') });
  expect(deployed['main']).toMatch(/^INVALID_ARGUMENT /);
  expect(deployed['main']).toContain(named(['apigatewayv2', 'scheduler']));
  expect(writesOf(own)).toStrictEqual(before);
});

it('a search takes no other refusal for a missing package', async () => {
  const search = { unsearched: new Set<string>() };
  const refused = new ServerlessError({ code: 'INVALID_ARGUMENT', message: 'region: none is set' });
  const look = searched(search, 'schedules', [], () => Promise.reject(refused));
  await expect(look).rejects.toBe(refused);
  expect([...search.unsearched]).toStrictEqual([]);
});
