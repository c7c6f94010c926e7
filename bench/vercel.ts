/**
 * What the Vercel adapter adds to the HTTP call it stands on: CPU per invocation, and calls per operation. Against the
 * fake of the tests: its own time is no figure of Vercel.
 *
 *     node bench/vercel.ts [--rounds <n>]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { createServerlessManager as Create } from '../src/manager/create.ts';
import { createVercelFake } from '../test/fakes/vercel/index.ts';
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
const root = mkdtempSync(join(tmpdir(), 'polyfaas-bench-vercel-'));

interface Place {
  readonly token: string;
  readonly team: string;
  readonly endpoints: { readonly api: string; readonly queue: string };
}

const code = (text: string): string =>
  `export default { invoke: (input) => input, http: async (request) => Response.json(await request.json()) }; // ${text}`;

function manage(place: Place, source: string, clock?: WaitingClock): ReturnType<typeof Create> {
  return createServerlessManager(
    {
      app: 'bench',
      provider: 'vercel',
      region: 'fra1',
      root,
      functions: { echo: { source, timeoutSeconds: 30, events: [{ type: 'http' }] } },
      providerOptions: { vercel: place },
    },
    clock === undefined ? {} : { clock },
  );
}

async function invocations(): Promise<void> {
  const server = fork(new URL('support/vercel-server.ts', import.meta.url));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the script sends just this
  const [place] = (await once(server, 'message')) as [Place];
  await using manager = await manage(place, code('invoke'));
  await manager.deploy('echo');
  server.send({ isDeployed: true });
  const url = (await manager.describe('echo'))?.url ?? '';
  await compareCpu(
    [
      // The same platform, process and function: what Node's own client takes for a POST of JSON.
      [
        'bare fetch',
        async () => {
          const reply = await fetch(`${url}/echo`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(PAYLOAD),
          });
          return reply.json();
        },
      ],
      ['manager.invoke', () => manager.invoke('echo', PAYLOAD)],
    ],
    rounds,
  );
  server.disconnect();
  await once(server, 'exit');
}

async function calls(): Promise<void> {
  const clock = new ManualClock(Date.now());
  const waiting = new WaitingClock(clock);
  const wire: string[] = [];
  const fake = await createVercelFake({
    clock,
    recorder: (plane, method, path) => void wire.push(`${plane} ${method} ${path}`),
  });
  const place: Place = {
    token: fake.token,
    team: fake.teamId,
    endpoints: { api: fake.api, queue: fake.queueEndpoint },
  };
  type Work = (manager: Awaited<ReturnType<typeof manage>>) => Promise<unknown>;
  const run = async (title: string, source: string, work: Work): Promise<void> => {
    await using manager = await manage(place, source, waiting);
    wire.length = 0;
    const startedAt = clock.now();
    await work(manager);
    const writes = wire.filter((one) => !/ (?:GET|HEAD) /.test(one)).length;
    console.log(`| ${title} | ${wire.length} | ${writes} | ${clock.now() - startedAt} |`);
  };
  console.log('## Calls of an operation, and simulated milliseconds waited\n');
  console.log('| operation | calls | of them not GET | waited |');
  await run('deploy, new function', code('one'), (manager) => manager.deploy('echo'));
  await run('deploy, unchanged', code('one'), (manager) => manager.deploy('echo'));
  await run('deploy, code only', code('two'), (manager) => manager.deploy('echo'));
  await run('configureEvent', code('two'), (manager) =>
    manager.configureEvent('echo', { type: 'http', id: 'more', path: '/more' }),
  );

  const api = await slowProxy(fake.api, LATENCY_MS);
  const slow = { ...place, endpoints: { ...place.endpoints, api: api.url } };
  await using manager = await manage(slow, code('two'), waiting);
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
  await api.close();
  await fake.stop();
}

try {
  await invocations();
  await calls();
} finally {
  rmSync(root, { recursive: true, force: true });
}
