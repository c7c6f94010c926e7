/**
 * What `import 'polyfaas'` adds to the start of a process.
 *
 *     node bench/import.ts [--rounds <n>] [--dist <folder>]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distFolder } from './support/built.ts';
import { comparison, interleave, table } from './support/interleave.ts';

const dist = distFolder();
const index = new URL('src/index.js', dist).href;
const local = new URL('providers/local/index.js', dist).href;
const at = process.argv.indexOf('--rounds');

const folder = mkdtempSync(join(tmpdir(), 'polyfaas-bench-'));

function start(code: string): void {
  const words = ['--input-type=module', '-e', code, join(folder, 'state')];
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

const results = await interleave({
  candidates: {
    'bare node': () => start(''),
    "import 'polyfaas'": () => start(`await import(${JSON.stringify(index)})`),
    "import 'polyfaas/local'": () => start(`await import(${JSON.stringify(local)})`),
    createServerlessManager: () =>
      start(
        `const { createServerlessManager } = await import(${JSON.stringify(index)}); const m = await createServerlessManager({ app: 'bench', root: process.cwd(), providerOptions: { local: { stateFolder: process.argv[1] } } }); await m.close();`,
      ),
  },
  rounds: at < 0 ? 21 : Number(process.argv[at + 1]),
  iterationsPerRound: 1,
});
console.log(table(comparison(results, 'bare node', 'ms')));
rmSync(folder, { recursive: true, force: true });
