import type { Metafile } from 'esbuild';

// Packages that find an add-on at run time, by where their caller's file is: a bundled caller is in no such place.
const ADDON_FINDERS: ReadonlySet<string> = new Set([
  'bindings',
  'node-gyp-build',
  'node-gyp-build-optional-packages',
  '@mapbox/node-pre-gyp',
  'node-pre-gyp',
  'prebuild-install',
]);

/** The package that a path is of, or undefined for a file of the user's own. */
export function packageOf(path: string): string | undefined {
  const at = path.lastIndexOf('node_modules/');
  if (at === -1) return undefined;
  const [first = '', second = ''] = path.slice(at + 'node_modules/'.length).split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

/** The packages in the graph that hold, or look for, native add-ons: they are added as they are. */
export function modulesThatCannotBeBundled(metafile: Metafile): string[] {
  const found = new Set<string>();
  for (const [path, { imports }] of Object.entries(metafile.inputs)) {
    const owner = packageOf(path);
    if (owner === undefined) continue;
    if (path.endsWith('.node')) found.add(owner);
    for (const imported of imports) {
      const target = packageOf(imported.path);
      if (target !== undefined && target !== owner && ADDON_FINDERS.has(target)) found.add(owner);
    }
  }
  return [...found].sort();
}

const STARTS_PROCESSES =
  /(?:\brequire\s*\(\s*|\bfrom\s*|\bimport\s*(?:\(\s*)?)["'`](?:node:)?(?:child_process|cluster)["'`]/;

/** True when a file that is added as it is needs a process of its own to run in. */
export function fileNeedsProcess(path: string, bytes: Uint8Array): boolean {
  if (path.endsWith('.node')) return true;
  return /\.[cm]?js$/.test(path) && STARTS_PROCESSES.test(Buffer.from(bytes).toString('latin1'));
}
