/**
 * What packaging a function costs beyond the bundler and deflate, and what it costs when nothing changed.
 *
 *     node bench/packaging.ts [--dist <folder>] [--rounds <n>]
 *
 * The first candidate bundles and deflates the user's module, and no more. The second asks the bundler for what ours asks
 * for, too: an external source map, and the list of inputs. Ours bundles the shim besides, loads the bundle to see what it
 * handles, hashes every input, and keeps zip, source map and record in its cache.
 *
 * All of it for a small function, and for one of the size that the goal was set on.
 *
 * Every packaging is a process of its own. With `PEERS_DIR` naming a folder in which `osls` and `serverless-esbuild` are
 * installed, those package the same function too.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { distFolder } from './support/built.ts';
import { interleave, ratio, type Row, table } from './support/interleave.ts';
import { LARGE, makeShop, type Shop, SMALL } from './support/package-shops.ts';

const COLD = 'polyfaas, cold';
const DECLARED = 'polyfaas, cold, handles declared';
const UNCHANGED = 'polyfaas, unchanged';
const BARE = 'esbuild + deflate';
const BARE_SAME = 'esbuild, same options + deflate';
const PEER = 'osls + serverless-esbuild';

const SHIM = `export const createEntry = (handler) => {
  const runtime = handler.start({ app: 'shop' }, { write() {} });
  return { handler: (event) => runtime.call({ kind: 'invoke', event }, { requestId: '1', attempt: 1, deadline: Date.now() + 1000 }) };
};
`;

const SERVICE = `service: shop
frameworkVersion: '*'
provider: { name: aws, runtime: nodejs22.x, region: eu-central-1 }
plugins: [serverless-esbuild]
package: { individually: true }
custom: { esbuild: { bundle: true, minify: true, platform: node, target: node22 } }
functions: { orders: { handler: orders.handler } }
`;

const dist = distFolder().href;
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'polyfaas-bench-'));
const SHOPS = { 'small function': SMALL, 'large function, with an SDK': LARGE };
try {
  for (const [index, [title, shop]] of Object.entries(SHOPS).entries()) {
    console.log(`${index === 0 ? '' : '\n'}## ${title}: ${shop.packages.join(', ')}\n`);
    await measure(join(work, String(index)), shop);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function measure(folder: string, shop: Shop): Promise<void> {
  const root = join(folder, 'shop');
  makeShop(root, shop, here('../node_modules'));
  const zips = new Map<string, string>();
  const zipOf = (name: string): string => {
    const path = join(folder, `${name.replace(/\W+/g, '-')}.zip`);
    zips.set(name, path);
    return path;
  };
  const bare = (name: string, ...more: string[]) => {
    const args = [here('support/package-bare.mjs'), root, 'orders.ts', zipOf(name), ...more];
    return () => run(args, root);
  };
  const ours = (name: string, cache: string, ...more: string[]) => {
    const args = [
      here('support/package-ours.mjs'),
      dist,
      root,
      'orders.ts',
      zipOf(name),
      cache,
      join(folder, 'shim.mjs'),
      ...more,
    ];
    return () => run(args, root);
  };
  writeFileSync(join(folder, 'shim.mjs'), SHIM);
  const coldCache = join(folder, 'cold');
  const cold = ours(COLD, coldCache);
  const declared = ours(DECLARED, coldCache, 'invoke');
  const unchanged = ours(UNCHANGED, join(folder, 'warm'));

  const peers = process.env['PEERS_DIR'];
  const candidates = {
    [BARE]: bare(BARE),
    [BARE_SAME]: bare(BARE_SAME, 'same'),
    [COLD]: () => {
      rmSync(coldCache, { recursive: true, force: true });
      return cold();
    },
    [DECLARED]: () => {
      rmSync(coldCache, { recursive: true, force: true });
      return declared();
    },
    [UNCHANGED]: unchanged,
    ...(peers === undefined ? {} : { [PEER]: peer(folder, root, shop, peers) }),
  };
  unchanged();
  const results = await interleave({
    candidates,
    rounds: option('--rounds', 11),
    iterationsPerRound: 1,
  });
  if (peers !== undefined) zips.set(PEER, join(folder, 'peer/.serverless/orders.zip'));
  const bytes = (name: string): number => statSync(zips.get(name) ?? '').size;
  const rows = results.map(({ name, medianMs, minMs, maxMs }): Row => ({
    candidate: name,
    'process ms, median (min-max)': `${medianMs.toFixed(0)} (${minMs.toFixed(0)}-${maxMs.toFixed(0)})`,
    [`x ${BARE}`]: `${ratio(results, name, BARE).toFixed(2)}x`,
    [`x ${BARE_SAME}`]: `${ratio(results, name, BARE_SAME).toFixed(2)}x`,
    [`x ${COLD}`]: `${ratio(results, name, COLD).toFixed(2)}x`,
    'zip bytes': bytes(name),
  }));
  console.log(table(rows));
  const answer: { readonly bundler: boolean } = JSON.parse(unchanged());
  console.log(`unchanged input loads the bundler: ${answer.bundler ? 'YES' : 'no'}`);
  if (answer.bundler) process.exitCode = 1;
}

function run(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${args[0] ?? ''} failed:\n${stdout}\n${stderr}`);
  return stdout;
}

/** The same entry, as a service of the Serverless Framework's fork. */
function peer(folder: string, root: string, shop: Shop, peers: string): () => string {
  const service = join(folder, 'peer');
  cpSync(root, service, { recursive: true, filter: (path) => !path.endsWith('node_modules') });
  // The peer finds its plugin in the folder of the service, and the packages of the fixture beside it.
  mkdirSync(join(service, 'node_modules'));
  for (const name of ['serverless-esbuild', 'esbuild']) {
    symlinkSync(join(peers, 'node_modules', name), join(service, 'node_modules', name), 'dir');
  }
  for (const name of shop.packages) {
    const link = join(service, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(here(`../node_modules/${name}`), link, 'dir');
  }
  writeFileSync(join(service, 'package.json'), '{ "name": "shop", "private": true }');
  writeFileSync(join(service, 'serverless.yml'), SERVICE);
  const program = join(peers, 'node_modules/.bin/osls');
  if (!existsSync(program)) throw new Error(`osls is not installed in ${peers}`);
  const env = {
    SLS_TELEMETRY_DISABLED: '1',
    SLS_NOTIFICATIONS_MODE: 'off',
    CI: '1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  return () => run([program, 'package'], service, env);
}

function option(name: string, fallback: number): number {
  const index = process.argv.indexOf(name);
  return index === -1 ? fallback : Number(process.argv[index + 1]);
}
