/** What is kept of versions: notes, artifacts and packages. */
import type { ContainerClient } from '@azure/storage-blob';
import type { CallContext } from 'polyfaas/spi';
import { isMissing } from '../errors.ts';
import type { Executor } from '../model.ts';
import {
  BLOB,
  artifactBlob,
  decodeNote,
  encodeNote,
  packageBlob,
  parseNote,
  versionBlob,
} from '../package/note.ts';
import { containerOf } from '../package/storage.ts';
import type { VersionNote } from '../record.ts';
import { inputOf } from '../step-input.ts';
import { presentRecord } from './mark.ts';
import { deleteBlob, download } from './package.ts';

interface Kept {
  readonly blobs: readonly { readonly name: string; readonly writtenAt: number }[];
  readonly notes: readonly VersionNote[];
}

/** What no note speaks of may be another deploy's, which has only begun. */
const BEGUN_MS = 900_000;

/** The version can be found again from now on; writing it once more changes nothing. */
export const noteVersion: Executor = async (azure, step, { signal }) => {
  const { target, note } = inputOf<{ note: VersionNote }>(step);
  const container = await containerOf(azure, target, signal);
  const text = JSON.stringify(note);
  const blob = container.getBlockBlobClient(versionBlob(note.version));
  await blob.upload(text, Buffer.byteLength(text), {
    metadata: { ...encodeNote(note) },
    blobHTTPHeaders: { blobContentType: 'application/json' },
    abortSignal: signal,
  });
  return { done: true };
};

export const retireVersions: Executor = async (azure, step, call) => {
  const { target, liveVersion, previous, keepVersions, packages } = inputOf<{
    liveVersion: string;
    previous: string | null;
    keepVersions: number;
    packages: readonly string[];
  }>(step);
  const container = await containerOf(azure, target, call.signal);
  const found = await readContainer(container, call);
  const rank = ({ version }: VersionNote): number =>
    version === liveVersion ? 0 : version === previous ? 1 : 2;
  const ordered = found.notes.toSorted(
    (a, b) => rank(a) - rank(b) || ((a.createdAt ?? '') < (b.createdAt ?? '') ? 1 : -1),
  );
  const kept = ordered.slice(0, Math.max(1, keepVersions));
  const needed = new Set([
    ...kept.flatMap(({ version, artifactDigest }) => [
      versionBlob(version),
      artifactBlob(artifactDigest),
    ]),
    ...packages.map(packageBlob),
  ]);
  await drop(container, found, needed, call);
  return { done: true };
};

/**
 * With the packages that nothing needs any more: each event that is configured publishes another one.
 *
 * Their variables stay in the app settings until a deploy writes those: Azure has no condition for such a write, and here
 * no mark in the record keeps it from taking away what a deploy beside it sets.
 */
export const deleteVersions: Executor = async (azure, step, call) => {
  const { target, versions } = inputOf<{ versions: readonly string[] }>(step);
  const container = await containerOf(azure, target, call.signal);
  const [found, { record }] = await Promise.all([
    readContainer(container, call),
    presentRecord(azure, target, call),
  ]);
  const packages = [record.packageDigest, record.lastPackage, record.next];
  const kept = found.notes.filter(({ version }) => !versions.includes(version));
  const needed = new Set([
    ...kept.flatMap(({ version, artifactDigest }) => [
      versionBlob(version),
      artifactBlob(artifactDigest),
    ]),
    ...packages.flatMap((digest) => (digest === null ? [] : [packageBlob(digest)])),
  ]);
  await drop(container, found, needed, call);
  return { done: true };
};

/** Notes first: what they speak of is there as long as they are. */
async function drop(
  container: ContainerClient,
  { blobs, notes }: Kept,
  needed: ReadonlySet<string>,
  call: CallContext,
): Promise<void> {
  const isNote = (name: string): boolean => name.startsWith(BLOB.versions);
  const noted = new Set(notes.map(({ artifactDigest }) => artifactBlob(artifactDigest)));
  const doomed = blobs.filter(
    ({ name, writtenAt }) =>
      !needed.has(name) &&
      (isNote(name) || noted.has(name) || call.clock.now() - writtenAt >= BEGUN_MS),
  );
  for (const { name } of doomed.toSorted(
    (a, b) => Number(isNote(b.name)) - Number(isNote(a.name)),
  )) {
    await deleteBlob(container, name, call);
  }
}

/** What of ours is in the container; the platform keeps its own copy of the package there too. */
async function readContainer(container: ContainerClient, call: CallContext): Promise<Kept> {
  const found: { readonly name: string; readonly writtenAt: number }[] = [];
  const notes: VersionNote[] = [];
  try {
    const blobs = container.listBlobsFlat({ includeMetadata: true, abortSignal: call.signal });
    for await (const { name, metadata, properties } of blobs) {
      if (!Object.values(BLOB).some((prefix) => name.startsWith(prefix))) continue;
      found.push({ name, writtenAt: properties.lastModified.getTime() });
      if (!name.startsWith(BLOB.versions)) continue;
      const note =
        decodeNote(metadata) ?? parseNote((await download(container, name, call)).toString('utf8'));
      if (note) notes.push(note);
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return { blobs: found, notes };
}
