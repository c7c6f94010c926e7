/** What uploads the package is looked for before anything is written. */
import { expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { deployWithout } from '../support/without-packages.ts';
import { createStage, type Stage } from './support/stage.ts';

const MAIN: FunctionSpec = {
  source: 'export const handler = async () => 1; export const queue = () => {};',
  handles: ['invoke', 'queue'],
};

async function deployBare({ fake }: Stage, main: FunctionSpec): Promise<string | undefined> {
  const { subscriptionId, endpoint, credential } = fake;
  const { token } = (await credential.getToken('https://management.azure.com/.default')) ?? {};
  const said = await deployWithout({
    cloud: 'azure',
    without: '^@azure/storage-blob$',
    config: {
      app: 'shop',
      stage: 'dev',
      region: 'westeurope',
      functions: { main },
      providerOptions: { azure: { subscriptionId, endpoint } },
    },
    before: `config.providerOptions.azure.credential = {
      getToken: async () => ({ token: ${JSON.stringify(token)}, expiresOnTimestamp: Date.now() + 3_600_000 }),
    };`,
  });
  return said['main'];
}

const NAMED = /^INVALID_ARGUMENT .*`npm install @azure\/storage-blob`/;
const writesOf = ({ calls }: Stage) => calls.filter(({ method }) => method !== 'GET');

it('a first deploy without @azure/storage-blob names it, and makes nothing', async () => {
  await using stage = await createStage();
  expect(await deployBare(stage, MAIN)).toMatch(NAMED);
  expect(writesOf(stage)).toStrictEqual([]);
});

it.each([
  ['other code', { source: 'export const handler = async () => 2;', handles: ['invoke'] }],
  ['another event', { events: [{ type: 'queue', queue: 'orders', create: true }] }],
] satisfies [string, Partial<FunctionSpec>][])(
  'so does a redeploy with %s, and leaves everything as it was',
  async (_, changed) => {
    await using stage = await createStage();
    await (await stage.manager({ functions: { main: MAIN } })).deploy('main');
    const written = writesOf(stage).length;
    expect(await deployBare(stage, { ...MAIN, ...changed })).toMatch(NAMED);
    expect(writesOf(stage).slice(written)).toStrictEqual([]);
  },
);
