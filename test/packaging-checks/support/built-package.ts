/** The package as users get it, in a temporary folder that goes when the process ends. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryFiles, root } from './repository.ts';

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
  cpSync(await emitted(), join(folder, 'dist'), { recursive: true });
  return { folder, consumer };
}

/** What the compiler makes of the sources. It is kept, since several processes of one run ask for it. */
async function emitted(): Promise<string> {
  const kept = join(root, 'node_modules/.cache/polyfaas-built');
  const dist = join(kept, digestOfSources());
  if (existsSync(dist)) return dist;
  mkdirSync(kept, { recursive: true });
  for (const older of readdirSync(kept).filter((name) => !name.startsWith('.')))
    rmSync(join(kept, older), { recursive: true, force: true });
  const unfinished = mkdtempSync(join(kept, '.'));
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  // Types are checked by `npm run check`; here the shape of what is emitted counts.
  const words = ['-p', join(root, 'tsconfig.json'), '--outDir', unfinished, '--noCheck'];
  await run(process.execPath, [compiler, ...words]);
  try {
    renameSync(unfinished, dist);
  } catch (error) {
    rmSync(unfinished, { recursive: true });
    // Another process was first.
    if (!existsSync(dist)) throw error;
  }
  return dist;
}

function digestOfSources(): string {
  const hash = createHash('sha256');
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.json'])
    hash.update(readFileSync(join(root, name)));
  for (const { path, text } of repositoryFiles('src', 'providers'))
    hash.update(JSON.stringify([path, text]));
  return hash.digest('hex');
}
