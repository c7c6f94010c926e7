/**
 * What the Google adapter adds to the HTTP call it stands on: CPU per invocation, and calls per operation. Against the
 * fake of the tests: its own time is no figure of Google.
 *
 *     node bench/gcp.ts [--rounds <n>]
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GoogleAuth, OAuth2Client } from 'google-auth-library';
import type { createServerlessManager as Create } from '../src/manager/create.ts';
import { createGcpFake } from '../test/fakes/gcp/index.ts';
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
const root = mkdtempSync(join(tmpdir(), 'polyfaas-bench-gcp-'));

interface Place {
  readonly endpoints: Readonly<Record<string, string>>;
  readonly projectId: string;
  readonly projectNumber: string;
  readonly auth: GoogleAuth;
}

const code = (text: string): string =>
  `export default { invoke: (input) => input, http: async (request) => Response.json(await request.json()) }; // ${text}`;

function manage(place: Place, source: string, clock?: WaitingClock): ReturnType<typeof Create> {
  return createServerlessManager(
    {
      app: 'bench',
      provider: 'gcp',
      region: 'europe-west1',
      root,
      functions: { echo: { source, timeoutSeconds: 30, events: [{ type: 'http' }] } },
      providerOptions: { gcp: place },
    },
    clock === undefined ? {} : { clock },
  );
}

/** Credentials of a service account, whose ID tokens come from the process that can sign them. */
class RemoteAccount extends OAuth2Client {
  readonly #server: ChildProcess;

  constructor(server: ChildProcess, accessToken: string) {
    super();
    this.#server = server;
    this.setCredentials({ access_token: accessToken, expiry_date: Date.now() + 3_000_000 });
  }

  async fetchIdToken(audience: string): Promise<string> {
    this.#server.send({ audience });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the script sends just this
    const [{ token }] = (await once(this.#server, 'message')) as [{ readonly token: string }];
    return token;
  }
}

async function invocations(): Promise<void> {
  const server = fork(new URL('support/gcp-server.ts', import.meta.url));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the script sends just this
  const [{ accessToken, ...sent }] = (await once(server, 'message')) as [
    Omit<Place, 'auth'> & { readonly accessToken: string },
  ];
  const auth = new GoogleAuth({
    authClient: new RemoteAccount(server, accessToken),
    projectId: sent.projectId,
  });
  await using manager = await manage({ ...sent, auth }, code('invoke'));
  await manager.deploy('echo');
  server.send({ isDeployed: true });
  const url = (await manager.describe('echo'))?.url ?? '';
  const client = await auth.getIdTokenClient(url);
  await compareCpu(
    [
      // The same platform, process and function: what Google's own library takes for a POST of JSON.
      [
        'bare IdTokenClient',
        async () => {
          const { data } = await client.request({
            url: `${url}/echo`,
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            data: PAYLOAD,
            retry: false,
            responseType: 'json',
          });
          return data;
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
  const fake = await createGcpFake({
    clock,
    recorder: (plane, method, path) => void wire.push(`${plane} ${method} ${path}`),
  });
  const { endpoints, projectId, projectNumber, auth } = fake;
  const place = {
    endpoints: { ...endpoints, certificates: fake.certificates },
    projectId,
    projectNumber,
    auth,
  };
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

  const [functions, secrets] = await Promise.all(
    [endpoints.functions, endpoints.secretmanager].map((one) => slowProxy(one, LATENCY_MS)),
  );
  if (!functions || !secrets) throw new Error('There is no proxy.');
  const slow = { ...place.endpoints, functions: functions.url, secretmanager: secrets.url };
  await using manager = await manage({ ...place, endpoints: slow }, code('two'), waiting);
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
  await Promise.all([functions.close(), secrets.close()]);
  await fake.stop();
}

try {
  await invocations();
  await calls();
} finally {
  rmSync(root, { recursive: true, force: true });
}
