/** What a deploy needs of the vendor's packages is looked for before it writes anything. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EventSpec, FunctionSpec } from 'polyfaas';
import { deployWithout } from '../support/without-packages.ts';
import { createStage, type Stage } from './support/stage.ts';

const SOURCE = `export default {
  [Symbol.for('polyfaas.function')]: true,
  invoke: () => 1, http: () => new Response(), schedule() {}, bus() {}, stream() {}, queue() {}, topic() {},
};`;
const ALWAYS_THERE = ['lambda', 'iam', 'sts', 'cloudwatch-logs'];

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
    packages: ['kinesis'],
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

let stage: Stage;
/** What each deploy came to, in a program that has the packages of a bare function alone. */
let said: Readonly<Record<string, string>> = {};
beforeAll(async () => {
  stage = await createStage();
  const { endpoint, credentials } = stage.fake;
  const functions = Object.fromEntries(
    Object.entries(CASES).map(([name, { spec }]) => [
      name.replaceAll(' ', '-'),
      { source: SOURCE, ...spec },
    ]),
  );
  said = await deployWithout({
    cloud: 'aws',
    without: `^@aws-sdk/client-(?!(?:${ALWAYS_THERE.join('|')})$)`,
    config: {
      app: 'bare',
      stage: 'dev',
      region: 'eu-central',
      functions,
      providerOptions: { aws: { endpoint, credentials } },
    },
  });
});
afterAll(() => stage[Symbol.asyncDispose]());

it.each(Object.entries(CASES))('%s: the packages are named', (name, { packages }) => {
  const names = packages.map((client) => `@aws-sdk/client-${client}`);
  const outcome = said[name.replaceAll(' ', '-')];
  expect(outcome).toMatch(/^INVALID_ARGUMENT .* not installed\. /);
  expect(outcome).toContain(`npm install ${names.join(' ')}\``);
});

it('nothing is written', () => {
  const writes = stage.calls.filter(({ operation }) => !/^(?:Get|List|Describe)/.test(operation));
  expect(writes).toStrictEqual([]);
});
