/** Starts a real process that runs a script of the tests on the sources. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const HOOK = new URL('./register-sources.ts', import.meta.url).href;

export interface TestProcess {
  readonly child: ChildProcess;
  /** The lines that it printed so far. */
  readonly lines: readonly string[];
  readonly errors: readonly string[];
  /** Resolves with the first line that has the prefix, also when it came before; rejects when the process ends without it. */
  line(prefix: string): Promise<string>;
  /** Resolves when it has ended and all its lines have been read. */
  readonly ended: Promise<number | null>;
}

export function startProcess(script: URL, ...parameters: readonly string[]): TestProcess {
  const child = spawn(process.execPath, ['--import', HOOK, fileURLToPath(script), ...parameters], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const errors: string[] = [];
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const look of waiting) look();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    wake();
  });
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  let over = false;
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      over = true;
      wake();
      resolve(code);
    });
  });
  return {
    child,
    lines,
    errors,
    ended,
    line: (prefix) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((line) => line.startsWith(prefix));
          if (found === undefined && !over) return;
          waiting.delete(look);
          if (found === undefined) reject(new Error(`No "${prefix}": ${errors.join('\n')}`));
          else resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}
