import { lstatSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, parse, relative, resolve } from 'node:path';
import type { ExternalModule } from './bundle.ts';
import { refused } from './errors.ts';
import { loadOptional } from './optional.ts';
import { inNodeModules, isInside, realpathOf, toPosix } from './paths.ts';
import type * as Tracer from '@vercel/nft';
import type { AddedFile } from './added-file.ts';

/** The files of the modules that stay outside of the bundle, and the modules that are not there. */
export interface Trace {
  readonly files: readonly AddedFile[];
  /** Not installed under the root: the platform must have them. */
  readonly absent: readonly string[];
}

/** Finds every file that the modules need, and where each must be in the artifact so that Node finds it. */
export async function trace(
  root: string,
  functionName: string,
  modules: readonly ExternalModule[],
): Promise<Trace> {
  const wanted = modules.filter(
    ({ specifier }) => !isAbsolute(specifier) && !specifier.startsWith('.'),
  );
  if (wanted.length === 0) return { files: [], absent: [] };
  const { nodeFileTrace } = loadOptional<typeof Tracer>(
    '@vercel/nft',
    'add modules that cannot be bundled',
  );
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
  const files = place(root, functionName, paths);
  const have = new Set(files.map(({ path }) => packageRoot(path)));
  const names = new Set(wanted.map(({ specifier }) => packageRoot(`node_modules/${specifier}`)));
  return {
    files,
    absent: [...names]
      .filter((name) => !have.has(name))
      .map(afterModules)
      .sort(),
  };
}

/** Files that exist for the tracer alone, where the importers are, so that each module is found as Node would find it. */
function startFiles(root: string, modules: readonly ExternalModule[]): ReadonlyMap<string, string> {
  const starts = new Map<string, string>();
  for (const { specifier, importer, kind } of modules) {
    const folder = dirname(resolve(root, importer.replace(/^[a-z-]{2,}:/, '')));
    const path = join(folder, kind === 'import' ? 'polyfaas-trace.mjs' : 'polyfaas-trace.cjs');
    const name = JSON.stringify(specifier);
    const line = kind === 'import' ? `import ${name};\n` : `require(${name});\n`;
    const text = starts.get(path) ?? '';
    if (!text.includes(line)) starts.set(path, text + line);
  }
  return starts;
}

function place(root: string, functionName: string, paths: readonly string[]): AddedFile[] {
  const links = paths.flatMap((path) => {
    const real = lstatSync(path).isSymbolicLink() ? realpathOf(path) : undefined;
    return real === undefined ? [] : [{ path, real }];
  });
  const placed = new Map<string, AddedFile>();
  for (const source of paths) {
    const stat = lstatSync(source);
    if (!stat.isFile()) continue;
    const path = placeOf(root, source, links);
    if (path === undefined) continue;
    const file: AddedFile = {
      path,
      source: toPosix(relative(root, source)),
      mode: stat.mode & 0o111 ? 0o755 : 0o644,
      bytes: readFileSync(source),
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

/** Where a file goes. Packages reached through links, as in workspaces and stores, go where the link is. */
function placeOf(
  root: string,
  source: string,
  links: readonly { readonly path: string; readonly real: string }[],
): string | undefined {
  const posix = toPosix(relative(root, source));
  const link = links.find(({ real }) => isInside(real, source));
  if (inNodeModules(posix)) {
    if (!link && !posix.includes('node_modules/.'))
      return posix.slice(posix.indexOf('node_modules/'));
    return `node_modules/${afterModules(posix)}`;
  }
  if (!link || !inNodeModules(toPosix(link.path))) return undefined;
  return `node_modules/${afterModules(toPosix(link.path))}/${toPosix(relative(link.real, source))}`;
}

const afterModules = (posix: string): string =>
  posix.slice(posix.lastIndexOf('node_modules/') + 'node_modules/'.length);

function packageRoot(path: string): string {
  const [first = '', second = ''] = path.slice('node_modules/'.length).split('/');
  return `node_modules/${first.startsWith('@') ? `${first}/${second}` : first}`;
}
