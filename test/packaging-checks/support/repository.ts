/** The files of this repository, as text. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..', '..');

const notOurs = new Set(['node_modules', 'dist', 'coverage', '.git', '.polyfaas']);

export interface RepositoryFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** All files under the given folders, sorted; the whole repository without any. */
export function repositoryFiles(...folders: readonly string[]): readonly RepositoryFile[] {
  return (folders.length === 0 ? [''] : folders)
    .flatMap((folder) => pathsUnder(folder))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

function pathsUnder(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (notOurs.has(entry.name)) return [];
    if (entry.isDirectory()) return pathsUnder(path);
    return entry.isFile() ? [path] : [];
  });
}

/** The package's own description, as far as the checks need it. */
export interface PackageDescription {
  readonly name: string;
  readonly exports: Readonly<
    Record<string, string | { readonly types: string; readonly default: string }>
  >;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

export function packageDescription(): PackageDescription {
  const description: PackageDescription = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  return description;
}
