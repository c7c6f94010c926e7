import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { parseObject } from './input-names.ts';
import { statOf } from './paths.ts';

/** Of the compiler settings that govern a folder: what decides where modules are found. */
export interface CompilerSettings {
  /** Absolute paths of the files that were read, and of those that would be read if they were there. */
  readonly files: readonly string[];
  /** From an import to the places where it may be. */
  readonly paths: readonly {
    readonly pattern: string;
    readonly targets: readonly string[];
  }[];
  /** Folders in which a package's name is looked for as a path. */
  readonly bases: readonly string[];
  /** `emitDecoratorMetadata`: the types beside decorators are to be there at run time, which no bundler does. */
  readonly wantsDecoratorTypes: boolean;
}

/** Finds the settings that the bundler takes for a folder: those of the nearest file, and no others. */
export function compilerSettingsFinder(): (folder: string) => CompilerSettings {
  const known = new Map<string, CompilerSettings>();
  const find = (folder: string): CompilerSettings => {
    const before = known.get(folder);
    if (before) return before;
    const looked: string[] = [];
    let found: CompilerSettings | undefined;
    for (const name of ['tsconfig.json', 'jsconfig.json']) {
      const path = join(folder, name);
      looked.push(path);
      if (statOf(path)?.isFile()) {
        found = readChain(path);
        break;
      }
    }
    const parent = dirname(folder);
    const rest = found ?? (parent === folder ? NOTHING : find(parent));
    const settings = { ...rest, files: [...looked, ...rest.files] };
    known.set(folder, settings);
    return settings;
  };
  return find;
}

const NOTHING: CompilerSettings = {
  files: [],
  paths: [],
  bases: [],
  wantsDecoratorTypes: false,
};

/** The places where an import may be by these settings. */
export function placesOf(settings: CompilerSettings, specifier: string): string[] {
  const places = settings.bases.map((base) => join(base, specifier));
  for (const { pattern, targets } of settings.paths) {
    const star = pattern.indexOf('*');
    const end = pattern.slice(star + 1);
    const fits =
      star === -1
        ? specifier === pattern
        : specifier.length >= pattern.length - 1 &&
          specifier.startsWith(pattern.slice(0, star)) &&
          specifier.endsWith(end);
    if (!fits) continue;
    const matched = star === -1 ? '' : specifier.slice(star, specifier.length - end.length);
    // By a function: a text would have its own meaning of `$`.
    places.push(...targets.map((target) => target.replace('*', () => matched)));
  }
  return places;
}

function readChain(first: string): CompilerSettings {
  const files: string[] = [];
  const paths: { pattern: string; targets: string[] }[] = [];
  const bases: string[] = [];
  let decoratorTypes: unknown;
  const read = (path: string): void => {
    if (files.includes(path)) return;
    files.push(path);
    if (!statOf(path)?.isFile()) return;
    const settings = parseObject(withoutComments(readFileSync(path, 'utf8')));
    const options = objectOf(settings['compilerOptions']);
    const placeOf = (from: string, written: string): string =>
      resolve(
        from,
        written.replace(/^\$\{configDir\}(?=\/|$)/, () => dirname(first)),
      );
    // The nearest file is read first, and those that it extends say what it leaves open.
    decoratorTypes ??= options['emitDecoratorMetadata'];
    const baseUrl = options['baseUrl'];
    const base = typeof baseUrl === 'string' ? placeOf(dirname(path), baseUrl) : undefined;
    if (base !== undefined) bases.push(base);
    for (const [pattern, targets] of Object.entries(objectOf(options['paths']))) {
      const from = base ?? dirname(path);
      paths.push({ pattern, targets: textsOf(targets).map((target) => placeOf(from, target)) });
    }
    for (const name of textsOf(settings['extends'])) {
      const candidates = extendedFrom(path, name);
      files.push(...candidates.looked);
      if (candidates.found !== undefined) read(candidates.found);
    }
  };
  read(first);
  return { files, paths, bases, wantsDecoratorTypes: decoratorTypes === true };
}

/** Where the settings that others extend are, as the compiler and the bundler look for them. */
function extendedFrom(
  from: string,
  name: string,
): { readonly looked: readonly string[]; readonly found?: string } {
  const looked: string[] = [];
  const first = (...paths: readonly string[]): string | undefined => {
    for (const path of paths) {
      if (statOf(path)?.isFile()) return path;
      looked.push(path);
    }
    return undefined;
  };
  if (/^\.{0,2}\/|^\.\.?$/.test(name) || isAbsolute(name)) {
    const path = resolve(dirname(from), name);
    const found = first(path, `${path}.json`);
    return { looked, ...(found === undefined ? {} : { found }) };
  }
  const home = name.split('/', name.startsWith('@') ? 2 : 1).join('/');
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const manifest = join(folder, 'node_modules', home, 'package.json');
    const place = join(folder, 'node_modules', name);
    const found = first(
      ...manifestPlaces(from, name, home, manifest),
      join(place, 'tsconfig.json'),
      place,
      `${place}.json`,
    );
    if (statOf(manifest)?.isFile()) looked.push(manifest);
    if (found !== undefined) return { looked, found };
    if (dirname(folder) === folder) return { looked };
  }
}

/** What a package's manifest names as its settings. */
function manifestPlaces(from: string, name: string, home: string, manifest: string): string[] {
  if (!statOf(manifest)?.isFile()) return [];
  const facts = parseObject(readFileSync(manifest, 'utf8'));
  const places: string[] = [];
  if (facts['exports'] !== undefined) {
    try {
      places.push(createRequire(from).resolve(name));
    } catch {
      // Not among what the package gives away: looked for as a file.
    }
  }
  const named = facts['tsconfig'];
  if (typeof named === 'string' && name === home) places.push(join(dirname(manifest), named));
  return places;
}

/** The format allows comments, and a comma after the last item. */
function withoutComments(text: string): string {
  const kept = (_match: string, written: string | undefined): string => written ?? '';
  return text
    .replace(/^\uFEFF/, '')
    .replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, kept)
    .replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, kept);
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
