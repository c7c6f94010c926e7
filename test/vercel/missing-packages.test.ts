/** The vendor's client is looked for before a project is made. */
import { expect, it } from 'vitest';
import { deployWithout } from '../support/without-packages.ts';
import { createStage } from './support/stage.ts';

it('a first deploy without @vercel/client names it, and makes nothing', async () => {
  await using stage = await createStage();
  const { token, teamId: team, api, queueEndpoint: queue } = stage.fake;
  const { main } = await deployWithout({
    cloud: 'vercel',
    without: '^@vercel/client$',
    config: {
      app: 'bare',
      stage: 'dev',
      region: 'eu-central',
      functions: { main: { source: 'export const handler = async () => 1;', handles: ['invoke'] } },
      providerOptions: { vercel: { token, team, endpoints: { api, queue } } },
    },
  });
  expect(main).toMatch(/^INVALID_ARGUMENT .*`npm install @vercel\/client`/);
  expect(stage.calls.filter(({ method }) => method !== 'GET')).toStrictEqual([]);
});
