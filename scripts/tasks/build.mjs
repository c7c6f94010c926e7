/** Builds `dist` when the sources are not those it was built from. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, modules, readIfThere, root } from './paths.mjs';
import { run } from './process.mjs';

// Beside the tools, not in `dist`, so that it is never published.
const stampFile = join(modules, '.polyfaas-build');
const dist = join(root, 'dist');

/** @param {{ readonly force?: boolean }} [options] */
export async function ensureBuilt({ force = false } = {}) {
  const sources = hashOf([
    'src',
    'providers',
    'scripts/tasks/build.mjs',
    'tsconfig.json',
    'package.json',
  ]);
  if (!force && readIfThere(stampFile) === sources && existsSync(join(dist, 'src', 'index.js')))
    return;
  const started = performance.now();
  process.stderr.write('polyfaas: building ...');
  rmSync(stampFile, { force: true });
  rmSync(dist, { recursive: true, force: true });
  const outcome = await run('tsc', ['-p', 'tsconfig.json'], { capture: true, cwd: root });
  if (outcome.code !== 0) {
    process.stderr.write(`\n${outcome.output}`);
    throw new Error('the build failed, see above');
  }
  excuseOptionalPeers();
  await bundleWorker();
  writeFileSync(stampFile, sources);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stderr.write(` built in ${seconds} s\n`);
}

/**
 * Types of optional peers are any where the package is not installed, and no errors: a program that checks the libraries
 * too has the clients of its own cloud at most.
 */
function excuseOptionalPeers() {
  const { peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const names = Object.keys(peerDependencies).join('|');
  const imports = new RegExp(`^(?=(?:import|export) [^;]*from ['"](?:${names})['"/])`, 'gm');
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts')) continue;
    const file = join(dist, name);
    const text = readFileSync(file, 'utf8');
    const excused = text.replace(imports, '// @ts-ignore: an optional peer\n');
    if (excused !== text) writeFileSync(file, excused);
  }
}

/**
 * What every instance of a local function loads is one file instead of a dozen, since each costs a cold start, with
 * nothing in it that few of them need. The file before it turns the compile cache on.
 */
async function bundleWorker() {
  const { build } = await import('esbuild');
  const folder = join(dist, 'providers', 'local', 'runtime');
  const file = join(folder, 'worker-start.js');
  await build({
    entryPoints: [file],
    outfile: file,
    allowOverwrite: true,
    bundle: true,
    external: ['./prebuilt-entry.js'],
    format: 'esm',
    platform: 'node',
    target: 'node22',
    logLevel: 'error',
  });
}
