import type * as Esbuild from 'esbuild';
import type { BuildOptions, BuildResult, Metafile } from 'esbuild';
import type { PackagingProfile } from '../spi/artifact.ts';
import { BIND_MODULE, ENTRY_NAME, entryModule, FUNCTION_HOUSE } from './entry-module.ts';
import { finishText } from './bundle-text.ts';
import { inlineModule, INLINE_MODULE, nativeModules } from './bundle-plugins.ts';
import { withRoomyHeap } from './bundler-service.ts';
import { modulesThatCannotBeBundled } from './native.ts';
import { isFileName } from './input-files.ts';
import { loadOptional } from './optional.ts';
import type { CodeSpec, SizedFile } from './types.ts';

/** What to bundle. */
export interface BundleRequest {
  readonly name: string;
  readonly root: string;
  readonly spec: CodeSpec;
  readonly profile: PackagingProfile;
  /** Absolute path of the user's module; absent for inline source. */
  readonly modulePath: string | undefined;
  /** The root-relative path of a file, as digests name it. */
  readonly nameOf: (path: string) => string;
}

/** A module that stays outside, and must be there at run time. */
export interface ExternalModule {
  readonly specifier: string;
  /** Root-relative path of the file that imports it. */
  readonly importer: string;
  readonly kind: 'import' | 'require';
}

/** What the bundler made. */
export interface Bundle {
  readonly code: Uint8Array;
  readonly sourceMap: Uint8Array;
  /** The bundler's names of all files read: root-relative paths, and what followed `?` or `#` in an import. */
  readonly inputs: readonly string[];
  /** For every file read: what it imports, and the words it used. */
  readonly metafile: Metafile;
  /** Bytes in the output by root-relative path, largest first. */
  readonly weights: readonly SizedFile[];
  readonly externals: readonly ExternalModule[];
  /** Native add-ons of the user's own: root-relative path to path in the artifact. */
  readonly addons: ReadonlyMap<string, string>;
  readonly startsProcesses: boolean;
  readonly warnings: readonly string[];
}

const PROCESS_MODULES: ReadonlySet<string> = new Set([
  'child_process',
  'cluster',
  'node:child_process',
  'node:cluster',
]);

type Build = BuildResult<{ metafile: true; write: false }>;

/** Bundles the user's module, the shim and the function house into one file. */
export async function bundle(request: BundleRequest): Promise<Bundle> {
  const { build } = loadOptional<typeof Esbuild>('esbuild', 'bundle functions');
  const addons = new Map<string, string>();
  let apart: readonly string[] = [];
  const run = async (native: boolean): Promise<Build> => {
    try {
      const options = optionsOf(request, apart, native, addons);
      return await withRoomyHeap(() => build({ ...options, metafile: true, write: false }));
    } catch (cause) {
      const { bundleRefused } = await import('./bundle-error.ts');
      throw bundleRefused(request, cause);
    }
  };
  let result = await run(false);
  // A second run is needed only where there are native parts: they are found in the graph of the first.
  apart = modulesThatCannotBeBundled(result.metafile);
  if (
    apart.length > 0 ||
    Object.keys(result.metafile.inputs).some((path) => path.endsWith('.node'))
  ) {
    result = await run(true);
  }
  return describe(request, result, addons);
}

function optionsOf(
  request: BundleRequest,
  apart: readonly string[],
  native: boolean,
  addons: Map<string, string>,
): BuildOptions {
  const { root, spec, profile } = request;
  const esm = profile.format === 'esm';
  const plugins = [
    ...(spec.source === undefined ? [] : [inlineModule(root, spec.source)]),
    ...(native ? [nativeModules(root, addons)] : []),
  ];
  return {
    absWorkingDir: root,
    stdin: {
      contents: entryModule(
        {
          user: request.modulePath ?? INLINE_MODULE,
          bind: BIND_MODULE,
          shim: profile.shim.modulePath,
        },
        spec,
        profile,
      ),
      resolveDir: root,
      sourcefile: ENTRY_NAME,
      loader: 'js',
    },
    outfile: profile.entryFile,
    bundle: true,
    platform: 'node',
    format: profile.format,
    target: profile.target,
    treeShaking: true,
    minify: spec.package?.minify ?? true,
    keepNames: true,
    charset: 'utf8',
    legalComments: 'none',
    sourcemap: 'external',
    sourcesContent: false,
    alias: { 'polyfaas/function': FUNCTION_HOUSE },
    external: [...profile.external, ...(spec.package?.external ?? []), ...apart],
    define: esm
      ? { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' }
      : {
          'import.meta.dirname': '__dirname',
          'import.meta.filename': '__filename',
          'import.meta.url': '__polyfaasUrl',
        },
    loader: native ? {} : { '.node': 'empty' },
    plugins,
    logLevel: 'silent',
    logLimit: 20,
  };
}

function describe(
  request: BundleRequest,
  result: Build,
  addons: ReadonlyMap<string, string>,
): Bundle {
  const { metafile } = result;
  const [mapFile, codeFile] = [...result.outputFiles].sort(
    (a, b) => Number(b.path.endsWith('.map')) - Number(a.path.endsWith('.map')),
  );
  const output = Object.entries(metafile.outputs).find(([path]) => !path.endsWith('.map'))?.[1];
  const inputs = Object.keys(metafile.inputs).filter(isFileName);
  const outsideImports = new Set(
    (output?.imports ?? []).filter(({ external }) => external).map(({ path }) => path),
  );
  return {
    ...finishText(codeFile?.contents ?? new Uint8Array(), mapFile?.contents ?? new Uint8Array(), {
      format: request.profile.format,
      minified: request.spec.package?.minify ?? true,
      inputs,
      nameOf: request.nameOf,
    }),
    inputs,
    metafile,
    weights: Object.entries(output?.inputs ?? {})
      .map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput }))
      .filter(({ bytes }) => bytes > 0)
      .sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1)),
    externals: externalsOf(metafile, outsideImports),
    addons,
    startsProcesses: [...outsideImports].some((path) => PROCESS_MODULES.has(path)),
    warnings: result.warnings.map(({ text, location }) =>
      location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text,
    ),
  };
}

function externalsOf(metafile: Metafile, used: ReadonlySet<string>): ExternalModule[] {
  return Object.entries(metafile.inputs).flatMap(([importer, { imports }]) =>
    imports
      .filter(({ external, path }) => external === true && used.has(path))
      .map(({ path, kind }) => ({
        specifier: path,
        importer,
        kind: kind === 'require-call' || kind === 'require-resolve' ? 'require' : 'import',
      })),
  );
}
