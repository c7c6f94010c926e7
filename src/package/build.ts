import type { JsonObject } from '../function/json.types.ts';
import { bundle } from './bundle.ts';
import type { StoredArtifact } from './cache.ts';
import type { FileState } from './file-state.ts';
import { inputNamer, manifestFinder } from './input-names.ts';
import type { PackageRequest } from './types.ts';

/** One run of the bundler and all that follows. */
export interface BuildRequest extends PackageRequest {
  readonly root: string;
  readonly cacheFolder: string;
  readonly loadTimeoutMs: number;
  /** Absolute path of the user's module; absent for inline source. */
  readonly modulePath: string | undefined;
  readonly settings: JsonObject;
  readonly tools: Readonly<Record<string, string>>;
  /** What `package.include` found: root-relative path to real path. */
  readonly included: ReadonlyMap<string, string>;
}

/** What came of it. */
export interface Built {
  readonly stored: Omit<StoredArtifact, 'format'>;
  readonly zip: Buffer;
  readonly sourceMap: Uint8Array;
  readonly states: readonly FileState[];
  readonly beganAtMs: number;
  /** True when an input changed meanwhile: what was hashed may not be what was bundled. */
  readonly disturbed: boolean;
}

/** Bundles, asks the bundle what it handles, zips, and names the result. */
export async function build(request: BuildRequest): Promise<Built> {
  const beganAtMs = Date.now();
  const findManifest = manifestFinder();
  const nameOf = inputNamer(request.root, request.profile.shim.modulePath, findManifest);
  const bundling = bundle({ ...request, nameOf });
  // Whoever awaits it below hears of a failure; until then it is no unhandled one.
  bundling.catch(() => undefined);
  // While the bundler works in its own process, the rest is loaded, and the thread that will ask the bundle started.
  const [{ finish }, { startProbe }] = await Promise.all([
    import('./finish.ts'),
    import('./probe.ts'),
  ]);
  const probe = request.spec.handles === undefined ? startProbe('thread') : undefined;
  try {
    const made = await bundling;
    return {
      beganAtMs,
      ...(await finish({ ...request, nameOf, findManifest, beganAtMs }, made, probe)),
    };
  } finally {
    // Not awaited: a thread that is slow to end keeps nobody waiting.
    void probe?.end();
  }
}
