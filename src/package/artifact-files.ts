import { readFileSync } from 'node:fs';
import { posix, resolve } from 'node:path';
import type { ArtifactFile } from '../spi/artifact.ts';
import type { AddedFile } from './added-file.ts';
import { besideCode } from './beside-code.ts';
import type { BuildRequest } from './build.ts';
import type { Bundle } from './bundle.ts';
import { INLINE_MODULE } from './bundle-plugins.ts';
import { decoratorTypesLost } from './decorator-types.ts';
import { ENTRY_NAME } from './entry-module.ts';
import { refused } from './errors.ts';
import { importPatterns } from './guards.ts';
import { linksOutOf } from './links-out.ts';
import { inNodeModules, isInside, isPathImport, leavesRoot } from './paths.ts';
import { byPath } from './zip.ts';

/** All files of an artifact. */
export interface ArtifactFiles {
  /** Sorted by path. */
  readonly files: readonly ArtifactFile[];
  /** Those that were added as they are. */
  readonly added: readonly AddedFile[];
  /** What led to those that a module needs: root-relative paths of the files, and absolute ones of links. */
  readonly traced: { readonly traced: readonly string[]; readonly tracedLinks: readonly string[] };
  readonly warnings: readonly string[];
}

/** Puts together the bundle, the profile's own files, add-ons, traced modules and included files. */
export async function artifactFiles(request: BuildRequest, made: Bundle): Promise<ArtifactFiles> {
  const { name, root, profile } = request;
  refuseImportsThatLeave(request, made);
  const platform = new Set(profile.external);
  const apart = made.externals.filter(
    ({ specifier }) => !isBuiltin(specifier) && !matches(platform, specifier),
  );
  const traced =
    apart.length === 0
      ? { files: [], links: [], absent: [] }
      : await (await import('./trace.ts')).trace(root, name, apart);
  const included =
    request.included.size === 0
      ? []
      : (await import('./include.ts')).readIncluded(root, name, request.included);
  const addons = [...made.addons].map(([source, path]): AddedFile => ({
    path,
    source,
    mode: 0o644,
    bytes: readFileSync(resolve(root, source)),
  }));
  const added = [...addons, ...traced.files, ...included];
  const own: Readonly<Record<string, string | Uint8Array>> = {
    [profile.entryFile]: made.code,
    ...profile.files,
  };
  const files = new Map<string, ArtifactFile>(
    Object.entries(own).map(([path, contents]) => [
      path,
      {
        path,
        mode: 0o644,
        bytes: typeof contents === 'string' ? Buffer.from(contents) : contents,
      },
    ]),
  );
  for (const { path, mode, bytes, source } of added) {
    if (Object.hasOwn(own, path)) {
      throw refused(
        name,
        `\`package.include\` adds "${source}", but "${path}" of the artifact is the platform's own file. Rename it, or leave it out.`,
      );
    }
    files.set(path, { path, mode, bytes });
  }
  return {
    files: [...files.values()].sort(byPath),
    added: [...new Map(added.map((file) => [file.path, file])).values()],
    traced: { traced: traced.files.map(({ source }) => source), tracedLinks: traced.links },
    warnings: [
      ...made.warnings,
      ...decoratorTypesLost(root, Object.keys(made.metafile.inputs)),
      ...besideCode({
        root,
        inputs: Object.keys(made.metafile.inputs),
        entryFile: profile.entryFile,
        paths: new Set(files.keys()),
      }),
      ...traced.absent.map(
        (module) => `"${module}" is not installed here; the platform must have it`,
      ),
    ],
  };
}

/** Code of the root may import packages from anywhere, but files only of the root. */
function refuseImportsThatLeave({ name, root }: BuildRequest, { metafile }: Bundle): void {
  const refuse = (importer: string, written: string, path: string): void => {
    if (!leavesRoot(path)) return;
    throw refused(
      name,
      `${importer} imports "${written}", which leaves the root ${root} (it is ${path}). Set \`root\` to a folder that holds both, or import it as a package.`,
    );
  };
  const named = new Set<string>();
  for (const [importer, { imports }] of Object.entries(metafile.inputs)) {
    const own = !leavesRoot(importer) && !inNodeModules(importer) && importer !== ENTRY_NAME;
    for (const { path, original } of imports) {
      named.add(path);
      if (own && original !== undefined && isPathImport(original))
        refuse(importer.replace(INLINE_MODULE, 'source'), original, path);
    }
  }
  // What only an import of many files can have brought in.
  const unnamed = Object.keys(metafile.inputs).filter(
    (path) => leavesRoot(path) && !named.has(path),
  );
  for (const { importer, pattern } of importPatterns(metafile)) {
    if (leavesRoot(importer) || inNodeModules(importer)) continue;
    refuse(importer, pattern, posix.join(posix.dirname(importer), pattern));
    const start = posix.join(
      posix.dirname(importer),
      pattern.slice(0, pattern.lastIndexOf('/', pattern.indexOf('*'))),
    );
    for (const path of unnamed.length === 0 ? [] : linksOutOf(root, start))
      if (unnamed.some((input) => isInside(path, input))) refuse(importer, pattern, path);
  }
}

/** True for a module of Node itself. */
const isBuiltin = (specifier: string): boolean =>
  specifier.startsWith('node:') || builtins.has(specifier.split('/')[0] ?? '');

const builtins: ReadonlySet<string> = new Set(
  process.getBuiltinModule('node:module').builtinModules,
);

/** True when an external module, or a pattern with one `*`, names the specifier or the package that it is in. */
function matches(patterns: ReadonlySet<string>, specifier: string): boolean {
  return [...patterns].some((pattern) => {
    const star = pattern.indexOf('*');
    if (star === -1) return specifier === pattern || specifier.startsWith(`${pattern}/`);
    return (
      specifier.startsWith(pattern.slice(0, star)) && specifier.endsWith(pattern.slice(star + 1))
    );
  });
}
