import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { ExternalModule } from './bundle.ts';
import { refused } from './errors.ts';
import { withoutNamespace } from './input-files.ts';
import { parseObject } from './input-names.ts';
import { packageOf } from './native.ts';
import { realpathOf, statOf, toPosix } from './paths.ts';

/** Where one importer finds a package that stays outside of the bundle. */
interface Home {
  readonly importer: string;
  /** Relative to the root, with `/`. */
  readonly place: string;
  readonly real: string;
  readonly version: string;
}

/**
 * Refuses packages of which two versions would have to be beside the bundle. There is one place for each: importers
 * that were in different folders are in one file now, and look for it in the same folder.
 */
export function refuseTwoVersions(
  root: string,
  functionName: string,
  modules: readonly ExternalModule[],
): void {
  const homes = new Map<string, Home>();
  for (const { specifier, importer } of modules) {
    const name = packageOf(`node_modules/${specifier}`) ?? specifier;
    const home = homeOf(root, importer, name);
    if (home === undefined) continue;
    const other = homes.get(name);
    homes.set(name, other ?? home);
    if (other === undefined || other.real === home.real) continue;
    if (other.version === home.version && home.version !== '') continue;
    const owner = packageOf(home.importer) ?? packageOf(other.importer);
    const external =
      owner === undefined
        ? ''
        : `List "${owner}" in \`package.external\`: it is then added as it is, with the version that it needs. Or `;
    throw refused(
      functionName,
      `"${name}" cannot be bundled, and two versions of it cannot be beside one bundle: ${other.importer} imports ${other.place} (${other.version}), and ${home.importer} imports ${home.place} (${home.version}). ${external}${external === '' ? 'I' : 'i'}nstall one version of "${name}" (for example with "overrides").`,
      { details: { package: name, places: [other.place, home.place] } },
    );
  }
}

/** As Node finds it: in the nearest folder of installed packages that has it. */
export function homeOf(root: string, importer: string, name: string): Home | undefined {
  const from = resolve(root, dirname(withoutNamespace(importer)));
  for (let folder = from; ; folder = dirname(folder)) {
    const home = join(folder, 'node_modules', name);
    const real = statOf(home)?.isDirectory() ? realpathOf(home) : undefined;
    if (real !== undefined) {
      const place = toPosix(relative(root, home));
      return { importer: withoutNamespace(importer), place, real, version: versionAt(real) };
    }
    if (dirname(folder) === folder) return undefined;
  }
}

function versionAt(home: string): string {
  const path = join(home, 'package.json');
  if (!statOf(path)?.isFile()) return '';
  const { version } = parseObject(readFileSync(path, 'utf8'));
  return typeof version === 'string' ? version : '';
}
