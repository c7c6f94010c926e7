/** The package as users get it: built once a process into a temporary folder, which goes when the process ends. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
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
  for (const name of ['package.json', 'README.md', 'LICENSE', 'tools'])
    if (existsSync(join(root, name)))
      cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  symlinkSync(folder, join(consumer, 'node_modules', 'polyfaas'), 'dir');
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  // Types are checked by `npm run check`; here the shape of what is emitted counts.
  const words = ['-p', join(root, 'tsconfig.json'), '--outDir', join(folder, 'dist'), '--noCheck'];
  await run(process.execPath, [compiler, ...words]);
  return { folder, consumer };
}
