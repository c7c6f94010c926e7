/** Versions that were published and never had traffic: their code failed as it started, or their deploy was broken off. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { AWS } from 'polyfaas/aws';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const good = (n: number): FunctionSpec => ({
  source: `export const handler = async () => ${n};`,
  keepVersions: 3,
});
const bad = (n: number): FunctionSpec => ({
  source: `throw new Error('bad start ${n}'); export default {};`,
  handles: ['invoke'],
  keepVersions: 3,
});

const deploy = async (name: string, spec: FunctionSpec) => {
  const manager = await stage.manager({ functions: { [name]: spec } });
  await manager.deploy(name);
  return manager;
};
const refuse = async (name: string, spec: FunctionSpec) =>
  expect(deploy(name, spec)).rejects.toMatchObject({ code: 'FUNCTION_FAILED' });

const lambda = async () => {
  const client = (await stage.manager()).native(AWS.lambda);
  if (!client) throw new Error('AWS has a client of Lambda.');
  return client();
};
/** What describing tells, and what Lambda keeps. */
const versionsOf = async (name: string) => {
  const description = await (await stage.manager()).describe(name);
  const kept = await (await lambda()).listVersionsByFunction({ FunctionName: `shop-dev-${name}` });
  return [
    description?.versions.map(({ version }) => version),
    kept.Versions?.map(({ Version }) => Version).filter((one) => one !== '$LATEST'),
  ];
};

it('is passed over by a rollback, and deleted by the next deploy', async () => {
  await deploy('back', good(1));
  await refuse('back', bad(2));
  expect(await versionsOf('back')).toStrictEqual([['1'], ['1', '2']]);
  await expect((await stage.manager()).rollback('back', { version: '2' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  const manager = await deploy('back', good(3));
  expect(await versionsOf('back')).toStrictEqual([
    ['1', '3'],
    ['1', '3'],
  ]);
  expect(await manager.rollback('back')).toMatchObject({ version: '1' });
  expect((await manager.invoke('back', null)).output).toBe(1);
});

it('takes the place of none that is kept', async () => {
  await deploy('kept', good(1));
  await deploy('kept', good(2));
  for (const n of [12, 13, 14]) await refuse('kept', bad(n));
  await deploy('kept', good(4));
  expect(await versionsOf('kept')).toStrictEqual([
    ['1', '2', '6'],
    ['1', '2', '6'],
  ]);
  await deploy('kept', good(5));
  expect((await versionsOf('kept'))[0]).toStrictEqual(['2', '6', '7']);
});

it('is passed over when it was the first of all', async () => {
  await refuse('first', bad(1));
  await refuse('first', bad(2));
  const manager = await deploy('first', good(3));
  expect(await versionsOf('first')).toStrictEqual([['3'], ['3']]);
  await expect(manager.rollback('first')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('goes by pruning, but for the last, which may be about to go live', async () => {
  await deploy('pruned', good(1));
  for (const n of [2, 3]) await refuse('pruned', bad(n));
  const manager = await stage.manager();
  expect(await manager.prune('pruned')).toMatchObject({ removedVersions: ['2'] });
  expect(await versionsOf('pruned')).toStrictEqual([['1'], ['1', '3']]);
});

it('is told from one that served before the live version was taken back', async () => {
  await deploy('forth', good(1));
  const manager = await deploy('forth', good(2));
  await manager.rollback('forth');
  await refuse('forth', bad(3));
  expect((await versionsOf('forth'))[0]).toStrictEqual(['1', '2']);
  await deploy('forth', good(4));
  expect(await versionsOf('forth')).toStrictEqual([
    ['1', '2', '4'],
    ['1', '2', '4'],
  ]);
});

it('is not known of versions whose description does not tell it', async () => {
  await deploy('old', good(1));
  const manager = await deploy('old', good(2));
  const client = await lambda();
  const name = { FunctionName: 'shop-dev-old' };
  const alias = await client.getAlias({ ...name, Name: 'live' });
  // As an earlier version of the library left it.
  await client.updateAlias({
    ...name,
    Name: 'live',
    Description: alias.Description?.replace(/ h:\S+/, '').replace(/ e:\S+/, '') ?? '',
  });
  expect((await versionsOf('old'))[0]).toStrictEqual(['1', '2']);
  expect(await manager.rollback('old')).toMatchObject({ version: '1' });
  expect((await versionsOf('old'))[0]).toStrictEqual(['1', '2']);
  await deploy('old', good(3));
  expect((await versionsOf('old'))[0]).toStrictEqual(['1', '2', '3']);
});
