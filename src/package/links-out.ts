import { readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { isInside, realpathOf, statOf, toPosix } from './paths.ts';

/** What a folder of the root, itself perhaps a link, holds outside of the root: root-relative real paths. */
export function* linksOutOf(root: string, folder: string): Iterable<string> {
  const absolute = resolve(root, folder);
  const real = realpathOf(absolute);
  if (real === undefined || !statOf(real)?.isDirectory()) return;
  if (!isInside(root, real)) {
    yield toPosix(relative(root, real));
    return;
  }
  for (const item of readdirSync(real, { withFileTypes: true })) {
    const path = join(real, item.name);
    if (item.isDirectory() && item.name !== 'node_modules') yield* linksOutOf(root, path);
    const target = item.isSymbolicLink() ? realpathOf(path) : undefined;
    if (target !== undefined && !isInside(root, target)) yield toPosix(relative(root, target));
  }
}
