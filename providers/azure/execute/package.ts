/** Puts the package together, and the artifact beside it, in the function app's own storage account. */
import type { ContainerClient } from '@azure/storage-blob';
import { unzipFiles, zipFiles, type ArtifactFile, type CallContext } from 'polyfaas/spi';
import { ifThere, isMissing } from '../errors.ts';
import { MANIFEST_FILE } from '../manifest.ts';
import type { Executor } from '../model.ts';
import { nameOfId } from '../names.ts';
import { artifactBlob, packageBlob } from '../package/note.ts';
import { containerOf } from '../package/storage.ts';
import type { PackageWish } from '../plan/wish.ts';
import { inputOf, type KnownTarget } from '../step-input.ts';
import { refusal } from './refusals.ts';

const HOST_FILE = 'host.json';

export const uploadPackage: Executor = async (azure, step, call) => {
  const { target, package: wish } = inputOf<{ package: PackageWish }>(step);
  const { digest, artifactDigest } = wish;
  const container = await containerOf(azure, target, call.signal);
  const [hasPackage, hasArtifact] = await Promise.all([
    exists(container, packageBlob(digest), call),
    exists(container, artifactBlob(artifactDigest), call),
  ]);
  if (hasPackage && hasArtifact) return { done: true };
  const atHand = await call.artifacts.get(artifactDigest).catch(() => undefined);
  if (!hasArtifact) {
    if (!atHand) {
      throw refusal(
        target,
        'NOT_FOUND',
        `The code of "${target.ref.name}" is neither at hand nor in its storage account any more. Deploy it again.`,
      );
    }
    await upload(container, artifactBlob(artifactDigest), await atHand.zip(), target, call);
  }
  if (!hasPackage) {
    const files = atHand
      ? await atHand.files()
      : await unzipFiles(await download(container, artifactBlob(artifactDigest), call));
    await upload(
      container,
      packageBlob(digest),
      await zipFiles(packageFiles(files, wish)),
      target,
      call,
    );
  }
  return { done: true };
};

/** The artifact's files, and what belongs to this package alone. */
function packageFiles(
  files: readonly ArtifactFile[],
  { manifest, hostJson }: Pick<PackageWish, 'manifest' | 'hostJson'>,
): readonly ArtifactFile[] {
  const own = [fileOf(MANIFEST_FILE, manifest), fileOf(HOST_FILE, hostJson)];
  const taken = new Set(own.map(({ path }) => path));
  return [...files.filter(({ path }) => !taken.has(path)), ...own];
}

function fileOf(path: string, content: object): ArtifactFile {
  return { path, mode: 0o644, bytes: Buffer.from(`${JSON.stringify(content)}\n`) };
}

async function exists(
  container: ContainerClient,
  name: string,
  { signal }: CallContext,
): Promise<boolean> {
  const blob = container.getBlockBlobClient(name);
  return (await ifThere(blob.getProperties({ abortSignal: signal }))) !== undefined;
}

/**
 * Blobs are named by the digest of what they hold: one that is there is the same.
 *
 * @throws ServerlessError NOT_FOUND when somebody deleted the container.
 */
async function upload(
  container: ContainerClient,
  name: string,
  bytes: Uint8Array,
  target: KnownTarget,
  { signal }: CallContext,
): Promise<void> {
  try {
    await container.getBlockBlobClient(name).upload(Buffer.from(bytes), bytes.byteLength, {
      blobHTTPHeaders: { blobContentType: 'application/zip' },
      abortSignal: signal,
    });
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw refusal(
      target,
      'NOT_FOUND',
      `The storage account "${nameOfId(target.storageAccount)}" has no container "${container.containerName}" for the packages of "${target.ref.name}". Deploy the function with drift: 'full', which makes it again.`,
      { cause: error },
    );
  }
}

export async function download(
  container: ContainerClient,
  name: string,
  { signal }: CallContext,
): Promise<Buffer> {
  return container.getBlockBlobClient(name).downloadToBuffer(0, undefined, { abortSignal: signal });
}

/** Deletes a blob that may be gone. */
export async function deleteBlob(
  container: ContainerClient,
  name: string,
  { signal }: CallContext,
): Promise<void> {
  try {
    await container.deleteBlob(name, { abortSignal: signal });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
