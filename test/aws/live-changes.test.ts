/** What a plan tells to change is told against what is live, which `$LATEST` need not be; and secrets of other versions. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { secret, type FunctionSpec } from 'polyfaas';
import { AWS } from 'polyfaas/aws';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const source = `export const handler = async () => 'a';`;
const manage = (name: string, spec: FunctionSpec) => stage.manager({ functions: { [name]: spec } });
const told = async (name: string, spec: FunctionSpec) => {
  const { changes } = await (await manage(name, spec)).plan(name);
  return changes
    .filter(({ subject }) => subject !== 'version')
    .map(({ action, subject }) => `${action} ${subject}`)
    .toSorted();
};

const SMALL = { source, memoryMb: 512, env: { LEVEL: 'a' } };
const LARGE = { source, memoryMb: 2048, env: { LEVEL: 'b', EXTRA: 'e' } };

it('tells changes against the live version after a rollback', async () => {
  await (await manage('back', SMALL)).deploy('back');
  const manager = await manage('back', LARGE);
  await manager.deploy('back');
  await manager.rollback('back');
  expect(await told('back', LARGE)).toStrictEqual([
    'create env EXTRA',
    'update env LEVEL',
    'update memoryMb',
  ]);
  expect(await told('back', { ...SMALL, env: { LEVEL: 'a', NEWVAR: 'n' } })).toStrictEqual([
    'create env NEWVAR',
  ]);
  await (await manage('back', { ...SMALL, env: { LEVEL: 'a', NEWVAR: 'n' } })).deploy('back');
  expect(await told('back', LARGE)).toContain('delete env NEWVAR');
});

it('tells changes against the live version after a deploy that failed', async () => {
  await (await manage('failed', SMALL)).deploy('failed');
  const bad = await manage('failed', {
    ...LARGE,
    source: `throw new Error('no start'); export default {};`,
    handles: ['invoke'],
  });
  await expect(bad.deploy('failed')).rejects.toMatchObject({ code: 'FUNCTION_FAILED' });
  expect(await told('failed', { ...SMALL, env: {} })).toStrictEqual(['delete env LEVEL']);
});

it('names the version of a secret that is not there', async () => {
  const manager = await manage('f', { source, env: { KEY: secret('s2', { version: '7' }) } });
  const secrets = await manager.native(AWS.clients)?.secrets();
  await secrets?.createSecret({ Name: 's2', SecretString: 'value' });
  const error: unknown = await manager.deploy('f').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'NOT_FOUND' });
  expect(String(error)).toMatch(
    /The secret "s2", version 7, for functions\.f\.env\.KEY is not in AWS Secrets Manager/,
  );
  expect(String(error)).not.toContain('..');
});
