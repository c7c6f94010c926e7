/** One container of blobs. */
import { createHash } from 'node:crypto';

export interface Blob {
  readonly name: string;
  readonly body: Buffer;
  /** `content-type`, `content-encoding`, `content-language`, `content-disposition`, `cache-control`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly etag: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** Nobody computes it of a blob that was committed from blocks. */
  readonly contentMd5: string | undefined;
  /** Of a blob that was committed from blocks: their bodies by id. */
  readonly blocks: ReadonlyMap<string, Buffer>;
}

export interface Container {
  readonly name: string;
  metadata: Readonly<Record<string, string>>;
  publicAccess: 'None' | 'Blob' | 'Container';
  etag: string;
  modifiedAt: number;
  readonly blobs: Map<string, Blob>;
  /** Blocks that wait for their list, by blob. */
  readonly staged: Map<string, Map<string, Buffer>>;
}

let lastTag = 0x8dd0000000000;

/** `"0x8DD0000000001"` */
export function newEtag(): string {
  lastTag += 1;
  return `"0x${lastTag.toString(16).toUpperCase()}"`;
}

export function newContainer(name: string, now: number): Container {
  return {
    name,
    metadata: {},
    publicAccess: 'None',
    etag: newEtag(),
    modifiedAt: now,
    blobs: new Map(),
    staged: new Map(),
  };
}

/** What a blob is written with. */
export interface BlobContent {
  readonly body: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Of a blob that is committed from blocks. */
  readonly blocks?: ReadonlyMap<string, Buffer>;
  /** With blocks: what its writer says of the whole. */
  readonly contentMd5?: string | undefined;
}

/** Makes or replaces a blob. */
export function writeBlob(
  container: Container,
  name: string,
  content: BlobContent,
  now: number,
): Blob {
  const blob: Blob = {
    name,
    body: content.body,
    headers: { 'content-type': 'application/octet-stream', ...content.headers },
    metadata: content.metadata ?? {},
    etag: newEtag(),
    createdAt: container.blobs.get(name)?.createdAt ?? now,
    modifiedAt: now,
    contentMd5: content.blocks
      ? content.contentMd5
      : createHash('md5').update(content.body).digest('base64'),
    blocks: content.blocks ?? new Map(),
  };
  container.blobs.set(name, blob);
  container.staged.delete(name);
  return blob;
}
