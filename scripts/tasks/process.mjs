/** Starting other programs. */
import { spawn } from 'node:child_process';

/**
 * @typedef {{ readonly code: number, readonly output: string }} Outcome
 * @typedef {{ readonly capture?: boolean, readonly env?: NodeJS.ProcessEnv, readonly cwd?: string }} RunOptions
 */

/**
 * How a program is started. On Windows the tools are .cmd files, which only a shell starts: it takes one line, in which
 * the words stand in quotes. Node itself is started as it is, and its words are quoted where they have to be.
 * @param {string} command @param {readonly string[]} args @param {string} platform
 * @returns {{ readonly command: string, readonly words: readonly string[], readonly shell: boolean }}
 */
export function startOf(command, args, platform) {
  if (platform !== 'win32' || command === process.execPath)
    return { command, words: args, shell: false };
  const quoted = args.map((word) => `"${word.replaceAll('"', '""')}"`);
  return { command: [command, ...quoted].join(' '), words: [], shell: true };
}

/**
 * Runs a program to its end. Its output is shown, or kept when `capture` is set.
 * @param {string} command @param {readonly string[]} args @param {RunOptions} [options]
 * @returns {Promise<Outcome>}
 */
export function run(command, args, { capture = false, env = process.env, cwd } = {}) {
  return new Promise((resolve, reject) => {
    const start = startOf(command, args, process.platform);
    const child = spawn(start.command, start.words, {
      env,
      cwd,
      shell: start.shell,
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
