import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { v2 } from '@google-cloud/functions';
import { zipFiles } from 'polyfaas/spi';
import { createGcpFake, type GcpFake } from '../../fakes/gcp/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { NOW } from './support.ts';

let fake: GcpFake;
let clock: ManualClock;
const told: string[] = [];

beforeEach(async () => {
  told.length = 0;
  clock = new ManualClock(NOW);
  fake = await createGcpFake({
    clock,
    recorder: (plane, method, path, status) =>
      void told.push(`${plane} ${method} ${path} ${status}`),
  });
});

afterEach(async () => {
  await fake.stop();
  const [failure] = fake.world.work.failures;
  if (failure !== undefined) throw failure;
});

const PARENT = 'projects/polyfaas-fake/locations/europe-west1';
const CODE = `const { http } = require('@google-cloud/functions-framework');
http('polyfaas', (request, response) => {
  response.json({ path: request.path, a: process.env.A, token: process.env.TOKEN });
});
`;

function client(): v2.FunctionServiceClient {
  return new v2.FunctionServiceClient({
    apiEndpoint: '127.0.0.1',
    port: Number(new URL(fake.endpoints.functions).port),
    protocol: 'http',
    fallback: true,
    auth: fake.auth,
  });
}

async function source(): Promise<Uint8Array<ArrayBuffer>> {
  const main = { path: 'index.js', mode: 0o644, bytes: Buffer.from(CODE) };
  const manifest = JSON.stringify({
    name: 'x',
    main: 'index.js',
    dependencies: { '@google-cloud/functions-framework': '^5.0.0' },
  });
  const zip = await zipFiles([
    main,
    { path: 'package.json', mode: 0o644, bytes: Buffer.from(manifest) },
  ]);
  return new Uint8Array(zip);
}

describe('the whole', () => {
  it("runs what the vendor's client deploys", async () => {
    const { world, faults } = fake;
    world.secrets.set('token', 'from the secret');
    const functions = client();
    const [place] = await functions.generateUploadUrl({ parent: PARENT, environment: 'GEN_2' });
    const sent = await fetch(place.uploadUrl ?? '', {
      method: 'PUT',
      headers: { 'content-type': 'application/zip' },
      body: await source(),
    });
    expect(sent.status).toBe(200);
    const email = '416161616161-compute@developer.gserviceaccount.com';
    world.policies.grantAtOnce(
      'projects/polyfaas-fake/secrets/token',
      'roles/secretmanager.secretAccessor',
      `serviceAccount:${email}`,
    );
    const [operation] = await functions.createFunction({
      parent: PARENT,
      functionId: 'hello-fn',
      function: {
        environment: 'GEN_2',
        buildConfig: {
          runtime: 'nodejs22',
          entryPoint: 'polyfaas',
          source: { storageSource: place.storageSource ?? null },
        },
        serviceConfig: {
          availableMemory: '256Mi',
          environmentVariables: { A: 'one' },
          secretEnvironmentVariables: [
            { key: 'TOKEN', projectId: 'polyfaas-fake', secret: 'token', version: 'latest' },
          ],
        },
      },
    });
    await clock.advance(60_000);
    await fake.settle();
    const ended = await functions.checkCreateFunctionProgress(operation.name ?? '');
    expect(ended.latestResponse.error).toBeUndefined();
    const [made] = await functions.getFunction({ name: `${PARENT}/functions/hello-fn` });
    const url = made.serviceConfig?.uri ?? '';
    const idToken = await fake.auth.getIdTokenClient(url);
    const answer = await idToken.request({ url: `${url}/there`, responseType: 'json' });
    expect(answer.data).toEqual({ path: '/there', a: 'one', token: 'from the secret' });
    expect((await fetch(`${url}/there`)).status).toBe(403);
    expect(fake.inventory()).toEqual(expect.arrayContaining(['function hello-fn', 'secret token']));
    // The upload and the function; the call of it is none.
    expect(faults.writes).toBe(2);
    expect(told.map((line) => line.split(' ', 2).join(' '))).toContain('functions POST');
    await functions.deleteFunction({ name: `${PARENT}/functions/hello-fn` });
    await clock.advance(15_000);
    await fake.settle();
    expect(fake.inventory()).toEqual(['secret token']);
    await functions.close();
  });

  it('has functions of strangers', async () => {
    const before = fake.inventory();
    const stranger = await fake.stranger('somebodys-fn');
    expect(fake.inventory()).toContain('function somebodys-fn');
    expect(await stranger.untouched()).toBe(true);
    const functions = client();
    await functions.updateFunction({
      function: { name: stranger.name, labels: { mine: 'now' } },
      updateMask: { paths: ['labels'] },
    });
    await clock.advance(60_000);
    await fake.settle();
    expect(await stranger.untouched()).toBe(false);
    await stranger.remove();
    expect(fake.inventory()).toEqual(before);
    await stranger.remove();
    await functions.close();
  });
});
