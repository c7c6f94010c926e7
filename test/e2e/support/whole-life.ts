/**
 * Creates a manager, deploys, invokes and closes, in threads and processes. Prints what is left then, as JSON, and
 * ends by having nothing more to do.
 *
 * Parameters: the root; `calm`, or `busy` to close while calls are under way.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { createServerlessManager, type FunctionSpec } from 'polyfaas';
import { LOCAL } from 'polyfaas/local';

const [root = '', mode = 'calm'] = process.argv.slice(2);

const source = `
  import { defineFunction } from 'polyfaas/function';
  export default defineFunction({
    invoke: async (input) => {
      if (input === 'wait') await new Promise((resolve) => setTimeout(resolve, 60_000));
      return process.pid;
    },
    http: () => new Response('hello'),
    queue: () => {},
    schedule: () => {},
  });`;

const inThread: FunctionSpec = {
  source,
  minInstances: 2,
  events: [
    { type: 'http', path: '/' },
    { type: 'queue', queue: 'orders' },
    { type: 'schedule', every: '1 minute' },
  ],
};
const inProcess: FunctionSpec = {
  source,
  minInstances: 1,
  providerOptions: { local: { isolation: 'process' } },
};

const manager = await createServerlessManager(
  { app: 'shop', root, functions: { inThread, inProcess } },
  { telemetry: false },
);
const { outcomes } = await manager.deployAll();
for (const outcome of outcomes) {
  if ('error' in outcome) throw outcome.error;
  if (outcome.status !== 'deployed') throw new Error(outcome.status);
}
const nearCall = await manager.invoke('inThread');
const farCall = await manager.invoke('inProcess');
await manager.native(LOCAL)?.sources.queue('orders').send({ id: 1 });
const url = (await manager.describe('inThread'))?.url ?? '';
const said = await page(url);

const waiting =
  mode === 'calm'
    ? []
    : [manager.invoke('inThread', 'wait'), manager.invoke('inProcess', 'wait')].map((call) =>
        call.then(
          () => 'served',
          (error: { readonly code: string }) => error.code,
        ),
      );
if (waiting.length > 0) await new Promise((resolve) => setTimeout(resolve, 100));
await Promise.all([manager.close(), manager.close()]);
await manager.close();

// What was killed is there for a moment more on a busy machine.
const endOfPatience = Date.now() + 10_000;
while (childrenOf(process.pid).length > 0 && Date.now() < endOfPatience)
  await new Promise((resolve) => setTimeout(resolve, 20));

const left = {
  said,
  sameProcess: nearCall.output === process.pid,
  otherProcess: farCall.output,
  cancelled: await Promise.all(waiting),
  children: childrenOf(process.pid),
  bundler: bundlerOf(process.pid),
  listens: await page(url).then(
    () => true,
    () => false,
  ),
  workers: process
    .getActiveResourcesInfo()
    .filter((name) => /Worker|MessagePort|TCPServer|ProcessWrap/.test(name)),
};
process.stdout.write(`${JSON.stringify(left)}\n`);

/** Without `fetch`, which keeps timers and connections of its own. */
function page(origin: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(`${origin}/`, { agent: false }, (response) => {
      text(response).then(resolve, reject);
    }).once('error', reject);
  });
}

interface Child {
  readonly id: number;
  readonly command: string;
}

/** The processes that this one started; none where there is no `/proc`. */
function allChildrenOf(id: number): readonly Child[] {
  let threads: readonly string[];
  try {
    threads = readdirSync(`/proc/${id}/task`);
  } catch {
    return [];
  }
  return threads.flatMap((thread) => {
    const ids = readFileSync(`/proc/${id}/task/${thread}/children`, 'utf8').trim();
    return ids === '' ? [] : ids.split(' ').map((one) => ({ id: Number(one), command: of(one) }));
  });
}

function of(id: string): string {
  return readFileSync(`/proc/${id}/cmdline`, 'latin1').replaceAll('\0', ' ');
}

/** esbuild's: one for all who use esbuild in this program, so it is not the manager's to end. It ends with the program. */
function isBundler({ command }: Child): boolean {
  return command.includes('esbuild --service=');
}

function childrenOf(id: number): readonly Child[] {
  return allChildrenOf(id).filter((child) => !isBundler(child));
}

function bundlerOf(id: number): number | undefined {
  return allChildrenOf(id).find(isBundler)?.id;
}
