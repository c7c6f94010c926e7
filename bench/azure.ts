/**
 * What the Azure adapter adds to the HTTP call it stands on: CPU per invocation, and calls per operation. Against the
 * fake of the tests: its own time is no figure of Azure.
 *
 *     node bench/azure.ts [--rounds <n>]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import type { createServerlessManager as Create } from '../src/manager/create.ts';
import { createAzureFake } from '../test/fakes/azure/index.ts';
import { ManualClock } from '../test/support/manual-clock.ts';
import { WaitingClock } from '../test/support/waiting-clock.ts';
import { distFolder } from './support/built.ts';
import { median } from './support/interleave.ts';
import { compareCpu, PAYLOAD } from './support/invoke-cpu.ts';
import { slowProxy } from './support/slow-proxy.ts';

const LATENCY_MS = 25;

const at = process.argv.indexOf('--rounds');
const rounds = at < 0 ? 31 : Number(process.argv[at + 1]);
const { createServerlessManager }: { createServerlessManager: typeof Create } = await import(
  new URL('src/index.js', distFolder()).href
);
const root = mkdtempSync(join(tmpdir(), 'polyfaas-bench-azure-'));

interface Place {
  readonly endpoint: string;
  readonly logsEndpoint: string;
  readonly subscriptionId: string;
  readonly credential: {
    getToken(scopes: string | string[]): Promise<{ token: string; expiresOnTimestamp: number }>;
  };
}

const code = (text: string): string =>
  `export default { invoke: (input) => input, http: async (request) => Response.json(await request.json()) }; // ${text}`;

function manage(place: Place, source: string, clock?: WaitingClock): ReturnType<typeof Create> {
  return createServerlessManager(
    {
      app: 'bench',
      provider: 'azure',
      region: 'westeurope',
      root,
      functions: { echo: { source, timeoutSeconds: 30, events: [{ type: 'http' }] } },
      providerOptions: { azure: place },
    },
    clock === undefined ? {} : { clock },
  );
}

async function invocations(): Promise<void> {
  const server = fork(new URL('support/azure-server.ts', import.meta.url));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the script sends just this
  const [{ tokens, ...sent }] = (await once(server, 'message')) as [
    Omit<Place, 'credential'> & { readonly tokens: Readonly<Record<string, string>> },
  ];
  const credential: Place['credential'] = {
    getToken: async (scopes) => {
      const [scope = ''] = [scopes].flat();
      const token = tokens[scope.replace('/.default', '')] ?? '';
      return { token, expiresOnTimestamp: Date.now() + 3_000_000 };
    },
  };
  await using manager = await manage({ ...sent, credential }, code('invoke'));
  await manager.deploy('echo');
  const { origin } = new URL((await manager.describe('echo'))?.url ?? '');
  const agent = new Agent({ connections: 256, pipelining: 1 });
  const candidates = {
    // The same platform, process and function, by the same transport: what anybody's POST of JSON takes.
    bare: async () => {
      const { body } = await agent.request({
        origin,
        path: '/echo',
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-functions-key': 'x'.repeat(56) },
        body: JSON.stringify(PAYLOAD),
      });
      const value: unknown = JSON.parse(await body.text());
      return value;
    },
    fetch: async () => {
      const reply = await fetch(`${origin}/echo`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-functions-key': 'x'.repeat(56) },
        body: JSON.stringify(PAYLOAD),
      });
      return reply.json();
    },
    ours: () => manager.invoke('echo', PAYLOAD),
  };
  await compareCpu(
    [
      ['bare POST by undici', candidates.bare],
      ['manager.invoke', candidates.ours],
      ['global fetch', candidates.fetch],
    ],
    rounds,
  );
  await agent.close();
  server.disconnect();
  await once(server, 'exit');
}

async function calls(): Promise<void> {
  const clock = new ManualClock(Date.now());
  const waiting = new WaitingClock(clock);
  const wire: string[] = [];
  const fake = await createAzureFake({
    clock,
    recorder: (plane, method, path) => void wire.push(`${plane} ${method} ${path}`),
  });
  const { endpoint, subscriptionId, credential } = fake;
  const place = { endpoint, subscriptionId, credential, logsEndpoint: fake.world.planes.logs };
  const run = async (title: string, source: string): Promise<void> => {
    await using manager = await manage(place, source, waiting);
    wire.length = 0;
    const startedAt = clock.now();
    await manager.deploy('echo');
    const writes = wire.filter((one) => !/ (?:GET|HEAD) /.test(one)).length;
    console.log(`| ${title} | ${wire.length} | ${writes} | ${clock.now() - startedAt} |`);
  };
  console.log('## Calls of a deploy, and simulated milliseconds waited\n');
  console.log('| deploy | calls | of them not GET | waited |');
  await run('new function', code('one'));
  await run('unchanged', code('one'));
  await run('code only', code('two'));

  const proxy = await slowProxy(endpoint, LATENCY_MS);
  await using manager = await manage({ ...place, endpoint: proxy.url }, code('two'), waiting);
  await manager.deploy('echo');
  const times: number[] = [];
  for (let turn = 0; turn < 21; turn += 1) {
    const startedAt = performance.now();
    await manager.deploy('echo');
    times.push(performance.now() - startedAt);
  }
  const took = median(times);
  console.log(`\n## Unchanged deploy, ${LATENCY_MS} ms away\n`);
  console.log(`${took.toFixed(1)} ms, ${(took / LATENCY_MS).toFixed(2)} round trips\n`);
  await proxy.close();
  await fake.stop();
}

try {
  await invocations();
  await calls();
} finally {
  rmSync(root, { recursive: true, force: true });
}
