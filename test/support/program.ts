/** Programs of a few lines, each in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a process came to its end. */
export interface Ended {
  /** Of one that ended by itself. */
  readonly code: number | null;
  /** What ended it otherwise. */
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a module whose text this is. */
export async function runProgram(source: string): Promise<Ended> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const [code, signal]: unknown[] = await once(child, 'close');
  return {
    code: typeof code === 'number' ? code : null,
    signal: typeof signal === 'string' ? signal : null,
    stdout,
    stderr,
  };
}
