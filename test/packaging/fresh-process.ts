import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SHIM } from './project.ts';

const run = promisify(execFile);
const PROGRAM = fileURLToPath(new URL('./fixtures/package-program.ts', import.meta.url));

interface Answer {
  readonly digest: string;
  readonly zip: string;
  readonly loaded: readonly string[];
}

/** Packages in a fresh process, and says what that process loaded. */
export async function inFreshProcess(
  root: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { stdout } = await run(process.execPath, [PROGRAM, root, SHIM], {
    env: { PATH: process.env['PATH'], ...env },
  });
  const answer: Answer = JSON.parse(stdout);
  return answer;
}
