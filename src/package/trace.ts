import { lstatSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, parse, relative, resolve } from 'node:path';
import type * as Tracer from '@vercel/nft';
import type { AddedFile } from './added-file.ts';
import type { ExternalModule } from './bundle.ts';
import { refused } from './errors.ts';
import { homeOf, refuseTwoVersions } from './external-homes.ts';
import { fileMode } from './file-mode.ts';
import { withoutNamespace } from './input-files.ts';
import { loadOptional } from './optional.ts';
import { inNodeModules, isInside, realpathOf, toPosix } from './paths.ts';

/** The files of the modules that stay outside of the bundle, and the modules that are not there. */
export interface Trace {
  readonly files: readonly AddedFile[];
  /** Absolute paths of the links that led to them. */
  readonly links: readonly string[];
  /** Not installed under the root: the platform must have them. */
  readonly absent: readonly string[];
}

/** Finds every file that the modules need, and where each must be in the artifact so that Node finds it. */
export async function trace(
  root: string,
  functionName: string,
  modules: readonly ExternalModule[],
): Promise<Trace> {
  const named = modules.filter(
    ({ specifier }) => !isAbsolute(specifier) && !specifier.startsWith('.'),
  );
  const names = [
    ...new Set(named.map(({ specifier }) => packageRoot(`node_modules/${specifier}`))),
  ];
  // An optional `require` of what nobody has installed, or what the platform has: there is nothing to add.
  const wanted = named.filter(
    ({ specifier, importer }) =>
      homeOf(root, importer, afterModules(packageRoot(`node_modules/${specifier}`))) !== undefined,
  );
  if (wanted.length === 0) return { files: [], links: [], absent: names.map(afterModules).sort() };
  refuseTwoVersions(root, functionName, wanted);
  const { nodeFileTrace } = loadOptional<typeof Tracer>('@vercel/nft', purposeFor(wanted));
  const starts = startFiles(root, wanted);
  const base = parse(root).root;
  const result = await nodeFileTrace([...starts.keys()], {
    base,
    processCwd: root,
    cache: { fileCache: new Map([...starts].map(([path, text]) => [path, Promise.resolve(text)])) },
    log: false,
  });
  const paths = [...result.fileList]
    .map((path) => resolve(base, path))
    .filter((path) => !starts.has(path));
  const links = linksOf(paths);
  const files = place(root, functionName, paths, links);
  const have = new Set(files.map(({ path }) => packageRoot(path)));
  return {
    files,
    links: links.map(({ path }) => path),
    absent: names
      .filter((name) => !have.has(name))
      .map(afterModules)
      .sort(),
  };
}

const NAMED_AT_MOST = 3;

function purposeFor(modules: readonly ExternalModule[]): string {
  const named = modules
    .slice(0, NAMED_AT_MOST)
    .map(({ specifier, importer }) => `"${specifier}" (imported by ${withoutNamespace(importer)})`);
  const more = modules.length > NAMED_AT_MOST ? ' and others' : '';
  return `add what cannot be bundled, or is not to be: ${named.join(', ')}${more}`;
}

/** Files that exist for the tracer alone, where the importers are, so that each module is found as Node would find it. */
function startFiles(root: string, modules: readonly ExternalModule[]): ReadonlyMap<string, string> {
  const starts = new Map<string, string>();
  for (const { specifier, importer, kind } of modules) {
    const folder = dirname(resolve(root, withoutNamespace(importer)));
    const path = join(folder, kind === 'import' ? 'polyfaas-trace.mjs' : 'polyfaas-trace.cjs');
    const name = JSON.stringify(specifier);
    const line = kind === 'import' ? `import ${name};\n` : `require(${name});\n`;
    const text = starts.get(path) ?? '';
    if (!text.includes(line)) starts.set(path, text + line);
  }
  return starts;
}

interface Link {
  readonly path: string;
  readonly real: string;
}

const linksOf = (paths: readonly string[]): Link[] =>
  paths.flatMap((path) => {
    const real = lstatSync(path).isSymbolicLink() ? realpathOf(path) : undefined;
    return real === undefined ? [] : [{ path, real }];
  });

function place(
  root: string,
  functionName: string,
  paths: readonly string[],
  links: readonly Link[],
): AddedFile[] {
  const owners = ownersOf(paths.map((path) => toPosix(relative(root, path))));
  const placed = new Map<string, AddedFile>();
  for (const source of paths) {
    const stat = lstatSync(source);
    if (!stat.isFile()) continue;
    const path = placeOf(root, source, links, owners);
    if (path === undefined) continue;
    const bytes = readFileSync(source);
    const file: AddedFile = {
      path,
      source: toPosix(relative(root, source)),
      mode: fileMode(path, stat.mode, bytes),
      bytes,
    };
    const other = placed.get(path);
    if (other && Buffer.compare(other.bytes, file.bytes) !== 0) {
      throw refused(
        functionName,
        `two versions of one module would be at "${path}" of the artifact: ${other.source} and ${file.source}. Install one version of it (for example with "overrides"), or bundle one of them.`,
      );
    }
    placed.set(path, file);
  }
  return [...placed.values()];
}

/**
 * Where a file goes. Packages reached through links, as in workspaces and stores, go where the link is; those installed
 * within a package that is bundled go where the bundle finds them.
 */
function placeOf(
  root: string,
  source: string,
  links: readonly Link[],
  owners: ReadonlySet<string>,
): string | undefined {
  const posix = toPosix(relative(root, source));
  const link = links.find(({ real }) => isInside(real, source));
  if (inNodeModules(posix)) {
    if (!link && !posix.includes('node_modules/.')) return withoutBundled(posix, owners);
    return `node_modules/${afterModules(posix)}`;
  }
  if (!link || !inNodeModules(toPosix(link.path))) return undefined;
  return `node_modules/${afterModules(toPosix(link.path))}/${toPosix(relative(link.real, source))}`;
}

/** The packages that have files of their own among these, more than a manifest: those that are not bundled. */
function ownersOf(paths: readonly string[]): ReadonlySet<string> {
  return new Set(
    paths.flatMap((path) => {
      const at = path.lastIndexOf('node_modules/');
      const inside = path.slice(at + 'node_modules/'.length).split('/');
      const home = inside.splice(0, inside[0]?.startsWith('@') ? 2 : 1).join('/');
      return at === -1 || inside.join('/') === 'package.json'
        ? []
        : [`${path.slice(0, at)}node_modules/${home}`];
    }),
  );
}

/** `node_modules/a/node_modules/b/i.js`, where `a` is bundled, is `node_modules/b/i.js`. */
function withoutBundled(path: string, owners: ReadonlySet<string>): string {
  const [start = '', ...parts] = path.split(/(?<=^|\/)node_modules\//);
  let at = start;
  let kept = '';
  for (const [index, part] of parts.entries()) {
    at += `node_modules/${part}`;
    const last = index === parts.length - 1;
    if (last || owners.has(at.replace(/\/$/, ''))) kept += `node_modules/${part}`;
  }
  return kept;
}

const afterModules = (posix: string): string =>
  posix.slice(posix.lastIndexOf('node_modules/') + 'node_modules/'.length);

function packageRoot(path: string): string {
  const [first = '', second = ''] = path.slice('node_modules/'.length).split('/');
  return `node_modules/${first.startsWith('@') ? `${first}/${second}` : first}`;
}
