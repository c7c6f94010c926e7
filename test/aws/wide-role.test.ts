/** A role that a rollback widened is narrowed by the next deploy, whatever came in between. */
import { expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { hand } from './support/hand.ts';
import { createStage } from './support/stage.ts';

const answering = (answer: string, isTraced: boolean): FunctionSpec => ({
  source: `export const handler = async () => '${answer}';`,
  async: { maxAgeSeconds: 600 },
  ...(isTraced ? { tracing: { sampleRate: 1 } } : {}),
});
const OLD = answering('a', true);
const NEW = answering('b', false);

it('also when the rollback had to make the alias anew, and ended halfway', async () => {
  await using stage = await createStage();
  const clients = await hand(stage);
  const iam = await clients.iam();
  const lambda = await clients.lambda();
  const maySendTraces = async (name: string): Promise<boolean> => {
    const role = { RoleName: `polyfaas-shop-dev-${name}-eu-central-1` };
    const { PolicyDocument = '' } = await iam.getRolePolicy({
      ...role,
      PolicyName: 'polyfaas-run',
    });
    return decodeURIComponent(PolicyDocument).includes('xray:');
  };
  const prepared = async (name: string) => {
    const manager = await stage.manager({ functions: { [name]: OLD } });
    await manager.deploy(name);
    await manager.deploy(name, { spec: NEW });
    const alias = { FunctionName: `shop-dev-${name}`, Name: 'live' };
    await lambda.deleteAlias(alias);
    await lambda.createAlias({ ...alias, FunctionVersion: '2' });
    return manager;
  };
  const twin = await prepared('twin');
  const calls = await stage.during(() => twin.rollback('twin', { version: '1' }));
  const manager = await prepared('main');
  const call = calls.indexOf('lambda:UpdateAlias');
  expect(call).toBeGreaterThan(0);
  stage.fake.faults.arm({ call, kind: 'crash' });
  await expect(manager.rollback('main', { version: '1' })).rejects.toMatchObject({});
  stage.fake.faults.disarm();
  expect(await maySendTraces('main')).toBe(true);
  const after = await stage.manager({ functions: { main: NEW } });
  await after.deploy('main');
  expect(await maySendTraces('main')).toBe(false);
  expect((await after.plan('main', { drift: 'full' })).steps).toStrictEqual([]);
});
