import type { FunctionCode, FunctionSpec } from '../spec/types.ts';
import type { Artifact, ArtifactReader, PackagingProfile } from '../spi/artifact.ts';

/** The part of a function's declaration that decides what is in its artifact. */
export type CodeSpec = FunctionCode &
  Pick<FunctionSpec, 'handler' | 'signature' | 'handles' | 'package'>;

/** One function to package. */
export interface PackageRequest {
  /** The function's name in the configuration; used in messages. */
  readonly name: string;
  readonly spec: CodeSpec;
  /** How the provider wants code packaged. */
  readonly profile: PackagingProfile;
  /**
   * What the code finds in its environment while it is loaded to see what it handles. In no artifact, and in no digest.
   * Default: nothing.
   */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Settings of {@link createPackager}. */
export interface PackagerOptions {
  /** The folder where paths begin. Everything that a declaration names must be under it. */
  readonly root: string;
  /** Default: `<root>/node_modules/.cache/polyfaas` when `node_modules` exists, else `<root>/.polyfaas/cache`. */
  readonly cacheFolder?: string | undefined;
  /** How long a bundle may take to load when its kinds are looked up. Default 5,000. */
  readonly loadTimeoutMs?: number | undefined;
}

/** Turns code into artifacts, and finds the ones it made. */
export interface Packager extends ArtifactReader {
  /** The folder, real path, where paths begin. */
  readonly root: string;
  readonly cacheFolder: string;
  /**
   * Packages one function. Inputs that did not change are answered from the cache, without a bundler.
   *
   * @throws ServerlessError INVALID_ARGUMENT for code that cannot be packaged, PAYLOAD_TOO_LARGE over the profile's
   *   limits, CANCELLED when `signal` aborts, CONFLICT when files change again and again while they are read,
   *   UNAVAILABLE when the disk has no room for the code to be loaded.
   */
  package(request: PackageRequest): Promise<Artifact>;
}

/** A file of an artifact and its size. */
export interface SizedFile {
  readonly path: string;
  readonly bytes: number;
}

/** What is known of how an artifact came to be; kept beside it, never in it. */
export interface PackageDetails {
  /** Bytes that each source file has in the bundle, largest first. Empty for a prebuilt zip or an image. */
  readonly inputs: readonly SizedFile[];
  /** The artifact's files, by path. */
  readonly files: readonly SizedFile[];
  /** What the bundler warned of. */
  readonly warnings: readonly string[];
  /** Absolute path of the external source map; absent where there is none. */
  readonly sourceMapPath?: string | undefined;
}
