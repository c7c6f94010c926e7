/**
 * What a whole `manager.invoke` costs on the local provider, beside the bare limit of the machine and the peers.
 *
 *     PEERS_DIR=<folder> node bench/invoke.ts [--rounds <n>] [--dist <folder>]
 *
 * In PEERS_DIR, if given: npm install --force osls@3 serverless-offline@14 faastjs@8 lambda-local
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { createServerlessManager as Create } from '../src/manager/create.ts';
import { bareThread } from './support/bare-echo.ts';
import { distFolder } from './support/built.ts';
import { type Candidate, comparison, interleave, table } from './support/interleave.ts';
import { startPeers } from './support/peers.ts';

/** A kilobyte of JSON, of the kind that functions get. */
const PAYLOAD = {
  id: 7,
  tags: ['a', 'b', 'c'],
  lines: Array.from({ length: 10 }, (_, index) => ({ sku: `sku-${index}`, count: index })),
  note: 'x'.repeat(600),
};

const dist = distFolder();
const { createServerlessManager }: { createServerlessManager: typeof Create } = await import(
  new URL('src/index.js', dist).href
);
const root = mkdtempSync(join(tmpdir(), 'polyfaas-bench-'));
const echo = { source: 'export default { invoke: (input) => input };' };
const manager = await createServerlessManager({
  app: 'bench',
  provider: 'local',
  root,
  functions: {
    thread: { ...echo, maxInstances: 1 },
    process: { ...echo, maxInstances: 1, providerOptions: { local: { isolation: 'process' } } },
    wide: { ...echo, maxInstances: 1, concurrency: 64 },
  },
});
const bare = bareThread();
const peers = await startPeers(process.env['PEERS_DIR']);
try {
  await manager.deployAll();
  const one: Record<string, Candidate> = {
    'bare postMessage': () => bare.call(PAYLOAD),
    'manager.invoke, thread': () => manager.invoke('thread', PAYLOAD),
    'manager.invoke, process': () => manager.invoke('process', PAYLOAD),
  };
  for (const peer of peers) one[peer.name] = () => peer.call(PAYLOAD);
  const at = process.argv.indexOf('--rounds');
  const rounds = at < 0 ? 15 : Number(process.argv[at + 1]);
  console.log('## One call at a time, 1 KB\n');
  const warm = await interleave({ candidates: one, rounds, iterationsPerRound: 150, warmup: 600 });
  console.log(table(comparison(warm, 'bare postMessage')));

  console.log('\n## 64 calls under way, one instance that takes 64\n');
  const wide = await interleave({
    candidates: {
      'bare postMessage': () => bare.call(PAYLOAD),
      'manager.invoke, concurrency 64': () => manager.invoke('wide', PAYLOAD),
    },
    rounds,
    iterationsPerRound: 4000,
    // With less, the compiler is still at work in the first rounds of what has more code.
    warmup: 20_000,
    inFlight: 64,
  });
  console.log(table(comparison(wide, 'bare postMessage')));
} finally {
  for (const peer of peers) await peer.close();
  await bare.close();
  await manager.close();
  rmSync(root, { recursive: true, force: true });
}
