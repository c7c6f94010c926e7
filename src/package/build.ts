import { mkdirSync } from 'node:fs';
import { ServerlessError } from '../errors/index.ts';
import type { JsonObject } from '../function/json.types.ts';
import { bundle } from './bundle.ts';
import type { StoredArtifact } from './cache.ts';
import { statesBefore, type Disturbance, type StatesBefore } from './disturbance.ts';
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
  /** What changed meanwhile: what was looked at may not be what was bundled. */
  readonly disturbance: Disturbance;
}

/** A build, and whether all that it depends on stood still. */
export interface SteadyBuild extends Built {
  /** False when something about the inputs, not they themselves, changed in every build: not to be stored. */
  readonly steady: boolean;
}

const BUILDS_AT_MOST = 3;

/**
 * Builds until nothing changes meanwhile.
 *
 * @throws ServerlessError CONFLICT when the files themselves change again and again.
 */
export async function build(request: BuildRequest): Promise<SteadyBuild> {
  makeFolder(request.cacheFolder);
  let before: StatesBefore = new Map();
  for (let attempt = 1; ; attempt += 1) {
    const built = await buildOnce(request, before);
    const { files, others } = built.disturbance;
    const steady = files.length === 0 && others.length === 0;
    if (steady) return { ...built, steady };
    if (attempt === BUILDS_AT_MOST) {
      if (files.length > 0) throw changing(request.name, files);
      return { ...built, steady };
    }
    before = statesBefore(request.root, built.states);
  }
}

/** Before the build, of which it would be a disturbance: the folder above it may be one that is watched. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch {
    // Without a cache everything works, only slower.
  }
}

const changing = (functionName: string, files: readonly string[]): ServerlessError =>
  new ServerlessError({
    code: 'CONFLICT',
    message: `Function "${functionName}": files change while they are packaged: ${files.slice(0, 3).join(', ')}. Package again when nothing writes them. Nothing was sent.`,
    function: functionName,
    retryable: true,
    details: { files: [...files] },
  });

/** Bundles, asks the bundle what it handles, zips, and names the result. */
async function buildOnce(request: BuildRequest, before: StatesBefore): Promise<Built> {
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
  const probe = request.spec.handles === undefined ? startProbe('thread', request.env) : undefined;
  try {
    const made = await bundling;
    return {
      beganAtMs,
      ...(await finish({ ...request, nameOf, findManifest, beganAtMs, before }, made, probe)),
    };
  } finally {
    // Not awaited: a thread that is slow to end keeps nobody waiting.
    void probe?.end();
  }
}
