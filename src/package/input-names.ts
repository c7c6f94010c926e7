import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { OWN_FOLDER } from './entry-module.ts';
import { isInside, statOf, toPosix } from './paths.ts';

/** A package's manifest. */
export interface ManifestFacts {
  /** Absolute. */
  readonly path: string;
  readonly name: string | undefined;
}

/** Finds the manifest that governs a folder; remembers, since a bundle has hundreds of files in few folders. */
export function manifestFinder(): (folder: string) => ManifestFacts | undefined {
  const known = new Map<string, ManifestFacts | undefined>();
  const find = (folder: string): ManifestFacts | undefined => {
    if (known.has(folder)) return known.get(folder);
    const path = join(folder, 'package.json');
    const parent = dirname(folder);
    const found = statOf(path)?.isFile()
      ? readManifest(path)
      : parent === folder
        ? undefined
        : find(parent);
    known.set(folder, found);
    return found;
  };
  return find;
}

function readManifest(path: string): ManifestFacts {
  const manifest = parseObject(readFileSync(path, 'utf8'));
  return {
    path,
    name: typeof manifest['name'] === 'string' ? manifest['name'] : undefined,
  };
}

/** A JSON object; anything else is an empty one. */
export function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/**
 * Names a file so that the name is the same on every machine and in every folder: by the root, by the package, or by
 * this library. Takes a root-relative path.
 */
export function inputNamer(
  root: string,
  shimModule: string,
  findManifest: (folder: string) => ManifestFacts | undefined,
): (path: string) => string {
  const shimFolder = dirname(shimModule);
  // A folder's files are all named alike, and there are far fewer folders than files.
  const prefixes = new Map<string, string>();
  const prefixOf = (folder: string): string => {
    const absolute = resolve(root, folder);
    const own = toPosix(relative(OWN_FOLDER, absolute));
    if (/^(?:src|providers)(?:\/|$)/.test(own)) return `polyfaas:${own}/`;
    if (isInside(root, absolute)) return folder;
    const modules = folder.indexOf('node_modules/');
    if (modules !== -1) return folder.slice(modules);
    if (isInside(shimFolder, absolute))
      return `shim:${asFolder(toPosix(relative(shimFolder, absolute)))}`;
    const manifest = findManifest(absolute);
    if (manifest?.name === undefined) return folder;
    return `package:${manifest.name}/${asFolder(toPosix(relative(dirname(manifest.path), absolute)))}`;
  };
  return (path) => {
    const slash = path.lastIndexOf('/') + 1;
    const folder = path.slice(0, slash);
    const prefix = prefixes.get(folder) ?? prefixOf(folder);
    prefixes.set(folder, prefix);
    const file = path.slice(slash);
    // Sources and build of this library are one thing.
    return prefix + (prefix.startsWith('polyfaas:') ? file.replace(/\.[jt]s$/, '') : file);
  };
}

const asFolder = (path: string): string => (path === '' ? '' : `${path}/`);
