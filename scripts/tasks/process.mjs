/** Starting other programs. */
import { spawn } from 'node:child_process';

const onWindows = process.platform === 'win32';

/**
 * @typedef {{ readonly code: number, readonly output: string }} Outcome
 * @typedef {{ readonly capture?: boolean, readonly env?: NodeJS.ProcessEnv, readonly cwd?: string }} RunOptions
 */

/**
 * Runs a program to its end. Its output is shown, or kept when `capture` is set.
 * @param {string} command @param {readonly string[]} args @param {RunOptions} [options]
 * @returns {Promise<Outcome>}
 */
export function run(command, args, { capture = false, env = process.env, cwd } = {}) {
  return new Promise((resolve, reject) => {
    // On Windows the tools are .cmd files, which only a shell starts.
    const words = onWindows ? args.map((word) => `"${word.replaceAll('"', '""')}"`) : args;
    const child = spawn(command, words, {
      env,
      cwd,
      shell: onWindows && command !== process.execPath,
      stdio: capture ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    const forward = () => void child.kill('SIGTERM');
    process.once('SIGTERM', forward);
    child.once('error', (error) => {
      process.removeListener('SIGTERM', forward);
      reject(error);
    });
    child.once('close', (code, signal) => {
      process.removeListener('SIGTERM', forward);
      resolve({ code: code ?? (signal ? 1 : 0), output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}
