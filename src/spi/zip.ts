/** Zips and unzips artifacts, for platforms whose packages hold more than what was built. Loads its parts when used. */
import type { ArtifactFile } from './artifact.ts';

/** No platform takes more; it keeps a zip of somebody else's from filling the memory. */
const MAX_UNPACKED_BYTES = 2 * 1024 ** 3;

/**
 * The files as a zip: sorted by path, with fixed times, so that the same files give the same bytes for the same Node
 * version.
 */
export async function zipFiles(files: readonly ArtifactFile[]): Promise<Buffer> {
  const { writeZip } = await import('../package/zip.ts');
  return writeZip(files);
}

/**
 * The files of a zip that {@link zipFiles}, or the packager, made.
 *
 * @throws for what is no zip, for paths that leave its root, and for symbolic links.
 */
export async function unzipFiles(bytes: Uint8Array): Promise<readonly ArtifactFile[]> {
  const { readZip } = await import('../package/unzip.ts');
  return readZip(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
    unpackedBytes: MAX_UNPACKED_BYTES,
  });
}
