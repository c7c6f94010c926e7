/** Lets `npm start` and `npm test`, run side by side in a fresh clone, set up one after the other. */
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './paths.mjs';

// Outside node_modules, which `npm ci` removes.
const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
const lockFile = join(tmpdir(), `polyfaas-setup-${name}.lock`);

/**
 * @template Result
 * @param {() => Result | Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function withSetupLock(work) {
  await acquire();
  const release = () => rmSync(lockFile, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    release();
    process.removeListener('exit', release);
  }
}

async function acquire() {
  for (let told = false; ; await sleep(200)) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    if (!ownerLives()) rmSync(lockFile, { force: true });
    else if (!told) {
      told = true;
      process.stderr.write('polyfaas: waiting for another set-up of this folder\n');
    }
  }
}

function ownerLives() {
  try {
    const owner = Number(readFileSync(lockFile, 'utf8'));
    // An empty file is a lock that is being written.
    if (owner > 0) process.kill(owner, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
