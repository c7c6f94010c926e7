import { join, relative } from 'node:path';
import { ServerlessError } from '../errors/index.ts';
import type { Artifact } from '../spi/artifact.ts';
import { imageArtifact, readableArtifact } from './artifact.ts';
import { PackageCache, type FoundArtifact } from './cache.ts';
import { digestOf } from './digest.ts';
import { orCancelled, refused, throwIfCancelled } from './errors.ts';
import { checkLimits } from './limits.ts';
import { installedVersion } from './optional.ts';
import { realpathOf, requireFile, statOf } from './paths.ts';
import { cacheKeyOf, checkExtension, checkPath, settingsOf } from './settings.ts';
import type { Packager, PackageRequest, PackagerOptions } from './types.ts';

const LOAD_TIMEOUT_MS = 5_000;
// Older ones are found in the cache folder.
const REMEMBERED = 64;

/**
 * Makes a packager for the functions of one root folder.
 *
 * @throws ServerlessError INVALID_ARGUMENT when the root is no folder.
 */
export function createPackager(options: PackagerOptions): Packager {
  const root = realpathOf(options.root);
  if (root === undefined || !statOf(root)?.isDirectory()) {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: `\`root\` is "${options.root}", which is no folder. Give the folder where the paths of the configuration begin.`,
    });
  }
  return new CachingPackager(root, options);
}

class CachingPackager implements Packager {
  readonly root: string;
  readonly cacheFolder: string;
  readonly #cache: PackageCache;
  readonly #loadTimeoutMs: number;
  readonly #made = new Map<string, Artifact>();
  /** Digests of what the cache folder does not know: they are found in this process alone. */
  readonly #unlisted = new Set<string>();
  readonly #underWay = new Map<string, Promise<FoundArtifact>>();

  constructor(root: string, options: PackagerOptions) {
    this.root = root;
    this.cacheFolder = options.cacheFolder ?? defaultCacheFolder(root);
    this.#cache = new PackageCache(root, this.cacheFolder);
    this.#loadTimeoutMs = options.loadTimeoutMs ?? LOAD_TIMEOUT_MS;
  }

  async package(request: PackageRequest): Promise<Artifact> {
    throwIfCancelled(request.name, request.signal);
    if (request.spec.image !== undefined) return this.#remember(image(request));
    const found = await (request.spec.artifact === undefined
      ? this.#code(request)
      : this.#zip(request));
    const { manifest, files, inputs } = found.stored;
    checkLimits(
      request.name,
      request.profile.limits,
      { zipBytes: manifest.sizeBytes, unpackedBytes: manifest.unpackedBytes },
      files,
      inputs,
    );
    return this.#remember(this.#readable(found));
  }

  async get(digest: string): Promise<Artifact> {
    const made = this.#made.get(digest);
    if (made) return made;
    const found = /^[0-9a-f]{40}$/.test(digest) ? await this.#cache.artifact(digest) : undefined;
    if (found) return this.#remember(this.#readable(found));
    throw new ServerlessError({
      code: 'NOT_FOUND',
      message: `The artifact ${digest} is not at hand: it was packaged elsewhere, or its cache is gone. Package the function again, then plan again.`,
    });
  }

  async #code(request: PackageRequest): Promise<FoundArtifact> {
    const { name, spec, signal } = request;
    const entry =
      spec.entry === undefined ? undefined : requireFile(this.root, spec.entry, 'entry', name);
    if (entry) {
      checkExtension(name, entry.posix);
      checkPath(name, entry.posix, entry.absolute);
    }
    const include = spec.package?.include ?? [];
    const included =
      include.length === 0
        ? new Map<string, string>()
        : (await import('./include.ts')).findIncluded(this.root, name, include);
    const settings = settingsOf(request, entry?.posix);
    const tools = { esbuild: installedVersion('esbuild', 'bundle functions') };
    const key = cacheKeyOf(settings, request);
    const now = {
      tools,
      // With where each one is: it may be a link.
      included: [...included].map(([path, real]) => `${path} = ${relative(this.root, real)}`),
    };
    const build = (): Promise<FoundArtifact> =>
      this.#once(`${name} ${key}`, async () => {
        const { build: run } = await import('./build.ts');
        const built = await run({
          ...request,
          root: this.root,
          cacheFolder: this.cacheFolder,
          loadTimeoutMs: this.#loadTimeoutMs,
          modulePath: entry?.absolute,
          settings,
          tools,
          included,
        });
        const { stored, zip, sourceMap, states, beganAtMs: recordedAtMs } = built;
        const { digest } = stored.manifest;
        this.#cache.hold(key, digest);
        const kept = built.steady && (await this.#cache.storeArtifact(stored, zip, sourceMap));
        if (kept) await this.#cache.storeEntry(key, { digest, ...now, states, recordedAtMs });
        return { stored, bytes: zip, unstored: !kept, unlisted: !kept };
      });
    const work = async (): Promise<FoundArtifact> => (await this.#cache.find(key, now)) ?? build();
    return orCancelled(name, signal, work());
  }

