/** A project that was another function's: what that one has deployed there is its former owner's, and stays. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const PROJECT = 'former-dev-main';
const SOURCE = 'export const handler = async () => process.env.PART;';

const of = (app: string, part: string) =>
  stage.manager({
    app,
    functions: { main: { source: SOURCE, env: { PART: part } } },
    providerOptions: { vercel: { projectNames: { main: PROJECT } } },
  });

const deployments = (): readonly string[] =>
  stage.fake.inventory().filter((line) => line.includes(PROJECT) && line.includes('deployment of'));

it('is settled after it was taken over, however often it is looked at', async () => {
  await (await of('former', 'a')).deploy('main');
  const project = stage.fake.world.store.find(PROJECT);
  for (const { id } of project?.variables.values() ?? []) {
    const path = `/v9/projects/${PROJECT}/env/${id}`;
    await stage.fake.world.call({ method: 'DELETE', path });
  }
  const manager = await of('latter', 'b');
  await manager.deploy('main', { adopt: true });
  const { changed, warnings } = await manager.deploy('main', { drift: 'full' });
  expect([changed, warnings]).toEqual([false, []]);
  expect(deployments()).toHaveLength(2);
  await (await of('latter', 'c')).deploy('main');
  expect(await (await of('latter', 'c')).prune('main', { keepVersions: 1 })).toMatchObject({
    removedVersions: [expect.any(String)],
  });
  expect(deployments()).toHaveLength(2);
  expect((await (await of('latter', 'c')).invoke('main')).output).toBe('c');
});
