import { lstatSync, readdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import {
  basename,
  dirname,
  extname,
  isAbsolute,
  join,
  relative,
  resolve,
  sep,
  win32,
} from 'node:path';
import { hasCode, refused } from './errors.ts';

/** With `/`, whatever the platform. */
export const toPosix = (path: string): string => (sep === '/' ? path : path.split(sep).join('/'));

/** True when `path` is `folder` or under it. Both absolute, and real where links matter. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** True when an import is written as the path of a file, not as the name of a package. */
export const isPathImport = (written: string): boolean =>
  /^(?:\.{0,2}\/|\.\.?$)/.test(written) || win32.isAbsolute(written);

/** True for a path from the root, as the bundler writes it, that leaves it; on Windows, also to another drive. */
export const leavesRoot = (posixPath: string): boolean => /^(?:\.\.|[A-Za-z]:)\//.test(posixPath);

/** True for a path inside some `node_modules`. */
export const inNodeModules = (posixPath: string): boolean =>
  posixPath.startsWith('node_modules/') || posixPath.includes('/node_modules/');

/** The file's state, or undefined when there is none, and none can be: a file is no folder, a name too long. */
export function statOf(path: string): Stats | undefined {
  return unlessImpossible(() => statSync(path, { throwIfNoEntry: false }));
}

/** The state of what has this path itself, a link too. */
const linkStatOf = (path: string): Stats | undefined =>
  unlessImpossible(() => lstatSync(path, { throwIfNoEntry: false }));

function unlessImpossible<Found>(look: () => Found | undefined): Found | undefined {
  try {
    return look();
  } catch (cause) {
    if (hasCode(cause, 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ERR_INVALID_ARG_VALUE'))
      return undefined;
    throw cause;
  }
}

/** A file that the declaration names, checked: it exists, is a file, and is under the root, links resolved. */
export function requireFile(
  root: string,
  path: string,
  field: string,
  functionName: string,
): { readonly absolute: string; readonly posix: string } {
  if (path.trim() === '') {
    throw refused(functionName, `\`${field}\` is empty. Name a file, relative to ${root}.`);
  }
  const absolute = resolve(root, path);
  if (!isInside(root, absolute)) throw outside(root, path, field, functionName);
  const found = linkStatOf(absolute);
  if (!found) throw missing(root, absolute, path, field, functionName);
  const real = realpathOf(absolute);
  if (real === undefined) {
    throw refused(
      functionName,
      `\`${field}\` is "${path}", a symbolic link to nothing. Repair or remove the link.`,
    );
  }
  if (!isInside(root, real)) throw outside(root, path, field, functionName);
  if (statOf(real)?.isDirectory()) {
    const inside = readdirSync(real)
      .filter((name) => /\.[cm]?[jt]sx?$/.test(name))
      .sort()
      .slice(0, 3);
    const hint = inside.length > 0 ? `, such as "${toPosix(join(path, inside[0] ?? ''))}"` : '';
    throw refused(
      functionName,
      `\`${field}\` is "${path}", which is a directory. Name a file${hint}.`,
    );
  }
  if (!statOf(real)?.isFile()) {
    throw refused(
      functionName,
      `\`${field}\` is "${path}", which is no regular file. Name a file.`,
    );
  }
  return { absolute: real, posix: toPosix(relative(root, real)) };
}

/** The real path, or undefined when a link leads nowhere. */
export function realpathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function outside(root: string, path: string, field: string, functionName: string): Error {
  return refused(
    functionName,
    `\`${field}\` is "${path}", which leaves the root ${root}. Move the file under the root, or set \`root\` to a folder that holds both.`,
  );
}

function missing(
  root: string,
  absolute: string,
  path: string,
  field: string,
  functionName: string,
): Error {
  const near = nearestNames(root, absolute);
  const named = fileAndExport(root, absolute);
  const hint = named
    ? `A file and its export are two fields: ${field}: "${named.file}", handler: "${named.handler}".`
    : near.length > 0
      ? `Nearest: ${near.map((name) => `"${name}"`).join(', ')}.`
      : 'There is nothing like it there.';
  return refused(
    functionName,
    `\`${field}\` is "${path}", which does not exist under ${root}. ${hint} Paths begin at \`root\`; in a program that is started from anywhere, set it to import.meta.dirname.`,
  );
}

/** `orders.handler`, as other tools name the export of a file, where there is such a file. */
function fileAndExport(
  root: string,
  absolute: string,
): { readonly file: string; readonly handler: string } | undefined {
  const handler = extname(absolute).slice(1);
  const stem = absolute.slice(0, -handler.length - 1);
  const extension = CODE_EXTENSIONS.find((end) => handler && statOf(stem + end)?.isFile());
  if (extension === undefined) return undefined;
  return { file: toPosix(relative(root, stem + extension)), handler };
}

const CODE_EXTENSIONS = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'];

/** Up to three existing files, relative to the root, whose names are most like the one that is missing. */
export function nearestNames(root: string, absolute: string): string[] {
  let folder = dirname(absolute);
  let wanted = basename(absolute);
  while (isInside(root, folder) && !statOf(folder)?.isDirectory()) {
    wanted = basename(folder);
    folder = dirname(folder);
  }
  if (!isInside(root, folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((item) => item.name !== 'node_modules' && !item.name.startsWith('.'))
    .map((item) => ({
      path: toPosix(relative(root, join(folder, item.name))) + (item.isDirectory() ? '/' : ''),
      distance: editDistance(stem(wanted), stem(item.name)),
    }))
    .filter(({ distance }) => distance <= Math.max(3, Math.floor(wanted.length / 2)))
    .sort((a, b) => a.distance - b.distance || (a.path < b.path ? -1 : 1))
    .slice(0, 3)
    .map(({ path }) => path);
}

const stem = (name: string): string => name.toLowerCase().replace(/\.[a-z]+$/, '');

/** How many letters must be put in, taken out or changed to make one word the other. */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
