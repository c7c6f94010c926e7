/** The vendor's client is looked for before anything is written. */
import { expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { deployWithout } from '../support/without-packages.ts';
import { createStage, type Stage } from './support/stage.ts';

const MAIN: FunctionSpec = {
  source: 'export const handler = async () => 1;',
  handles: ['invoke'],
};

async function deployBare({ fake }: Stage, main: FunctionSpec): Promise<string | undefined> {
  const { token, teamId: team, api, queueEndpoint: queue } = fake;
  const said = await deployWithout({
    cloud: 'vercel',
    without: '^@vercel/client$',
    config: {
      app: 'shop',
      stage: 'dev',
      region: 'eu-central',
      functions: { main },
      providerOptions: { vercel: { token, team, endpoints: { api, queue }, queues: 'beta' } },
    },
  });
  return said['main'];
}

const NAMED = /^INVALID_ARGUMENT .*`npm install @vercel\/client`/;
const writesOf = ({ calls }: Stage) => calls.filter(({ method }) => method !== 'GET');

it('a first deploy without @vercel/client names it, and makes nothing', async () => {
  await using stage = await createStage();
  expect(await deployBare(stage, MAIN)).toMatch(NAMED);
  expect(writesOf(stage)).toStrictEqual([]);
});

it.each([
  ['other code', { source: 'export const handler = async () => 2;' }],
  ['another event', { events: [{ type: 'schedule', every: '5 minutes' }] }],
] satisfies [string, Partial<FunctionSpec>][])(
  'so does a redeploy with %s, and leaves everything as it was',
  async (_, changed) => {
    await using stage = await createStage();
    const before: FunctionSpec = {
      source: 'export const handler = async () => 1; export const schedule = () => {};',
      handles: ['invoke', 'schedule'],
    };
    await (await stage.manager({ functions: { main: before } })).deploy('main');
    const written = writesOf(stage).length;
    expect(await deployBare(stage, { ...before, ...changed })).toMatch(NAMED);
    expect(writesOf(stage).slice(written)).toStrictEqual([]);
  },
);
