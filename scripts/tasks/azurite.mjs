/** Azure Storage's own emulator, beside the tests that compare our fake with it. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { modules, root } from './paths.mjs';
import { run } from './process.mjs';

// 3.37.0 cannot be installed.
const VERSION = '3.36.0';
const ACCOUNT = 'orders';
const START_SECONDS = 60;
const STOP_MS = 5000;

/** Runs the scenarios of Azure Storage against Azurite and against our own fake. @param {readonly string[]} words */
export async function azurite(words) {
  const folder = await ensureAzurite();
  const key = randomBytes(64).toString('base64');
  const emulator = await start(folder, key);
  try {
    const { blob, queue } = await emulator.endpoints;
    const env = {
      ...process.env,
      POLYFAAS_AZURITE_BLOB: blob,
      POLYFAAS_AZURITE_QUEUE: queue,
      POLYFAAS_AZURITE_ACCOUNT: ACCOUNT,
      POLYFAAS_AZURITE_KEY: key,
    };
    const config = ['--config', 'test/azurite/vitest.config.ts'];
    return (await run('vitest', ['run', ...config, ...words], { cwd: root, env })).code;
  } finally {
    await emulator.stop();
  }
}

/** Installs it once, apart from the repository's own dependencies: it brings 300 packages. */
async function ensureAzurite() {
  const folder = join(modules, '.cache', `polyfaas-azurite-${VERSION}`);
  const stamp = join(folder, 'complete');
  if (existsSync(stamp)) return folder;
  process.stderr.write(`polyfaas: installing azurite ${VERSION} (once) ...\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const words = ['install', '--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit'];
  const { code, output } = await run(
    'npm',
    [...words, '--no-fund', '--loglevel=error', `azurite@${VERSION}`],
    { capture: true, cwd: folder },
  );
  if (code !== 0) {
    process.stderr.write(output);
    throw new Error(`azurite@${VERSION} cannot be installed, see above. Check the registry.`);
  }
  writeFileSync(stamp, '');
  return folder;
}

/**
 * Starts it on free ports, which it tells itself.
 * @param {string} folder @param {string} key of the account
 */
async function start(folder, key) {
  const program = join(folder, 'node_modules', 'azurite', 'dist', 'src', 'azurite.js');
  // The SDK speaks versions of the service that Azurite does not know the names of.
  const flags = ['inMemoryPersistence', 'silent', 'disableTelemetry', 'skipApiVersionCheck'];
  const ports = ['blobPort', 'queuePort', 'tablePort'].flatMap((name) => [`--${name}`, '0']);
  const child = spawn('node', [program, ...flags.map((name) => `--${name}`), ...ports], {
    cwd: folder,
    env: { ...process.env, AZURITE_ACCOUNTS: `${ACCOUNT}:${key}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said = `${said}${text}`.slice(-4000);
    });
  }
  let isOver = false;
  const over = new Promise((resolve) => {
    child.once('error', (error) => void (said += error.message));
    child.once('close', resolve);
  }).then(() => void (isOver = true));

  // Whoever interrupts this task must find no emulator afterwards.
  const end = () => void child.kill('SIGKILL');
  process.on('SIGINT', end).on('SIGTERM', end).on('exit', end);
  const stop = async () => {
    child.kill('SIGTERM');
    const late = setTimeout(end, STOP_MS);
    await over;
    clearTimeout(late);
    process.off('SIGINT', end).off('SIGTERM', end).off('exit', end);
  };

  /** @param {string} service */
  const endpoint = (service) =>
    new RegExp(`${service} service is successfully listening at (http://\\S+)`).exec(said)?.[1];
  /** @returns {Promise<{ blob: string, queue: string }>} */
  const wait = async () => {
    for (const until = Date.now() + START_SECONDS * 1000; Date.now() < until; await pause(50)) {
      const [blob, queue] = [endpoint('Blob'), endpoint('Queue')];
      // It answers its services one after the other, this one last.
      if (blob && queue && endpoint('Table')) return { blob, queue };
      if (isOver) break;
    }
    throw new Error(`Azurite did not start:\n${said}`);
  };
  return { endpoints: wait(), stop };
}
