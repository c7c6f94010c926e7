import { readFile } from 'node:fs/promises';
import { ServerlessError } from '../errors/index.ts';
import type { Artifact, ArtifactFile, ArtifactManifest } from '../spi/artifact.ts';
import type { PackageDetails } from './types.ts';

// Larger zips are read again from the cache folder when they are asked for.
const KEPT_IN_MEMORY_BYTES = 8 * 1024 * 1024;

const detailsOfArtifacts = new WeakMap<Artifact, PackageDetails>();

/** How an artifact was made, for one that this process packaged or found. */
export const detailsOf = (artifact: Artifact): PackageDetails | undefined =>
  detailsOfArtifacts.get(artifact);

/**
 * Makes an artifact that can be read.
 *
 * @param bytes the zip, where it is at hand
 * @param readAgain reads the zip from where it is stored; absent where it is stored nowhere
 */
export function readableArtifact(
  manifest: ArtifactManifest,
  details: PackageDetails,
  bytes: Uint8Array | undefined,
  readAgain: (() => Uint8Array | undefined) | undefined,
): Artifact {
  let kept =
    bytes && (readAgain === undefined || bytes.byteLength <= KEPT_IN_MEMORY_BYTES)
      ? bytes
      : undefined;
  const zip = (): Uint8Array => {
    const found = kept ?? readAgain?.();
    if (!found) throw gone(manifest.digest);
    if (found.byteLength <= KEPT_IN_MEMORY_BYTES) kept = found;
    return found;
  };
  const artifact: Artifact = {
    ...manifest,
    warnings: details.warnings,
    zip: async () => zip(),
    files: async (): Promise<readonly ArtifactFile[]> => {
      const { readZip } = await import('./unzip.ts');
      return readZip(Buffer.from(zip()), { unpackedBytes: manifest.unpackedBytes });
    },
    sourceMap: async () => {
      if (details.sourceMapPath === undefined) return undefined;
      // The cache may have been emptied meanwhile: stacks are then those of the bundle.
      return readFile(details.sourceMapPath).catch(() => undefined);
    },
  };
  detailsOfArtifacts.set(artifact, details);
  return artifact;
}

/** An artifact that the platform pulls from a registry. */
export function imageArtifact(manifest: ArtifactManifest): Artifact {
  const refuse = async (): Promise<never> => {
    throw new ServerlessError({
      code: 'UNSUPPORTED',
      message: `The image "${manifest.imageUri ?? ''}" has no files here: the platform pulls it from its registry.`,
    });
  };
  const artifact: Artifact = { ...manifest, zip: refuse, files: refuse };
  detailsOfArtifacts.set(artifact, { inputs: [], files: [], warnings: [] });
  return artifact;
}

const gone = (digest: string): ServerlessError =>
  new ServerlessError({
    code: 'NOT_FOUND',
    message: `The zip of artifact ${digest} is no longer in the cache folder. Package the function again.`,
    retryable: false,
  });
