/** Operations on blobs. */
import { createHash } from 'node:crypto';
import { readXml } from '../../../aws/core/xml.ts';
import type { WireReply } from '../../core/ports.ts';
import type { PlaneRequest } from '../../core/service.ts';
import { headersOfMetadata, metadataOf } from '../address.ts';
import {
  blobNotFound,
  invalidHeader,
  invalidQuery,
  missingHeader,
  missingQuery,
  StorageFault,
} from '../fault.ts';
import { checkRead, checkWrite } from './conditions.ts';
import { writeBlob, newEtag, type Blob, type Container } from './container.ts';

/** A request about one blob of a container that is there. */
export interface BlobCall {
  readonly request: PlaneRequest;
  readonly query: URLSearchParams;
  readonly container: Container;
  readonly name: string;
  readonly now: number;
}

const CONTENT_HEADERS = [
  'content-type',
  'content-encoding',
  'content-language',
  'content-disposition',
  'cache-control',
] as const;

export function putBlob(call: BlobCall): { readonly reply: WireReply; readonly blob: Blob } {
  const { request, container, name, now } = call;
  const kind = request.headers['x-ms-blob-type'];
  if (kind === undefined) throw missingHeader('x-ms-blob-type');
  if (kind !== 'BlockBlob') throw invalidHeader('x-ms-blob-type', kind);
  checkMd5(request);
  checkWrite(request.headers, container.blobs.get(name));
  const blob = writeBlob(
    container,
    name,
    {
      body: request.body,
      headers: contentHeaders(request, true),
      metadata: metadataOf(request.headers),
    },
    now,
  );
  return { blob, reply: written(blob, 201, md5Of(blob, 'content-md5')) };
}

/** `comp=block` */
export function putBlock({ request, query, container, name }: BlobCall): WireReply {
  const id = query.get('blockid');
  if (id === null) throw missingQuery('blockid');
  if (!/^[A-Za-z0-9+/]+=*$/.test(id) || Buffer.from(id, 'base64').length > 64) {
    throw invalidQuery('blockid', id);
  }
  checkMd5(request);
  const staged = container.staged.get(name) ?? new Map<string, Buffer>();
  const [other] = staged.keys();
  if (other !== undefined && other.length !== id.length) {
    throw new StorageFault(
      400,
      'InvalidBlobOrBlock',
      'The specified blob or block content is invalid.',
    );
  }
  staged.set(id, request.body);
  container.staged.set(name, staged);
  return { status: 201, headers: { 'x-ms-request-server-encrypted': 'true' } };
}

/** `comp=blocklist` */
export function putBlockList(call: BlobCall): { readonly reply: WireReply; readonly blob: Blob } {
  const { request, container, name, now } = call;
  const before = container.blobs.get(name);
  checkWrite(request.headers, before);
  const staged = container.staged.get(name) ?? new Map<string, Buffer>();
  const committed = before?.blocks ?? new Map<string, Buffer>();
  const blocks = new Map<string, Buffer>();
  const parts: Buffer[] = [];
  for (const { name: from, text } of blockIds(request.body)) {
    const found =
      (from === 'Committed' ? undefined : staged.get(text)) ??
      (from === 'Uncommitted' ? undefined : committed.get(text));
    if (!found) {
      throw new StorageFault(400, 'InvalidBlockList', 'The specified block list is invalid.');
    }
    parts.push(found);
    blocks.set(text, found);
  }
  const content = {
    body: Buffer.concat(parts),
    headers: contentHeaders(request, false),
    metadata: metadataOf(request.headers),
    blocks,
    contentMd5: request.headers['x-ms-blob-content-md5'],
  };
  const blob = writeBlob(container, name, content, now);
  return { blob, reply: written(blob, 201) };
}

export function getBlob(call: BlobCall): WireReply {
  const { request, container, name } = call;
  const blob = container.blobs.get(name);
  if (!blob) throw blobNotFound();
  checkRead(request.headers, blob);
  const headers = {
    ...described(blob),
    'accept-ranges': 'bytes',
    ...overridden(call.query),
  };
  if (request.method === 'HEAD')
    return {
      status: 200,
      headers: {
        ...headers,
        ...TIER,
        ...md5Of(blob, 'content-md5'),
        'content-length': String(blob.body.length),
      },
    };
  const range = request.headers['x-ms-range'] ?? request.headers['range'];
  const match = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
  if (!match) {
    const whole = { ...md5Of(blob, 'content-md5'), 'content-length': String(blob.body.length) };
    return { status: 200, headers: { ...headers, ...whole }, body: blob.body };
  }
  const from = Number(match[1]);
  const to = Math.min(match[2] ? Number(match[2]) : Infinity, blob.body.length - 1);
  if (from > to) {
    throw new StorageFault(
      416,
      'InvalidRange',
      'The range specified is invalid for the current size of the resource.',
      { headers: { 'content-range': `bytes */${blob.body.length}` } },
    );
  }
  const part = blob.body.subarray(from, to + 1);
  return {
    status: 206,
    headers: {
      ...headers,
      'content-length': String(part.length),
      'content-range': `bytes ${from}-${to}/${blob.body.length}`,
      ...md5Of(blob, 'x-ms-blob-content-md5'),
    },
    body: part,
  };
}

