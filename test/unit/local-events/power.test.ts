import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryFolders } from '../local-store/temporary-folder.ts';

const run = promisify(execFile);
const HOOK = fileURLToPath(new URL('../local-store/register-sources.ts', import.meta.url));
const CHILD = fileURLToPath(new URL('./power-child.ts', import.meta.url));
const WATCHED = new Set(['fsync', 'rename']);

interface TraceEvent {
  readonly ph: string;
  readonly ts: number;
  readonly name: string;
}

const newFolder = temporaryFolders();

/** What Node asked of the file system, in order, as it records it itself. */
async function callsOfPut(durability: string): Promise<string[]> {
  const folder = newFolder();
  const log = join(folder, 'log.json');
  await run(process.execPath, [
    '--trace-event-categories=node.fs.sync,node.fs.async',
    `--trace-event-file-pattern=${log}`,
    '--import',
    HOOK,
    CHILD,
    join(folder, 'state'),
    durability,
  ]);
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(await readFile(log, 'utf8'));
  const calls = traceEvents
    .filter(({ ph }) => ph.toLowerCase() === 'b')
    .toSorted((a, b) => a.ts - b.ts)
    .map(({ name }) => name.replace('fs.sync.', ''))
    .filter((name) => WATCHED.has(name));
  // What comes before the object is the opening of the state folder.
  return calls.slice(Math.max(0, calls.indexOf('rename') - 1));
}

describe.runIf(process.platform !== 'win32')('an object that was put', () => {
  it('is on the disk, with the folders that lead to it, before its row under "power"', async () => {
    // The file; then the folder that it is in, and the one above, where that may be new.
    expect(await callsOfPut('power')).toEqual(['fsync', 'rename', 'fsync', 'fsync']);
  });

  it('waits for no disk under "process"', async () => {
    expect(await callsOfPut('process')).toEqual(['rename']);
  });
});
