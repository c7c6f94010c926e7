/** The package as users get it, in a temporary folder that goes when the process ends. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { plainEnvironment } from './environment.ts';
import { root } from './repository.ts';

const run = promisify(execFile);

export interface BuiltPackage {
  /** Holds `package.json` and `dist`. */
  readonly folder: string;
  /** A folder from which `import 'polyfaas'` finds the package. */
  readonly consumer: string;
}

let building: Promise<BuiltPackage> | undefined;

export function builtPackage(): Promise<BuiltPackage> {
  building ??= build();
  return building;
}

async function build(): Promise<BuiltPackage> {
  const base = mkdtempSync(join(tmpdir(), 'polyfaas-built-'));
  process.once('exit', () => rmSync(base, { recursive: true, force: true }));
  const folder = join(base, 'package');
  const consumer = join(base, 'consumer');
  mkdirSync(join(consumer, 'node_modules'), { recursive: true });
  mkdirSync(folder);
  for (const name of [
    'package.json',
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'LICENSE',
    'bench',
    'docs',
    'examples',
    'tools',
  ])
    if (existsSync(join(root, name)))
      cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  symlinkSync(folder, join(consumer, 'node_modules', 'polyfaas'), 'dir');
  // Built when it is not what the sources are, as before every other command.
  await run(process.execPath, [join(root, 'scripts', 'run.mjs'), 'setup'], {
    env: plainEnvironment(),
  });
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  return { folder, consumer };
}
