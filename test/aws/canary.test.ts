/** Lambda publishes no version when nothing that it keeps has changed, and then there is nothing to share. */
import { expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { createStage } from './support/stage.ts';

const spec = (comment: string): FunctionSpec => ({
  source: `export const handler = async () => 'a'; // ${comment}`,
  providerOptions: { aws: { canary: { weight: 0.5 } } },
});

it('a change that leaves the zip as it is goes live at once, though a share was asked for', async () => {
  await using stage = await createStage();
  const before = await stage.manager({ functions: { main: spec('one') } });
  await before.deploy('main');
  const after = await stage.manager({ functions: { main: spec('two') } });
  expect(await after.deploy('main')).toMatchObject({ version: '1', changed: true });
  expect(await after.deploy('main')).toMatchObject({ version: '1', changed: false });
  expect((await after.invoke('main', null)).output).toBe('a');
});
