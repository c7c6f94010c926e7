/** The files that a worker loads: `main` of package.json, which may be a pattern. */
import { matchesGlob, posix } from 'node:path';

export interface Entry {
  readonly file: string;
  /** Loaded with `import`, not with `require`. */
  readonly isModule: boolean;
}

/** The entries of a package, none without `main`; or what the worker says when there is no such file. */
export function entriesOf(
  files: ReadonlyMap<string, Buffer>,
): { readonly entries: readonly Entry[] } | { readonly problem: string } {
  const manifest = readManifest(files.get('package.json'));
  if ('problem' in manifest) return manifest;
  const { main, type } = manifest;
  if (typeof main !== 'string' || main === '') return { entries: [] };
  const pattern = posix.normalize(main);
  const found = [...files.keys()].filter((file) => file === pattern || matchesGlob(file, pattern));
  if (found.length === 0) {
    return {
      problem: `Worker was unable to load entry point "${main}": Found zero files matching the supplied pattern`,
    };
  }
  return { entries: found.toSorted().map((file) => ({ file, isModule: isModule(file, type) })) };
}

function readManifest(
  bytes: Buffer | undefined,
): { readonly main?: unknown; readonly type?: unknown } | { readonly problem: string } {
  if (!bytes) return {};
  try {
    const manifest: unknown = JSON.parse(bytes.toString());
    if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest))
      throw new TypeError('file content is not an object');
    return manifest;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { problem: `Worker failed to load package.json: ${reason}` };
  }
}

function isModule(file: string, type: unknown): boolean {
  if (file.endsWith('.mjs')) return true;
  return !file.endsWith('.cjs') && type === 'module';
}
