/**
 * What the AWS adapter adds to the SDK it stands on: CPU per invocation, calls per operation, and time spent waiting
 * for what is ready already. Against the fake of the tests: its own time is no figure of AWS.
 *
 *     node bench/aws.ts [--rounds <n>]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { AWS as Native } from '../providers/aws/index.ts';
import type { createServerlessManager as Create } from '../src/manager/create.ts';
import { createAwsFake } from '../test/fakes/aws/index.ts';
import { ManualClock } from '../test/support/manual-clock.ts';
import { WaitingClock } from '../test/support/waiting-clock.ts';
import { distFolder } from './support/built.ts';
import { median } from './support/interleave.ts';
import { slowProxy } from './support/slow-proxy.ts';

const REGION = 'eu-central-1';
const PAYLOAD = {
  id: 7,
  lines: Array.from({ length: 10 }, (_, index) => ({ sku: `sku-${index}`, count: index })),
  note: 'x'.repeat(600),
};
const CALLS_PER_ROUND = 400;
const LATENCY_MS = 25;

const at = process.argv.indexOf('--rounds');
const rounds = at < 0 ? 31 : Number(process.argv[at + 1]);
const { AWS }: { AWS: typeof Native } = await import(
  new URL('providers/aws/index.js', distFolder()).href
);
const { createServerlessManager }: { createServerlessManager: typeof Create } = await import(
  new URL('src/index.js', distFolder()).href
);
const root = mkdtempSync(join(tmpdir(), 'polyfaas-bench-aws-'));

interface Place {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const code = (text: string): string => `export default { invoke: (input) => input }; // ${text}`;

function manage(
  { endpoint, credentials }: Place,
  source: string,
  clock?: WaitingClock,
): ReturnType<typeof Create> {
  const { accessKeyId, secretAccessKey } = credentials;
  return createServerlessManager(
    {
      app: 'bench',
      provider: 'aws',
      region: REGION,
      root,
      functions: { echo: { source, timeoutSeconds: 30 } },
      providerOptions: { aws: { endpoint, credentials: { accessKeyId, secretAccessKey } } },
    },
    clock === undefined ? {} : { clock },
  );
}

/** CPU of this process for so many calls, one after the other, in microseconds a call. */
async function cpuOf(call: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let index = 0; index < CALLS_PER_ROUND; index += 1) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS_PER_ROUND;
}

async function invocations(): Promise<void> {
  const server = fork(new URL('support/aws-server.ts', import.meta.url));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the script sends just this
  const [place] = (await once(server, 'message')) as [Place];
  await using manager = await manage(place, code('invoke'));
  await manager.deploy('echo');
  const bare = new LambdaClient({
    region: REGION,
    endpoint: place.endpoint,
    credentials: place.credentials,
    maxAttempts: 1,
    // As the adapter sets it, so that only the adapter is compared.
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 5000,
      httpAgent: { keepAlive: true, maxSockets: 256 },
    }),
  });
  const text = JSON.stringify(PAYLOAD);
  const candidates = {
    bare: async () => {
      const command = new InvokeCommand({
        FunctionName: 'bench-dev-echo',
        Qualifier: 'live',
        Payload: JSON.stringify(PAYLOAD),
      });
      return JSON.parse((await bare.send(command)).Payload?.transformToString() ?? 'null');
    },
    ours: () => manager.invoke('echo', PAYLOAD),
  };
  for (const call of Object.values(candidates)) await cpuOf(call);
  const pairs: { readonly bare: number; readonly ours: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // Who goes first changes: what one leaves behind, such as garbage, is the other's to clear.
    const first = round % 2 === 0 ? candidates.bare : candidates.ours;
    const one = await cpuOf(first);
    const other = await cpuOf(first === candidates.bare ? candidates.ours : candidates.bare);
    pairs.push(first === candidates.bare ? { bare: one, ours: other } : { bare: other, ours: one });
  }
  const bareCpu = median(pairs.map((pair) => pair.bare));
  const ratio = median(pairs.map(({ bare: theirs, ours }) => ours / theirs));
  const added = median(pairs.map(({ bare: theirs, ours }) => ours - theirs));
  console.log(
    `## CPU of one invocation, 1 KB (${rounds} paired rounds of ${CALLS_PER_ROUND} calls)\n`,
  );
  console.log(`| bare SDK client | ${bareCpu.toFixed(0)} µs |`);
  console.log(`| manager.invoke, paired ratio | ${ratio.toFixed(3)}x |`);
  console.log(`| manager.invoke, paired difference | ${added.toFixed(0)} µs |`);
  await withoutSdk(manager, text);
  bare.destroy();
  server.disconnect();
  await once(server, 'exit');
}

/** All that is ours: the SDK's client answers at once. What any caller does with JSON is taken off. */
async function withoutSdk(
  manager: Awaited<ReturnType<typeof Create>>,
  text: string,
): Promise<void> {
  const client = await manager.native(AWS.clients)?.invoker();
  if (!client) throw new Error('the adapter has clients');
  const head = { coldStart: false, instanceId: 'bench', durationMs: 1, initDurationMs: null };
  const bytes = new TextEncoder().encode(`{"$polyfaas":${JSON.stringify(head)},"data":${text}}`);
  const reply = { StatusCode: 200, ExecutedVersion: '1', Payload: bytes, $metadata: {} };
  Object.assign(client, { send: () => Promise.resolve(reply) });
  const json = async (): Promise<unknown> => {
    Buffer.from(JSON.stringify(PAYLOAD));
    return JSON.parse(Buffer.from(bytes).toString());
  };
  const ours = (): Promise<unknown> => manager.invoke('echo', PAYLOAD);
  const added: number[] = [];
  for (let turn = 0; turn < 20; turn += 1) await cpuOf(turn % 2 === 0 ? json : ours);
  for (let round = 0; round < rounds; round += 1)
    added.push(-(await cpuOf(json)) + (await cpuOf(ours)));
  console.log(
    `| the layers alone, SDK stubbed, JSON taken off | ${median(added).toFixed(1)} µs |\n`,
  );
}

async function calls(): Promise<void> {
  const clock = new ManualClock(Date.now());
  const waiting = new WaitingClock(clock);
  const wire: string[] = [];
  const fake = await createAwsFake({
    clock,
    recorder: (service, operation) => void wire.push(`${service}:${operation}`),
  });
  const place = { endpoint: fake.endpoint, credentials: fake.credentials };

  const run = async (title: string, source: string, ownMs: number): Promise<void> => {
    await using manager = await manage(place, source, waiting);
    wire.length = 0;
    const startedAt = clock.now();
    await manager.deploy('echo');
    const tookMs = clock.now() - startedAt;
    const lag = ownMs === 0 ? '' : `${(((tookMs - ownMs) / ownMs) * 100).toFixed(0)} %`;
    const list = wire.map((one) => one.replace(/^.*:/, '')).join(', ');
    console.log(`| ${title} | ${wire.length} | ${tookMs} | ${ownMs} | ${lag} | ${list} |`);
  };
  console.log('## Calls of a deploy, and simulated milliseconds waited\n');
  console.log('| deploy | calls | waited | least possible | lag | which |');
  // What the fake itself takes: a role is known after 5 s, a function after 1 s, a version after 0.5 s.
  await run('new function', code('one'), 6500);
  await run('unchanged', code('one'), 0);
  await run('code only', code('two'), 1500);

  const proxy = await slowProxy(fake.endpoint, LATENCY_MS);
  const far = { ...place, endpoint: proxy.url };
  const times: number[] = [];
  await using manager = await manage(far, code('two'), waiting);
  await manager.deploy('echo');
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
