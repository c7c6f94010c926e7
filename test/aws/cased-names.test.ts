/** Names of functions differ by case, those of roles must not. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { hand } from './support/hand.ts';
import { ACCOUNT, createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

const spec = (answer: string): FunctionSpec => ({
  source: `export default Object.assign(
    { [Symbol.for('polyfaas.function')]: true },
    { async invoke() { return '${answer}'; }, async schedule() {} },
  );`,
  events: [{ type: 'schedule', id: 's', every: '1 hour' }],
  providerOptions: { aws: { keepWarm: {} } },
});
const roles = () => stage.fake.inventory().filter((line) => line.startsWith('iam role '));

it('two functions whose names differ by case alone have roles of their own', async () => {
  const before = stage.fake.inventory();
  const manager = await stage.manager({
    functions: { orders: spec('small'), Orders: spec('great') },
  });
  await manager.deploy('orders');
  const first = roles();
  await manager.deploy('Orders');
  expect(first).toHaveLength(3);
  expect(new Set(roles().map((line) => line.toLowerCase())).size).toBe(6);
  expect((await manager.invoke('orders', null)).output).toBe('small');
  expect((await manager.invoke('Orders', null)).output).toBe('great');
  await manager.remove('Orders');
  expect(roles()).toStrictEqual(first);
  expect((await manager.invoke('orders', null)).output).toBe('small');
  await manager.remove('orders');
  expect(stage.fake.inventory()).toStrictEqual(before);
});

it('a role that was made before they were told apart is kept', async () => {
  const manager = await stage.manager({ functions: { Orders: { ...spec('great'), events: [] } } });
  await manager.deploy('Orders');
  // As it was: the same, with a role whose name has no hash.
  const clients = await hand(stage);
  const [iam, lambda] = await Promise.all([clients.iam(), clients.lambda()]);
  const FunctionName = 'shop-dev-Orders';
  const { Configuration } = await lambda.getFunction({ FunctionName });
  const RoleName = 'polyfaas-shop-dev-Orders-eu-central-1';
  const made = Configuration?.Role?.split('/').at(-1) ?? '';
  expect(made).toMatch(new RegExp(`^${RoleName}-[a-z2-7]{8}$`));
  const { Role: role } = await iam.getRole({ RoleName: made });
  await iam.createRole({
    RoleName,
    AssumeRolePolicyDocument: decodeURIComponent(role?.AssumeRolePolicyDocument ?? ''),
    Tags: role?.Tags,
  });
  const plain = { physicalName: FunctionName, roleArn: `arn:aws:iam::${ACCOUNT}:role/${RoleName}` };
  await stage.clock.advance(60_000);
  await lambda.updateFunctionConfiguration({ FunctionName, Role: plain.roleArn });
  await stage.clock.advance(60_000);
  await manager.deploy('Orders', { drift: 'full' });
  const { Configuration: kept } = await lambda.getFunction({ FunctionName });
  expect(kept?.Role).toBe(plain.roleArn);
  expect((await manager.invoke('Orders', null)).output).toBe('great');
  await manager.remove('Orders');
  expect(roles()).not.toContain(`iam role ${RoleName}`);
});
