import { readFileSync } from 'node:fs';
import { createRequire, findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';

const CONDITIONS: ReadonlySet<string> = new Set(['node', 'import', 'default']);

/**
 * The file that `import` of this package would load from a file in the root.
 * @throws what Node throws when the package is not there.
 */
export function adapterFile(packageName: string, root: string): string {
  const from = join(root, 'polyfaas.config.js');
  try {
    return createRequire(from).resolve(packageName);
  } catch (error) {
    // `require` does not see what a package exports to `import` alone.
    const file = importedFile(packageName, from);
    if (file === undefined) throw error;
    return file;
  }
}

function importedFile(packageName: string, from: string): string | undefined {
  const description = findPackageJSON(packageName, from);
  if (description === undefined) return undefined;
  const { exports }: { readonly exports?: unknown } = JSON.parse(readFileSync(description, 'utf8'));
  const [, path = ''] = /^(?:@[^/]+\/)?[^/]+(.*)$/.exec(packageName) ?? [];
  const hasPaths = isTable(exports) && Object.keys(exports).some((key) => key.startsWith('.'));
  const entry = hasPaths ? Reflect.get(exports, `.${path}`) : path === '' ? exports : undefined;
  const target = chosen(entry);
  return target?.startsWith('./') && !target.includes('..')
    ? join(dirname(description), target)
    : undefined;
}

/** The first that fits, in the order of the package. */
function chosen(entry: unknown): string | undefined {
  if (typeof entry === 'string') return entry;
  if (!isTable(entry)) return undefined;
  for (const [condition, inner] of Object.entries(entry)) {
    const target = CONDITIONS.has(condition) ? chosen(inner) : undefined;
    if (target !== undefined) return target;
  }
  return undefined;
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
