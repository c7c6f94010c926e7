import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import type { ManifestFacts } from './input-names.ts';
import { inNodeModules, isInside, statOf, toPosix } from './paths.ts';

const COMPILER_SETTINGS = ['tsconfig.json', 'jsconfig.json'];
const INSTALL_RECORDS = [
  '.package-lock.json',
  '.modules.yaml',
  '.yarn-state.yml',
  '.yarn-integrity',
];

/** Files that were not bundled, and yet decide what the bundler writes. */
export interface Guards {
  /** Root-relative paths to watch: a change of any, or its coming or going, means bundling again. */
  readonly watched: readonly string[];
  /** Root-relative paths of the compiler settings found, whose contents are part of the digest. */
  readonly settings: readonly string[];
}

/** An import such as `./words/**\/*.ts`, which the bundler makes of one with a name that is known only later. */
export interface ImportPattern {
  /** Root-relative path of the file that imports. */
  readonly importer: string;
  /** Relative to that file. */
  readonly pattern: string;
}

/** All such imports of the user's own files. */
export function importPatterns({ inputs }: Metafile): ImportPattern[] {
  return Object.entries(inputs).flatMap(([name, { imports }]) =>
    inNodeModules(name)
      ? []
      : imports
          .filter(({ external, path }) => external === true && /^\.{1,2}\/.*\*/.test(path))
          .map(({ path }) => ({
            importer: name.replace(/^[a-z-]{2,}:/, ''),
            pattern: path,
          })),
  );
}

/**
 * What could change the bundle without any of its inputs changing: compiler settings, package manifests, a file or a
 * package that comes nearer than the one that was found.
 *
 * @param inputs root-relative paths of the files bundled
 * @param patterns imports of many files at once: a new file anywhere below may match
 */
export function guardsOf(
  root: string,
  inputs: readonly string[],
  findManifest: (folder: string) => ManifestFacts | undefined,
  patterns: readonly ImportPattern[] = [],
): Guards {
  const watched = new Set<string>();
  const settings = new Set<string>();
  const note = (absolute: string): string => {
    const path = toPosix(relative(root, absolute));
    watched.add(path);
    return path;
  };
  const folders = new Set(inputs.map((path) => dirname(resolve(root, path))));
  const above = new Set<string>();
  for (const { importer, pattern } of patterns) {
    const start = pattern.slice(0, pattern.lastIndexOf('/', pattern.indexOf('*')) + 1);
    for (const folder of foldersUnder(resolve(root, dirname(importer), start))) note(folder);
  }
  for (const folder of folders) {
    const manifest = findManifest(folder);
    if (manifest) note(manifest.path);
    const posix = toPosix(folder);
    if (inNodeModules(`${posix}/`)) {
      for (const path of packageFiles(posix)) note(path);
      continue;
    }
    note(folder);
    for (let at = folder; !above.has(at); at = dirname(at)) above.add(at);
  }
  for (const folder of above) {
    if (isInside(root, folder)) note(join(folder, 'node_modules'));
    for (const name of COMPILER_SETTINGS) {
      for (const path of withExtended(join(folder, name))) {
        const noted = note(path);
        if (statOf(path)?.isFile()) settings.add(noted);
      }
    }
  }
  return { watched: [...watched].sort(), settings: [...settings] };
}

/** A folder and all below it; installed modules and hidden folders left out. */
function* foldersUnder(folder: string): Iterable<string> {
  yield folder;
  if (!statOf(folder)?.isDirectory()) return;
  for (const item of readdirSync(folder, { withFileTypes: true })) {
    if (!item.isDirectory() || item.name === 'node_modules' || item.name.startsWith('.')) continue;
    yield* foldersUnder(join(folder, item.name));
  }
}

/** The manifest of the package that a folder is of, and the installer's record beside it. */
function packageFiles(folder: string): string[] {
  const at = folder.lastIndexOf('/node_modules/');
  if (at === -1) return [];
  const modules = folder.slice(0, at + '/node_modules'.length);
  const [first = '', second = ''] = folder.slice(modules.length + 1).split('/');
  const home = join(modules, first.startsWith('@') ? `${first}/${second}` : first);
  return [join(home, 'package.json'), ...INSTALL_RECORDS.map((name) => join(modules, name))];
}

/** A settings file and those that it extends. */
function* withExtended(path: string, depth = 0): Iterable<string> {
  yield path;
  if (depth > 8 || !statOf(path)?.isFile()) return;
  // The format allows comments, so it is searched rather than parsed; a match too many is only watched.
  const extended =
    /"extends"\s*:\s*(\[[^\]]*\]|"[^"]*")/.exec(readFileSync(path, 'utf8'))?.[1] ?? '';
  for (const [, name = ''] of extended.matchAll(/"([^"]+)"/g)) {
    const found = locate(path, name);
    if (found !== undefined) yield* withExtended(found, depth + 1);
  }
}

function locate(from: string, name: string): string | undefined {
  if (name.startsWith('.') || name.startsWith('/')) {
    const path = resolve(dirname(from), name);
    return statOf(path)?.isFile() ? path : `${path.replace(/\.json$/, '')}.json`;
  }
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}
