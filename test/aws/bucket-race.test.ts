/** Two functions that change the notifications of one bucket at the same time. */
import { expect, it } from 'vitest';
import type { EventSpec, FunctionSpec } from 'polyfaas';
import { hand } from './support/hand.ts';
import { createStage } from './support/stage.ts';

const SOURCE = `export default Object.assign(
  { [Symbol.for('polyfaas.function')]: true },
  { async invoke() {}, async object() {} },
);`;
const told = (prefix: string): FunctionSpec => {
  const event: EventSpec = { type: 'object', id: 'o', bucket: 'shop-race', create: true, prefix };
  return { source: SOURCE, events: [event] };
};

it('the entry of a neighbour that is removed between the read and the write stops nobody', async () => {
  await using stage = await createStage();
  const functions = { one: { source: SOURCE }, two: told('b/'), three: { source: SOURCE } };
  const manager = await stage.manager({ functions });
  const neighbour = await stage.manager({
    functions,
    providerOptions: { aws: { credentials: stage.fake.observer } },
  });
  const s3 = await (await hand(stage)).s3();
  const LocationConstraint = 'eu-central-1';
  await s3.createBucket({ Bucket: 'shop-race', CreateBucketConfiguration: { LocationConstraint } });
  for (const name of ['one', 'two', 'three']) await manager.deploy(name);
  const calls = await stage.during(() => manager.deploy('three', { spec: told('c/') }));
  const call = calls.indexOf('s3:PutBucketNotificationConfiguration');
  expect(call).toBeGreaterThan(0);
  let isRemoved = false;
  stage.fake.faults.interrupt({
    call,
    async work() {
      await neighbour.remove('two');
      isRemoved = true;
    },
  });
  await manager.deploy('one', { spec: told('a/') });
  expect(isRemoved).toBe(true);
  const { LambdaFunctionConfigurations = [] } = await s3.getBucketNotificationConfiguration({
    Bucket: 'shop-race',
  });
  expect(LambdaFunctionConfigurations.map(({ LambdaFunctionArn }) => LambdaFunctionArn)).toEqual(
    expect.arrayContaining([
      expect.stringContaining(':shop-dev-one:live'),
      expect.stringContaining(':shop-dev-three:live'),
    ]),
  );
  expect(LambdaFunctionConfigurations).toHaveLength(2);
});