  async #zip(request: PackageRequest): Promise<FoundArtifact> {
    const { name, spec, profile, signal } = request;
    const file = requireFile(this.root, spec.artifact ?? '', 'artifact', name);
    const key = cacheKeyOf(
      {
        artifact: file.posix,
        handles: spec.handles ? [...spec.handles] : null,
        signature: spec.signature ?? null,
        entryFile: profile.entryFile,
        loadedByPlatform: profile.files === undefined,
      },
      request,
    );
    const now = { tools: {}, included: [] };
    const work = async (): Promise<FoundArtifact> => {
      const found = await this.#cache.find(key, now);
      if (found) return found;
      const recordedAtMs = Date.now();
      const { prebuilt } = await import('./prebuilt.ts');
      const { stored, zip, states } = await prebuilt(this.root, request, file);
      this.#cache.hold(key, stored.manifest.digest);
      const listed = await this.#cache.storeArtifact(stored, undefined, undefined);
      if (listed) {
        await this.#cache.storeEntry(key, {
          digest: stored.manifest.digest,
          ...now,
          states,
          recordedAtMs,
        });
      }
      return { stored, bytes: zip, unlisted: !listed };
    };
    return orCancelled(name, signal, work());
  }

  /** Two callers that want the same thing at once get the same thing, made once. */
  #once(key: string, make: () => Promise<FoundArtifact>): Promise<FoundArtifact> {
    const running = this.#underWay.get(key);
    if (running) return running;
    const work = make().finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, work);
    return work;
  }

  #readable({ stored, bytes, unstored, unlisted }: FoundArtifact): Artifact {
    const { inputs, files, warnings, hasSourceMap, manifest } = stored;
    if (unlisted) this.#unlisted.add(manifest.digest);
    else this.#unlisted.delete(manifest.digest);
    const sourceMapPath =
      hasSourceMap && !unstored ? this.#cache.sourceMapPath(manifest.digest) : undefined;
    const readAgain = unstored ? undefined : () => this.#cache.readZip(stored);
    return readableArtifact(manifest, { inputs, files, warnings, sourceMapPath }, bytes, readAgain);
  }

  #remember(artifact: Artifact): Artifact {
    this.#made.delete(artifact.digest);
    this.#made.set(artifact.digest, artifact);
    if (this.#made.size <= REMEMBERED) return artifact;
    const isFoundAgain = ({ digest, form }: Artifact): boolean =>
      form !== 'image' && !(this.#unlisted.has(digest) && this.#cache.isHeld(digest));
    const oldest = [...this.#made.values()].find(isFoundAgain);
    if (oldest) this.#made.delete(oldest.digest);
    return artifact;
  }
}

const defaultCacheFolder = (root: string): string =>
  statOf(join(root, 'node_modules'))?.isDirectory()
    ? join(root, 'node_modules', '.cache', 'polyfaas')
    : join(root, '.polyfaas', 'cache');

function image({ name, spec }: PackageRequest): Artifact {
  const imageUri = spec.image ?? '';
  if (!/^[\w.-]+(?:[/:@][\w.-]+)*$/.test(imageUri)) {
    throw refused(
      name,
      `\`image\` is ${JSON.stringify(imageUri)}, which is no image reference. Write it as "registry/name:tag" or "registry/name@sha256:...".`,
    );
  }
  const handles = spec.handles ?? [];
  const signature = spec.signature ?? 'polyfaas';
  const digest = digestOf({
    form: 'image',
    settings: { imageUri, handles: [...handles], signature },
    tools: {},
    inputs: [],
  });
  return imageArtifact({
    form: 'image',
    digest,
    sizeBytes: 0,
    unpackedBytes: 0,
    entryFile: '',
    handles,
    signature,
    needsProcess: false,
    imageUri,
  });
}
