/** What uploads the package is looked for before anything is made. */
import { expect, it } from 'vitest';
import { deployWithout } from '../support/without-packages.ts';
import { createStage } from './support/stage.ts';

it('a first deploy without @azure/storage-blob names it, and makes nothing', async () => {
  await using stage = await createStage();
  const { subscriptionId, endpoint, credential } = stage.fake;
  const { token } = (await credential.getToken('https://management.azure.com/.default')) ?? {};
  const { main } = await deployWithout({
    cloud: 'azure',
    without: '^@azure/storage-blob$',
    config: {
      app: 'bare',
      stage: 'dev',
      region: 'eu-west',
      functions: { main: { source: 'export const handler = async () => 1;', handles: ['invoke'] } },
      providerOptions: { azure: { subscriptionId, endpoint } },
    },
    before: `config.providerOptions.azure.credential = {
      getToken: async () => ({ token: ${JSON.stringify(token)}, expiresOnTimestamp: Date.now() + 3_600_000 }),
    };`,
  });
  expect(main).toMatch(/^INVALID_ARGUMENT .*`npm install @azure\/storage-blob`/);
  expect(stage.calls.filter(({ method }) => method !== 'GET')).toStrictEqual([]);
});
