/** What is kept of a version beside its package: a blob, and in its metadata, so that one list tells all. */
import type { VersionNote } from '../record.ts';

/** Where things of a version lie, in the container of the function. */
export const BLOB = {
  versions: 'versions/',
  artifacts: 'artifacts/',
  packages: 'packages/',
} as const;

export const versionBlob = (version: string): string => `${BLOB.versions}${version}.json`;
export const artifactBlob = (digest: string): string => `${BLOB.artifacts}${digest}.zip`;
export const packageBlob = (digest: string): string => `${BLOB.packages}${digest}.zip`;

/** The container of packages, in the function app's own storage account. */
export const CONTAINER = 'polyfaas';

/** The name in a blob's metadata. */
export const NOTE_KEY = 'note';
/** Azure Storage: metadata of a blob has at most 8 KB, names included. */
const MAX_METADATA = 7_000;

/** The note as metadata; nothing when it is too long for that: then the blob itself is read. */
export function encodeNote(note: VersionNote): Readonly<Record<string, string>> {
  const { deflateRawSync } = process.getBuiltinModule('node:zlib');
  const packed = deflateRawSync(JSON.stringify(note), { level: 9 }).toString('base64url');
  return packed.length > MAX_METADATA ? {} : { [NOTE_KEY]: packed };
}

/** Undefined for what is not ours. */
export function decodeNote(
  metadata: Readonly<Record<string, string>> | undefined,
): VersionNote | undefined {
  const packed = metadata?.[NOTE_KEY];
  if (packed === undefined) return undefined;
  try {
    const { inflateRawSync } = process.getBuiltinModule('node:zlib');
    return parseNote(inflateRawSync(Buffer.from(packed, 'base64url')).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Undefined for what is not ours. */
export function parseNote(text: string): VersionNote | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isNote(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

// Only this adapter writes these blobs.
function isNote(value: unknown): value is VersionNote {
  return (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    typeof value.version === 'string' &&
    'digest' in value &&
    'artifactDigest' in value &&
    'handles' in value &&
    Array.isArray(value.handles) &&
    'env' in value &&
    Array.isArray(value.env)
  );
}
