/** A function of somebody else's: without our labels, and without a secret of ours. */
import { zipFiles } from 'polyfaas/spi';
import type { FakeWorld } from './core/assemble.ts';
import { at, mapOf, textOf } from './core/json.ts';
import type { ApiName, WireReply } from './core/ports.ts';

export interface StrangeFunction {
  /** `projects/p/locations/l/functions/NAME` */
  readonly name: string;
  /** True for as long as it is as it was made. */
  untouched(): Promise<boolean>;
  remove(): Promise<void>;
}

export interface StrangerOptions {
  readonly functionId: string;
  /** Lets simulated time pass: what is made takes some. */
  pass(ms: number): Promise<void>;
}

const LOOK_MS = 10_000;
const LABELS = { owner: 'somebody-else' };
const PACKAGE = {
  name: 'somebody-elses',
  main: 'index.js',
  dependencies: { '@google-cloud/functions-framework': '^5.0.0' },
};
const CODE = `const { http } = require('@google-cloud/functions-framework');
http('hello', (request, response) => void response.send('hello'));
`;

export async function makeStranger(
  world: FakeWorld,
  options: StrangerOptions,
): Promise<StrangeFunction> {
  const parent = `projects/${world.projectId}/locations/${world.location}`;
  const name = `${parent}/functions/${options.functionId}`;
  const service = `${parent}/services/${options.functionId}`;
  const caller = world.identity.observer;
  const send = async (
    method: string,
    path: string,
    body?: object,
    api: ApiName = 'functions',
  ): Promise<WireReply> => {
    const reply = await world.call({ api, method, path, caller, ...(body && { body }) });
    if (reply.status < 400 || (reply.status === 404 && method !== 'POST')) return reply;
    throw new Error(`Google refused ${method} ${path}: ${JSON.stringify(reply.body)}`);
  };
  const follow = async (begun: WireReply): Promise<void> => {
    for (let operation: unknown = begun.body; at(operation, 'done') !== true;) {
      await options.pass(LOOK_MS);
      operation = (await send('GET', `/v2/${textOf(at(operation, 'name'))}`)).body;
      const error = at(operation, 'error');
      if (error !== undefined) throw new Error(`Google failed: ${JSON.stringify(error)}`);
    }
  };

  const { body: place } = await send('POST', `/v2/${parent}/functions:generateUploadUrl`, {
    environment: 'GEN_2',
  });
  const uploaded = await fetch(textOf(at(place, 'uploadUrl')), {
    method: 'PUT',
    headers: { 'content-type': 'application/zip' },
    body: new Uint8Array(await sourceZip()),
  });
  if (!uploaded.ok) throw new Error(`Google refused a source: ${await uploaded.text()}`);
  const begun = await send('POST', `/v2/${parent}/functions?functionId=${options.functionId}`, {
    environment: 'GEN_2',
    labels: LABELS,
    buildConfig: {
      runtime: 'nodejs22',
      entryPoint: 'hello',
      source: { storageSource: mapOf(at(place, 'storageSource')) },
    },
    serviceConfig: { availableMemory: '256Mi', allTrafficOnLatestRevision: true },
  });
  await follow(begun);

  /** What a hand that changes the function would change. */
  async function look(): Promise<string> {
    const shown = [
      await send('GET', `/v2/${name}`),
      await send('GET', `/v2/${service}`, undefined, 'run'),
      await send('GET', `/v2/${service}:getIamPolicy`, undefined, 'run'),
    ];
    return JSON.stringify(shown.map(({ status, body }) => [status, body]));
  }
  const made = await look();

  return {
    name,
    untouched: async () => (await look()) === made,
    async remove() {
      const reply = await send('DELETE', `/v2/${name}`);
      if (reply.status !== 404) await follow(reply);
    },
  };
}

function sourceZip(): Promise<Buffer> {
  const file = (path: string, text: string): Parameters<typeof zipFiles>[0][number] => ({
    path,
    mode: 0o644,
    bytes: Buffer.from(text),
  });
  return zipFiles([
    file('index.js', CODE),
    file('package.json', `${JSON.stringify(PACKAGE, null, 2)}\n`),
  ]);
}
