/** Brings node_modules in line with package-lock.json, and a fitting Node to the front of the PATH. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { bin, hashOf, modules, readIfThere, root } from './paths.mjs';
import { run } from './process.mjs';

const stampFile = join(modules, '.polyfaas-setup');
const oldestNode = [22, 18];

/** Installs what the lock names, when it is not there yet. */
export async function ensureInstalled() {
  const wanted = `${hashOf(['package-lock.json'])} ${process.platform}-${process.arch}\n`;
  if (readIfThere(stampFile) === wanted) return;
  if (!agreesWithLock()) await install();
  writeFileSync(stampFile, wanted);
}

async function install() {
  const started = performance.now();
  process.stderr.write('polyfaas: installing dependencies (npm ci, once) ...\n');
  // Whatever NODE_ENV or npm's own settings say: the tools are needed, and the Node of the lock is optional.
  const words = ['ci', '--include=dev', '--include=optional', '--loglevel=error', '--no-audit'];
  const npm = process.env.npm_execpath;
  const outcome =
    npm && basename(npm) === 'npm-cli.js'
      ? await run(process.execPath, [npm, ...words, '--no-fund'], { capture: true, cwd: root })
      : await run('npm', [...words, '--no-fund'], { capture: true, cwd: root });
  if (outcome.code !== 0) {
    process.stderr.write(outcome.output);
    throw new Error(
      'npm ci failed, see above. Check the network and the registry, then run again.',
    );
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stderr.write(`polyfaas: installed in ${seconds} s\n`);
}

/** True when somebody has already installed just what the lock names, by `npm ci` or `npm install`. */
function agreesWithLock() {
  const installedText = readIfThere(join(modules, '.package-lock.json'));
  if (installedText === undefined) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(installedText).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes('node_modules/')) continue;
    const present = installed[path];
    if (present ? present.version !== entry.version : !entry.optional) return false;
    if (present && !existsSync(join(root, path))) return false;
  }
  const ownNode = `node_modules/node-${process.platform}-${process.arch}`;
  return !(ownNode in wanted) || existsSync(join(bin, 'node'));
}

/** Puts the tools, and with them Node 24 on Linux, first on the PATH of everything that is started. */
export function useToolchain() {
  const path = process.env.PATH ?? '';
  process.env.PATH = [bin, path].join(delimiter);
  let version = nodeVersion();
  if (version === undefined) {
    // The Node of the lock does not start here, as on a Linux with another C library.
    process.env.PATH = [dirname(process.execPath), bin, path].join(delimiter);
    version = nodeVersion() ?? process.version;
  }
  const [major = 0, minor = 0] = version.replace('v', '').split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Error(
    `this repository needs Node ${oldestNode.join('.')} or newer, and this is ${version}. ` +
      `The lock file brings a Node for Linux (glibc, x64 and arm64) only: here (${process.platform}-${process.arch}) ` +
      `install a newer Node from https://nodejs.org and run the command again.`,
  );
}

function nodeVersion() {
  const answer = spawnSync('node', ['--version'], { encoding: 'utf8' });
  return answer.status === 0 ? answer.stdout.trim() : undefined;
}
