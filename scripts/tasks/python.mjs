/** A Python of our own for the checks against what AWS and others publish as Python packages. */
import { createHash } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { modules } from './paths.mjs';
import { run } from './process.mjs';

/**
 * The `python` of a virtual environment that holds just these packages; made when it is not there yet.
 * @param {readonly string[]} packages pinned, such as `botocore==1.44.5`
 * @returns {Promise<string>} its path
 */
export async function ensurePython(packages) {
  const hash = createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 12);
  const folder = join(modules, '.cache', `polyfaas-python-${hash}`);
  const python = join(folder, 'bin', 'python');
  const stamp = join(folder, 'complete');
  if (existsSync(stamp)) return python;
  process.stderr.write(`polyfaas: installing ${packages.join(', ')} (once) ...\n`);
  rmSync(folder, { recursive: true, force: true });
  await mustRun('python3', ['-m', 'venv', folder]);
  await mustRun(python, ['-m', 'pip', 'install', '--quiet', ...packages]);
  writeFileSync(stamp, '');
  return python;
}

/** @param {string} command @param {readonly string[]} words */
async function mustRun(command, words) {
  const { code, output } = await run(command, words, { capture: true });
  if (code === 0) return;
  process.stderr.write(output);
  throw new Error(
    `"${command} ${words.join(' ')}" failed, see above. Python 3.9 or newer with venv is needed.`,
  );
}
