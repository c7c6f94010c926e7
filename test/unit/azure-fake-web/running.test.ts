/** A package that is published really runs, under the real `@azure/functions`. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuntime } from '../../fakes/azure/runtime/index.ts';
import { functionsLibrary } from './functions-library.ts';
import { createFlex, publishZip, startAzure, textAt, zipOf, type SmallAzure } from './support.ts';

const MAIN = `
const { app } = require('@azure/functions');
app.http('hello', { route: 'hello/{name}', methods: ['GET'], authLevel: 'function',
  handler: async (request) => ({ jsonBody: {
    hello: request.params.name, flag: process.env.FLAG, site: process.env.WEBSITE_SITE_NAME,
    host: process.env.WEBSITE_HOSTNAME,
  } }) });
`;

let azure: SmallAzure;

beforeEach(async () => {
  azure = await startAzure(createRuntime);
});

afterEach(() => azure.stop());

async function packageOf(main: string): Promise<Buffer> {
  return zipOf({
    'host.json': '{"version":"2.0"}',
    'package.json': '{"main":"main.cjs"}',
    'main.cjs': main,
    ...(await functionsLibrary()),
  });
}

describe('a function app', () => {
  it('runs what was published, and has new settings after a restart', async () => {
    const site = await createFlex(azure, 'orders', { settings: { FLAG: 'one' } });
    await publishZip(azure, site, await packageOf(MAIN));
    const keys = await azure.arm('POST', `${site.path}/host/default/listkeys`);
    const key = textAt(keys.body, 'functionKeys', 'default');
    const ask = async (path: string, withKey: string): Promise<unknown> => {
      const headers = { 'x-functions-key': withKey };
      const reply = await azure.http(site.host, path, { headers });
      return reply.status === 200 ? reply.body : reply.status;
    };
    const same = { site: 'orders', host: site.host };
    expect(await ask('/api/hello/ann', key)).toEqual({ hello: 'ann', flag: 'one', ...same });
    expect(await ask('/api/hello/ann', 'wrong')).toBe(401);
    expect(await ask('/api/other', key)).toBe(404);
    const own = await azure.arm('POST', `${site.path}/functions/hello/listkeys`);
    expect(await ask('/api/hello/eve', textAt(own.body, 'default'))).toMatchObject({
      hello: 'eve',
    });

    const { properties } = await azure.client.webApps.listApplicationSettings('shop', 'orders');
    await azure.client.webApps.updateApplicationSettings('shop', 'orders', {
      properties: { ...properties, FLAG: 'two' },
    });
    await azure.clock.advance(1000);
    expect(await ask('/api/hello/bob', key)).toEqual({ hello: 'bob', flag: 'two', ...same });
  });

  it('has no functions when its package cannot be loaded', async () => {
    const site = await createFlex(azure);
    await publishZip(azure, site, await packageOf('throw new Error("broken at the start");'));
    const keys = await azure.client.webApps.listHostKeys('shop', 'orders');
    const headers = { 'x-functions-key': keys.masterKey ?? '' };
    const status = await azure.http(site.host, '/admin/host/status', { headers });
    expect(['Running', 'Error']).toContain(status.body['state']);
    expect((await azure.arm('GET', `${site.path}/functions`)).body['value']).toEqual([]);
    await publishZip(azure, site, await packageOf(MAIN));
    expect((await azure.http(site.host, '/api/hello/ann', { headers })).status).toBe(200);
  });
});
