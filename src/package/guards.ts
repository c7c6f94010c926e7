import { readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import { compilerSettingsFinder, placesOf } from './compiler-settings.ts';
import { ENTRY_NAME } from './entry-module.ts';
import { isFileName, isInline, withoutNamespace } from './input-files.ts';
import type { ManifestFacts } from './input-names.ts';
import { inNodeModules, isPathImport, realpathOf, statOf, toPosix } from './paths.ts';
import { WatchList } from './watch-list.ts';

const INSTALL_RECORDS = [
  '.package-lock.json',
  '.modules.yaml',
  '.yarn-state.yml',
  '.yarn-integrity',
];

/** What decides what the bundler writes, and is no input of it. */
export interface Guards {
  /** Root-relative paths to watch: a change of any, or its coming or going, means bundling again. */
  readonly watched: readonly string[];
  /** Root-relative paths of links that were followed. */
  readonly links: readonly string[];
}

/** An import such as `./words/**\/*.ts`, which the bundler makes of one with a name that is known only later. */
export interface ImportPattern {
  /** Root-relative path of the file that imports. */
  readonly importer: string;
  /** Relative to that file. */
  readonly pattern: string;
}

/** What a bundle is made of, for {@link guardsOf}. */
export interface Guarded {
  readonly metafile: Metafile;
  /** Root-relative paths of the files bundled. */
  readonly inputs: readonly string[];
  /** Root-relative paths of the files that are added as they are because a module needs them. */
  readonly traced: readonly string[];
  /** Absolute paths of links that led to them. */
  readonly tracedLinks: readonly string[];
}

/** All imports of many files at once. */
export function importPatterns({ inputs }: Metafile): ImportPattern[] {
  return Object.entries(inputs).flatMap(([name, { imports }]) =>
    imports
      .filter(({ external, path }) => external === true && isPattern(path))
      .map(({ path }) => ({ importer: withoutNamespace(name), pattern: path })),
  );
}

const isPattern = (path: string): boolean => /^\.{1,2}\/.*\*/.test(path);

/**
 * What could change the bundle without any of its inputs changing: compiler settings, package manifests, a file or a
 * package that comes nearer than the one that was found, a link that leads elsewhere.
 */
export function guardsOf(
  root: string,
  made: Guarded,
  findManifest: (folder: string) => ManifestFacts | undefined,
): Guards {
  const list = new WatchList(root);
  const guard = new Guard(list, findManifest);
  for (const path of [...made.inputs, ...made.traced]) guard.folder(dirname(resolve(root, path)));
  for (const path of made.traced) if (!inNodeModules(path)) list.note(dirname(resolve(root, path)));
  for (const path of made.tracedLinks) list.noteLinks(path, dirname(path));
  for (const { importer, pattern } of importPatterns(made.metafile)) {
    const from = resolve(root, dirname(importer));
    const start = resolve(
      from,
      pattern.slice(0, pattern.lastIndexOf('/', pattern.indexOf('*')) + 1),
    );
    list.noteLinks(start, from);
    for (const folder of foldersUnder(start)) list.note(folder);
  }
  for (const [name, { imports }] of Object.entries(made.metafile.inputs)) {
    if (isInline(name)) guard.folder(root);
    if (!isFileName(name) && !isInline(name) && name !== ENTRY_NAME) continue;
    const from = resolve(root, dirname(withoutNamespace(name)));
    for (const { path, original, external } of imports) {
      if (isPattern(path) && external === true) continue;
      const found = external === true ? undefined : resolve(root, withoutNamespace(path));
      guard.import(from, original ?? path, found);
    }
  }
  return { watched: list.paths, links: list.links };
}

class Guard {
  readonly #list: WatchList;
  readonly #findManifest: (folder: string) => ManifestFacts | undefined;
  readonly #settingsOf = compilerSettingsFinder();
  readonly #folders = new Set<string>();
  readonly #modules = new Map<string, readonly string[]>();
  readonly #imports = new Set<string>();

  constructor(list: WatchList, findManifest: (folder: string) => ManifestFacts | undefined) {
    this.#list = list;
    this.#findManifest = findManifest;
  }

  /** What governs the files of a folder. */
  folder(folder: string): void {
    if (this.#folders.has(folder)) return;
    this.#folders.add(folder);
    const found = this.#findManifest(folder);
    const own = !inNodeModules(`${toPosix(folder)}/`);
    const home = homeOf(folder);
    if (found) this.#list.note(found.path);
    if (own) {
      const top = found === undefined ? undefined : dirname(found.path);
      // One that comes nearer says whether its files are modules, and whether they have side effects.
      for (let at = folder; at !== top; at = dirname(at)) {
        this.#list.note(join(at, 'package.json'));
        if (dirname(at) === at) break;
      }
      for (const path of this.#settingsOf(folder).files) this.#list.note(path);
    } else {
      this.#list.note(join(home, 'package.json'));
    }
    this.#modulesAbove(own ? folder : home);
  }

  /** Where an import was looked for. */
  import(from: string, written: string, found: string | undefined): void {
    if (/^(?:<|#|data:|node:)/.test(written) || isBuiltin(written)) return;
    const own = !inNodeModules(`${toPosix(from)}/`);
    if (isPathImport(written)) {
      // The files of an installed package come and go with it.
      if (own) this.#list.noteCandidate(resolve(from, written), from, found);
      return;
    }
    const key = `${own ? from : homeOf(from)}\0${written}\0${found ?? ''}`;
    if (this.#imports.has(key)) return;
    this.#imports.add(key);
    this.#package(from, written, found, own);
    if (!own) return;
    for (const place of placesOf(this.#settingsOf(from), written))
      this.#list.noteCandidate(place, from, found);
  }

  /** A package may come nearer, its scope's folder too; and a linked one has files of the user's own. */
  #package(from: string, written: string, found: string | undefined, own: boolean): void {
    const parts = written.split('/');
    const scoped = written.startsWith('@') && parts.length > 1;
    const name = parts.slice(0, scoped ? 2 : 1).join('/');
    for (const modules of this.#modulesAbove(own ? from : homeOf(from))) {
      if (scoped) this.#list.note(join(modules, parts[0] ?? ''));
      if (!own) continue;
      const home = join(modules, name);
      if (!statOf(home)) continue;
      this.#list.noteLinks(home, from);
      this.#list.note(join(home, 'package.json'));
      const real = realpathOf(home) ?? home;
      if (found !== undefined && !inNodeModules(toPosix(real))) {
        this.#list.noteCandidate(join(home, ...parts.slice(scoped ? 2 : 1)), from, found);
      }
      return;
    }
  }

  /** The folders of installed packages that a folder's imports are looked for in; those that are there. */
  #modulesAbove(folder: string): readonly string[] {
    const known = this.#modules.get(folder);
    if (known) return known;
    const parent = dirname(folder);
    const rest = parent === folder ? [] : this.#modulesAbove(parent);
    let found = rest;
    if (!toPosix(folder).endsWith('/node_modules')) {
      const modules = join(folder, 'node_modules');
      this.#list.note(modules);
      if (statOf(modules)?.isDirectory()) {
        found = [modules, ...rest];
        // Installers keep their records at the top.
        if (!inNodeModules(toPosix(folder)))
          for (const name of INSTALL_RECORDS) this.#list.note(join(modules, name));
      }
    }
    this.#modules.set(folder, found);
    return found;
  }
}

/** The folder of the package that an installed folder is of. */
function homeOf(folder: string): string {
  const posix = `${toPosix(folder)}/`;
  const at = posix.lastIndexOf('/node_modules/');
  if (at === -1) return folder;
  const modules = posix.slice(0, at + '/node_modules'.length);
  const [first = '', second = ''] = posix.slice(modules.length + 1).split('/');
  return join(modules, first.startsWith('@') ? `${first}/${second}` : first);
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