export function deleteBlob({ request, container, name }: BlobCall): {
  readonly reply: WireReply;
  readonly blob: Blob;
} {
  const blob = container.blobs.get(name);
  if (!blob) throw blobNotFound();
  checkWrite(request.headers, blob);
  container.blobs.delete(name);
  return { blob, reply: { status: 202, headers: { 'x-ms-delete-type-permanent': 'true' } } };
}

/** `comp=metadata` and `comp=properties`: replaces what the headers say, and leaves the body. */
export function changeBlob(call: BlobCall, what: 'metadata' | 'properties'): WireReply {
  const { request, container, name, now } = call;
  const before = container.blobs.get(name);
  if (!before) throw blobNotFound();
  checkWrite(request.headers, before);
  const change =
    what === 'metadata'
      ? { metadata: metadataOf(request.headers) }
      : { headers: contentHeaders(request, false) };
  const blob: Blob = { ...before, ...change, etag: newEtag(), modifiedAt: now };
  container.blobs.set(name, blob);
  return written(blob, 200);
}

/** Only the properties of a blob tell it. */
const TIER = { 'x-ms-access-tier': 'Hot', 'x-ms-access-tier-inferred': 'true' };

function md5Of({ contentMd5 }: Blob, header: string): Readonly<Record<string, string>> {
  return contentMd5 === undefined ? {} : { [header]: contentMd5 };
}

/** What tells of a blob. */
export function described(blob: Blob): Readonly<Record<string, string>> {
  return {
    ...blob.headers,
    ...headersOfMetadata(blob.metadata),
    etag: blob.etag,
    'last-modified': new Date(blob.modifiedAt).toUTCString(),
    'x-ms-creation-time': new Date(blob.createdAt).toUTCString(),
    'x-ms-blob-type': 'BlockBlob',
    'x-ms-lease-state': 'available',
    'x-ms-lease-status': 'unlocked',
    'x-ms-server-encrypted': 'true',
  };
}

function written(
  blob: Blob,
  status: number,
  extra: Readonly<Record<string, string>> = {},
): WireReply {
  return {
    status,
    headers: {
      etag: blob.etag,
      'last-modified': new Date(blob.modifiedAt).toUTCString(),
      'x-ms-request-server-encrypted': 'true',
      ...extra,
    },
  };
}

/** Headers that the blob is to be read with. Those of the request itself count only where it carries the content. */
function contentHeaders(
  { headers }: PlaneRequest,
  isContent: boolean,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of CONTENT_HEADERS) {
    const value = headers[`x-ms-blob-${name}`] ?? (isContent ? headers[name] : undefined);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** A signature may say which headers to answer with. */
function overridden(query: URLSearchParams): Readonly<Record<string, string>> {
  const names = { rsct: 'content-type', rscd: 'content-disposition', rscc: 'cache-control' };
  return Object.fromEntries(
    Object.entries(names).flatMap(([key, header]) => {
      const value = query.get(key);
      return value === null ? [] : [[header, value]];
    }),
  );
}

function checkMd5({ headers, body }: PlaneRequest): void {
  const claimed = headers['content-md5'];
  if (claimed === undefined) return;
  if (Buffer.from(claimed, 'base64').length !== 16) {
    throw new StorageFault(
      400,
      'InvalidMd5',
      'The MD5 value specified in the request is invalid. MD5 value must be 128 bits and base64-encoded.',
    );
  }
  if (createHash('md5').update(body).digest('base64') === claimed) return;
  throw new StorageFault(
    400,
    'Md5Mismatch',
    'The MD5 value specified in the request did not match with the MD5 value calculated by the server.',
  );
}

function blockIds(body: Buffer): readonly { readonly name: string; readonly text: string }[] {
  try {
    return readXml(body.toString('utf8')).children;
  } catch {
    throw new StorageFault(400, 'InvalidXmlDocument', 'XML specified is not syntactically valid.');
  }
}
