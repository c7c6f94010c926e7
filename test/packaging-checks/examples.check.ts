/** The demonstration of `npm start`, on the package as users get it. */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { builtPackage } from './support/built-package.ts';
import { plainEnvironment } from './support/environment.ts';
import { runningInGroup } from './support/process-group.ts';
import { root } from './support/repository.ts';

let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'polyfaas-examples-'));
});
afterEach(() => rmSync(temporary, { recursive: true, force: true }));

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Its process group, with which whatever it left behind can be found. */
  readonly group: number;
}

async function demonstrate(environment: Readonly<Record<string, string>> = {}): Promise<Run> {
  const { folder } = await builtPackage();
  cpSync(join(root, 'examples'), join(folder, 'examples'), {
    recursive: true,
    filter: (path) => !path.endsWith('.polyfaas'),
  });
  const child = spawn(process.execPath, [join(folder, 'examples', 'demo', 'main.ts')], {
    env: { ...plainEnvironment(), TMPDIR: temporary, NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (texts.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (texts.stderr += String(chunk)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, ...texts, group: child.pid ?? 0 };
}

test('the main job runs to its end, and leaves neither a process nor a file', async () => {
  const { code, stdout, stderr, group } = await demonstrate();
  expect(`${stderr}${stdout}`).not.toContain('✘');
  expect(code).toBe(0);
  for (const title of ['CORS preflight', 'signed token', 'poisoned', 'upload', 'topic', 'bus'])
    expect(stdout).toMatch(new RegExp(`✔ .*${title}`));
  for (const title of ['schedule', 'pre-warm', 'second version', 'roll back', 'remove'])
    expect(stdout).toMatch(new RegExp(`✔ .*${title}`));
  expect(stdout).toMatch(/function +calls +errors +cold/);
  expect(stdout).toMatch(/\d+ steps in [\d.]+ s\n$/);
  expect(readdirSync(temporary)).toEqual([]);
  // The bundler's process sees that its parent is gone, and ends by itself.
  await vi.waitFor(() => expect(runningInGroup(group)).toEqual([]), { timeout: 20_000 });
});

test('what a platform cannot do is one clear line, not a stack trace', async () => {
  const { code, stdout, stderr } = await demonstrate({ CLOUD: 'vercel' });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^polyfaas: shop on vercel\n/);
  expect(stderr).toMatch(/^UNSUPPORTED: functions\.orders\.events\.[^\n]+'beta'[^\n]+\n$/);
  expect(readdirSync(temporary)).toEqual([]);
});
