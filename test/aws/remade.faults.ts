/** A function that was deleted by hand and deployed again runs what it declares now, and nothing of before. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventSpec, FunctionSpec } from 'polyfaas';
import { hand } from './support/hand.ts';
import { createStage, type Stage } from './support/stage.ts';

const SOURCE = `export default Object.assign(
  { [Symbol.for('polyfaas.function')]: true },
  {
    async invoke() { return 'fine'; },
    async http() { return new Response('hello'); },
    async schedule() { console.log('SCHEDULE RAN'); },
    async queue() { console.log('QUEUE RAN'); },
    async topic() {}, async object() {}, async stream() {}, async table() {}, async bus() {},
  },
);`;
const EVENTS: readonly EventSpec[] = [
  { type: 'queue', id: 'q', queue: 'remade', create: true },
  { type: 'schedule', id: 's', every: '1 minute' },
  { type: 'topic', id: 't', topic: 'remade', create: true },
  { type: 'object', id: 'o', bucket: 'shop-remade', create: true },
  { type: 'bus', id: 'b', bus: 'remade', create: true, pattern: { source: ['orders'] } },
  { type: 'http', id: 'h', method: 'GET', path: '/a' },
];
const BARE: FunctionSpec = { source: SOURCE };
const FULL: FunctionSpec = {
  ...BARE,
  events: EVENTS,
  minInstances: 1,
  providerOptions: {
    aws: { keepWarm: { everyMinutes: 5 }, provisionedConcurrency: { min: 1, max: 2 } },
  },
};
const FunctionName = 'shop-dev-main';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

const managed = (main: FunctionSpec) => stage.manager({ functions: { main } });
const clientsOf = async () => {
  const clients = await hand(stage);
  return { lambda: await clients.lambda(), sqs: await clients.sqs(), logs: await clients.logs() };
};

/** What calls the function by itself, or costs, and was not there before. */
const callers = (before: readonly string[]): readonly string[] =>
  stage.fake
    .inventory()
    .filter((line) => !before.includes(line) && /schedul|mapping|scal|apigateway/.test(line));

describe.each(['cheap', 'full'] as const)('in a %s deploy', (drift) => {
  it('nothing calls it that is not declared, and a removal leaves nothing', async () => {
    const before = stage.fake.inventory();
    const { lambda, sqs, logs } = await clientsOf();
    await (await managed(FULL)).deploy('main');
    expect(callers(before).length).toBeGreaterThan(5);
    await lambda.deleteFunction({ FunctionName });
    const manager = await managed(BARE);
    await manager.deploy('main', { drift });
    const { QueueUrl } = await sqs.getQueueUrl({ QueueName: 'remade' });
    await sqs.sendMessage({ QueueUrl, MessageBody: '{}' });
    for (let turn = 0; turn < 10; turn += 1) {
      await stage.clock.advance(20_000);
      await stage.fake.settle();
    }
    const told = await logs.filterLogEvents({ logGroupName: '/aws/lambda/shop-dev-main' });
    expect((told.events ?? []).filter(({ message = '' }) => message.includes('RAN'))).toEqual([]);
    expect(callers(before)).toEqual([]);
    expect((await manager.plan('main')).steps).toStrictEqual([]);
    expect((await manager.plan('main', { drift: 'full' })).steps).toStrictEqual([]);
    expect(await manager.remove('main')).toStrictEqual({ removed: true, warnings: [] });
    await stage.fake.settle();
    expect(stage.fake.inventory()).toStrictEqual(before);
    expect(await manager.remove('main')).toStrictEqual({ removed: false, warnings: [] });
  });
});

it('with its events it has each of them once, behind the address that it had', async () => {
  const before = stage.fake.inventory();
  const { lambda } = await clientsOf();
  const manager = await managed(FULL);
  const { url } = await manager.deploy('main');
  const inventory = stage.fake.inventory();
  await lambda.deleteFunction({ FunctionName });
  expect((await manager.deploy('main')).url).toBe(url);
  await stage.fake.settle();
  expect(stage.fake.inventory()).toStrictEqual(inventory);
  expect((await manager.plan('main', { drift: 'full' })).steps).toStrictEqual([]);
  await manager.remove('main');
  await stage.fake.settle();
  expect(stage.fake.inventory()).toStrictEqual(before);
});

it('with some of its events it is rid of the others once it is removed', async () => {
  const before = stage.fake.inventory();
  const { lambda } = await clientsOf();
  await (await managed(FULL)).deploy('main');
  await lambda.deleteFunction({ FunctionName });
  const manager = await managed({ ...BARE, events: EVENTS.filter((_, index) => index % 2 === 0) });
  await manager.deploy('main');
  await manager.remove('main');
  await stage.fake.settle();
  expect(stage.fake.inventory()).toStrictEqual(before);
});

it('a crash between making it and looking for the rest is made good by the next deploy', async () => {
  const before = stage.fake.inventory();
  const { lambda } = await clientsOf();
  await (await managed(FULL)).deploy('main');
  await lambda.deleteFunction({ FunctionName });
  const calls = await stage.during(async () => (await managed(BARE)).deploy('main'));
  await lambda.deleteFunction({ FunctionName });
  // The same again, with the same that an earlier one left.
  await (await managed(FULL)).deploy('main');
  await lambda.deleteFunction({ FunctionName });
  const call = calls.indexOf('lambda:CreateAlias') + 1;
  expect(call).toBeGreaterThan(0);
  stage.fake.faults.arm({ call, kind: 'crash' });
  await expect((await managed(BARE)).deploy('main')).rejects.toMatchObject({});
  stage.fake.faults.disarm();
  expect((await lambda.getFunction({ FunctionName })).Tags).toMatchObject({
    'polyfaas:remains': 'calling',
  });
  const manager = await managed(BARE);
  await manager.deploy('main');
  expect(callers(before)).toEqual([]);
  expect((await manager.plan('main')).steps).toStrictEqual([]);
  await manager.remove('main');
  await stage.fake.settle();
  expect(stage.fake.inventory()).toStrictEqual(before);
});

it('a record that was deleted by hand is as good as a function that was', async () => {
  const before = stage.fake.inventory();
  const { lambda } = await clientsOf();
  await (await managed(FULL)).deploy('main');
  const { Configuration, Tags = {} } = await lambda.getFunction({ FunctionName });
  const state = Object.keys(Tags).filter((key) => key.startsWith('polyfaas:state-'));
  await lambda.untagResource({ Resource: Configuration?.FunctionArn, TagKeys: state });
  const manager = await managed(BARE);
  await manager.deploy('main');
  expect(callers(before)).toEqual([]);
  expect((await manager.plan('main', { drift: 'full' })).steps).toStrictEqual([]);
  await manager.remove('main');
  await stage.fake.settle();
  expect(stage.fake.inventory()).toStrictEqual(before);
});

it('costs one call more than usual where there was none', async () => {
  const manager = await managed(BARE);
  const calls = await stage.during(() => manager.plan('main', { drift: 'full' }));
  expect(calls.toSorted()).toStrictEqual([
    'lambda:GetAlias',
    'lambda:GetFunction',
    'lambda:ListVersionsByFunction',
    'logs:DescribeLogGroups',
    'sts:GetCallerIdentity',
  ]);
});
