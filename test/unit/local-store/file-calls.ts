/** What a program asks of the file system, in order, as Node records it itself. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const HOOK = new URL('register-sources.ts', import.meta.url).href;
const WATCHED = new Set(['fsync', 'rename']);

interface TraceEvent {
  readonly ph: string;
  readonly ts: number;
  readonly name: string;
}

/**
 * @param folder takes the record.
 * @returns `fsync` and `rename`, as often as they were called.
 */
export async function fileCallsOf(
  program: URL,
  folder: string,
  words: readonly string[],
): Promise<readonly string[]> {
  const log = join(folder, 'log.json');
  await run(process.execPath, [
    '--trace-event-categories=node.fs.sync,node.fs.async',
    `--trace-event-file-pattern=${log}`,
    '--import',
    HOOK,
    fileURLToPath(program),
    ...words,
  ]);
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(await readFile(log, 'utf8'));
  return traceEvents
    .filter(({ ph }) => ph.toLowerCase() === 'b')
    .toSorted((a, b) => a.ts - b.ts)
    .map(({ name }) => name.replace('fs.sync.', ''))
    .filter((name) => WATCHED.has(name));
}
