/** The set-up behind `npm start` and `npm test`, in a small project with one tool and no need of the network. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { plainEnvironment } from './support/environment.ts';
import { root } from './support/repository.ts';

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'polyfaas-setup-'));
  cpSync(join(root, 'scripts'), join(project, 'scripts'), { recursive: true });
  writeProject('oxfmt');
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

const write = (name: string, content: unknown): void =>
  writeFileSync(join(project, name), JSON.stringify(content));

/** Tools of this project only say their names. */
function writeProject(...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(join(project, name), { recursive: true });
    write(`${name}/package.json`, { name, version: '1.0.0', bin: { [name]: 'main.mjs' } });
    const code = `#!/usr/bin/env node\nconsole.log('${name}', process.argv[2] ?? '');\n`;
    writeFileSync(join(project, name, 'main.mjs'), code, { mode: 0o755 });
  }
  const dependencies = Object.fromEntries(names.map((name) => [name, `file:${name}`]));
  const description = { name: 'small', version: '1.0.0', dependencies };
  const packages = names.flatMap((name) => [
    [`node_modules/${name}`, { resolved: name, link: true }],
    [name, { version: '1.0.0', bin: { [name]: 'main.mjs' } }],
  ]);
  write('package.json', description);
  write('package-lock.json', {
    name: 'small',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: { '': description, ...Object.fromEntries(packages) },
  });
}

const task = (
  ...words: readonly string[]
): Promise<{ readonly stdout: string; readonly stderr: string }> =>
  promisify(execFile)(process.execPath, [join(project, 'scripts', 'run.mjs'), ...words], {
    env: plainEnvironment(),
  });

test('installs once, then only when the lock says something else', async () => {
  const first = await task('format', 'README.md');
  expect(first.stdout).toBe('oxfmt README.md\n');
  expect(first.stderr).toContain('installing dependencies');

  const second = await task('format');
  expect(second.stdout).toBe('oxfmt \n');
  expect(second.stderr).toBe('');

  writeProject('oxfmt', 'oxlint');
  const third = await task('lint');
  expect(third.stdout).toBe('oxlint \n');
  expect(third.stderr).toContain('installing dependencies');
});

test('takes what somebody else has installed as it is, when it is what the lock says', async () => {
  await task('format');
  rmSync(join(project, 'node_modules', '.polyfaas-setup'));
  expect((await task('format')).stderr).toBe('');
});

test('two commands at once set up one after the other', async () => {
  const runs = await Promise.all([task('format', 'a'), task('format', 'b')]);
  expect(runs.map(({ stdout }) => stdout)).toEqual(['oxfmt a\n', 'oxfmt b\n']);
  expect(runs.filter(({ stderr }) => stderr.includes('installed in'))).toHaveLength(1);
});

test('a set-up that fails says so, and leaves no mark of success', async () => {
  write('package-lock.json', { ...JSON.parse(readLock()), packages: {} });
  await expect(task('format')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('npm ci failed'),
  });
  await expect(task('format')).rejects.toMatchObject({ code: 1 });
});

test('an unknown task names the known ones', async () => {
  await expect(task('tests')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/no task "tests"; there are: .*\btest\b/),
  });
});

const readLock = (): string => readFileSync(join(project, 'package-lock.json'), 'utf8');
