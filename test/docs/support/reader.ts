/** Does what a reader does: writes the files of a page into a folder, and runs them with the package as published. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformSync } from 'esbuild';
import { builtPackage } from '../../packaging-checks/support/built-package.ts';
import { plainEnvironment } from '../../packaging-checks/support/environment.ts';
import { root } from '../../packaging-checks/support/repository.ts';
import { fixtures } from './compile.ts';
import type { Snippet } from './pages.ts';

export interface Run {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Project extends AsyncDisposable {
  readonly folder: string;
  write(path: string, text: string): void;
  remove(path: string): void;
  /** Runs Node, with the words given, in the project's folder. */
  node(...words: readonly string[]): Promise<Run>;
}

/** A new project with the files that these snippets name; what no snippet shows comes from the fixtures. */
export async function openProject(snippets: readonly Snippet[]): Promise<Project> {
  const { folder: built } = await builtPackage();
  const folder = mkdtempSync(join(tmpdir(), 'polyfaas-docs-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), path.endsWith('.ts') ? forThisNode(text) : text);
  };
  write('package.json', '{ "name": "shop", "private": true, "type": "module" }');
  cpSync(fixtures, folder, { recursive: true });
  for (const { file, code } of snippets) if (file !== undefined) write(file, code);
  const packages = join(folder, 'node_modules');
  mkdirSync(packages);
  symlinkSync(built, join(packages, 'polyfaas'), 'junction');
  // The author of an adapter has these as dependencies.
  for (const name of ['inversify', 'zod']) {
    symlinkSync(join(root, 'node_modules', name), join(packages, name), 'junction');
  }
  return {
    folder,
    write,
    remove: (path) => rmSync(join(folder, path)),
    node: (...words) => run(folder, words),
    [Symbol.asyncDispose]: async () =>
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** `await using` needs Node 24; before that, a reader has a compiler. */
function forThisNode(code: string): string {
  if (Number.parseInt(process.versions.node, 10) >= 24) return code;
  return transformSync(code, { loader: 'ts', target: 'node22' }).code;
}

function run(cwd: string, words: readonly string[]): Promise<Run> {
  const { CLOUD: _cloud, STAGE: _stage, ...env } = plainEnvironment();
  return new Promise((resolve) => {
    const options = { cwd, env: { ...env, NO_COLOR: '1' }, timeout: 150_000 };
    execFile(process.execPath, words, options, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });
}
