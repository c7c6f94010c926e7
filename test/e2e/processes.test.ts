/** A manager that is closed leaves nothing behind, and its program ends by itself. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runChild } from './support/run-child.ts';

async function wholeLife(mode: string) {
  const root = mkdtempSync(join(tmpdir(), 'polyfaas-life-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const run = await runChild('./whole-life.ts', root, mode);
  expect(run).toMatchObject({ code: 0, signal: null, errors: '' });
  return { left: JSON.parse(run.lines[0] ?? '{}'), pid: run.pid };
}

describe('a program that closes its manager', () => {
  it('has no process, no socket and no worker left, and ends with code 0', async () => {
    const { left, pid } = await wholeLife('calm');
    expect(left).toMatchObject({
      said: 'hello',
      sameProcess: true,
      cancelled: [],
      children: [],
      listens: false,
      workers: [],
    });
    expect(left.otherProcess).not.toBe(pid);
    await ended(left.otherProcess);
    if (left.bundler !== undefined) await ended(left.bundler);
  });

  it('while calls are under way: they are cancelled, and nothing is left either', async () => {
    const { left } = await wholeLife('busy');
    expect(left).toMatchObject({
      cancelled: ['CANCELLED', 'CANCELLED'],
      children: [],
      listens: false,
      workers: [],
    });
    await ended(left.otherProcess);
  });
});

/** Resolves when the process is gone, which may be a moment later. */
async function ended(id: number): Promise<void> {
  while (isRunning(id)) await new Promise((resolve) => setTimeout(resolve, 10));
}

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}
