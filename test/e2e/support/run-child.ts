/** Runs a script on the sources in a process of its own, to its end. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const HOOK = new URL('./register-sources.ts', import.meta.url).href;

export interface ChildRun {
  readonly pid: number;
  /** Null when it was ended by a signal. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

export async function runChild(
  script: string,
  ...parameters: readonly string[]
): Promise<ChildRun> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, ['--import', HOOK, path, ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise<Pick<ChildRun, 'code' | 'signal'>>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const [output, errors, end] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const lines = output.split('\n').filter((line) => line !== '');
  return { pid: child.pid ?? 0, lines, errors, ...end };
}
