/** Sources that were made for a function, and that others use when it goes. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EventSpec, FunctionSpec } from 'polyfaas';
import { hand } from './support/hand.ts';
import { ACCOUNT, createStage, REGION, type Stage } from './support/stage.ts';

let stage: Stage;
let before: readonly string[];
beforeEach(async () => {
  stage = await createStage();
  before = stage.fake.inventory();
});
afterEach(() => stage[Symbol.asyncDispose]());

const TOPIC: EventSpec = { type: 'topic', topic: 'orders', create: true };

const spec = (events: readonly EventSpec[]): FunctionSpec => ({
  source: `export default Object.assign(
    { [Symbol.for('polyfaas.function')]: true },
    { async invoke() {}, async topic() {}, async queue() {} },
  );`,
  events,
});
const managed = (events: readonly EventSpec[], more: object = {}) =>
  stage.manager({ functions: { main: spec(events) }, ...more });
const left = () => stage.fake.inventory().filter((line) => !before.includes(line));

it('go with a later function of the same name, where nobody inherits them', async () => {
  const clients = await hand(stage);
  const sns = await clients.sns();
  const manager = await managed([TOPIC]);
  await manager.deploy('main');
  const { SubscriptionArn } = await sns.subscribe({
    TopicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:orders`,
    Protocol: 'sqs',
    Endpoint: `arn:aws:sqs:${REGION}:${ACCOUNT}:by-hand`,
    ReturnSubscriptionArn: true,
  });
  const { warnings } = await manager.remove('main');
  expect(warnings.map(({ message }) => message)).toStrictEqual([
    'The topic "orders" is kept: others use it.',
  ]);
  expect(left().filter((line) => line.startsWith('sns topic'))).toStrictEqual(['sns topic orders']);
  await sns.unsubscribe({ SubscriptionArn });
  await manager.deploy('main');
  await manager.remove('main');
  expect(left()).toStrictEqual([]);
});

it('stay where an outcome of another function is sent there', async () => {
  const main = await managed([{ ...TOPIC, deadLetter: 'undelivered', retry: { maxAttempts: 1 } }]);
  await main.deploy('main');
  const other = await stage.manager({
    app: 'billing',
    functions: {
      pay: {
        source: 'export const handler = async () => 1;',
        async: { onFailure: { type: 'queue', name: 'undelivered' } },
      },
    },
  });
  await other.deploy('pay');
  await main.remove('main');
  expect(left().filter((line) => line.startsWith('sqs'))).toStrictEqual(['sqs queue undelivered']);
});

it('are inherited within the stage first', async () => {
  const owner = async () => {
    const sns = await (await hand(stage)).sns();
    const ResourceArn = `arn:aws:sns:${REGION}:${ACCOUNT}:orders`;
    const { Tags = [] } = await sns.listTagsForResource({ ResourceArn });
    const valueOf = (key: string) => Tags.find(({ Key }) => Key === `polyfaas:${key}`)?.Value;
    return [valueOf('stage'), valueOf('function')];
  };
  const both = await stage.manager({ functions: { main: spec([TOPIC]), twin: spec([TOPIC]) } });
  await both.deploy('main');
  // Before its twin in every list.
  const first = await managed([TOPIC], { stage: 'a' });
  await first.deploy('main');
  await both.deploy('twin');
  await both.remove('main');
  expect(await owner()).toStrictEqual(['dev', 'twin']);
  await both.remove('twin');
  expect(await owner()).toStrictEqual(['a', 'main']);
  await first.remove('main');
  expect(left()).toStrictEqual([]);
});
