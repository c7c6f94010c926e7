/** Operations on containers, and the lists of them and of their blobs. */
import { writeXml, type XmlValue } from '../../../aws/core/xml.ts';
import type { WireReply } from '../../core/ports.ts';
import type { PlaneRequest } from '../../core/service.ts';
import type { Account } from '../accounts.ts';
import { headersOfMetadata, metadataOf } from '../address.ts';
import { containerNotFound, invalidQuery, outOfRange, StorageFault } from '../fault.ts';
import { checkChildName, isContainerName } from '../names.ts';
import { newContainer, newEtag, type Blob, type Container } from './container.ts';

const MAX_PAGE = 5000;
/** What a list of blobs can include. */
const INCLUDED =
  /^(?:copy|deleted|metadata|snapshots|tags|uncommittedblobs|versions|deletedwithversions|immutabilitypolicy|legalhold|permissions)$/;

export function createContainer(
  account: Account,
  name: string,
  request: PlaneRequest,
  now: number,
): WireReply {
  if (!isContainerName(name)) checkChildName(name);
  if (account.containers.has(name)) {
    throw new StorageFault(
      409,
      'ContainerAlreadyExists',
      'The specified container already exists.',
    );
  }
  account.checkFree('c', name, now);
  const container = newContainer(name, now);
  container.metadata = metadataOf(request.headers);
  const access = request.headers['x-ms-blob-public-access'];
  if (access !== undefined && !account.allowsPublicAccess) {
    throw new StorageFault(
      409,
      'PublicAccessNotPermitted',
      'Public access is not permitted on this storage account.',
    );
  }
  container.publicAccess = accessOf(access);
  account.containers.set(name, container);
  return { status: 201, headers: described(container) };
}

export function containerProperties(container: Container): WireReply {
  return {
    status: 200,
    headers: {
      ...described(container),
      ...headersOfMetadata(container.metadata),
      'x-ms-lease-state': 'available',
      'x-ms-lease-status': 'unlocked',
      'x-ms-has-immutability-policy': 'false',
      'x-ms-has-legal-hold': 'false',
    },
  };
}

export function setContainerMetadata(
  container: Container,
  request: PlaneRequest,
  now: number,
): WireReply {
  container.metadata = metadataOf(request.headers);
  container.etag = newEtag();
  container.modifiedAt = now;
  return { status: 200, headers: described(container) };
}

export function containerOf(account: Account, name: string): Container {
  const container = account.containers.get(name);
  if (!container) throw containerNotFound();
  return container;
}

/** `restype=container&comp=list` */
export function listBlobs(
  endpoint: string,
  container: Container,
  query: URLSearchParams,
): WireReply {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const included = (query.get('include') ?? '').split(',').filter((word) => word !== '');
  const unknown = included.find((word) => !INCLUDED.test(word));
  if (unknown !== undefined) throw invalidQuery('include', unknown);
  const withMetadata = included.includes('metadata');
  const entries = new Map<string, Blob | undefined>();
  for (const name of [...container.blobs.keys()].filter((key) => key.startsWith(prefix)).sort()) {
    const cut = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
    if (cut === -1) entries.set(name, container.blobs.get(name));
    else entries.set(name.slice(0, cut + delimiter.length), undefined);
  }
  const page = pageOf([...entries], query);
  const blobs = page.items
    .map(([name, blob]) =>
      blob
        ? writeXml('Blob', blobEntry(blob, withMetadata))
        : writeXml('BlobPrefix', { Name: name }),
    )
    .join('');
  return listing(
    ` ServiceEndpoint="${endpoint}" ContainerName="${container.name}"`,
    query,
    `<Blobs>${blobs}</Blobs>`,
    page.next,
  );
}

/** `comp=list` on the account */
export function listContainers(
  endpoint: string,
  account: Account,
  query: URLSearchParams,
): WireReply {
  const prefix = query.get('prefix') ?? '';
  const withMetadata = (query.get('include') ?? '').split(',').includes('metadata');
  const found = [...account.containers.values()]
    .filter(({ name }) => name.startsWith(prefix))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((container) => [container.name, container] as const);
  const page = pageOf(found, query);
  const containers = page.items.map(([, container]) =>
    writeXml('Container', {
      Name: container.name,
      Properties: {
        'Last-Modified': new Date(container.modifiedAt).toUTCString(),
        Etag: container.etag,
        LeaseStatus: 'unlocked',
        LeaseState: 'available',
        DefaultEncryptionScope: '$account-encryption-key',
        DenyEncryptionScopeOverride: 'false',
        HasImmutabilityPolicy: 'false',
        HasLegalHold: 'false',
      },
      ...(withMetadata && { Metadata: container.metadata }),
    }),
  );
  const inner = `<Containers>${containers.join('')}</Containers>`;
  return listing(` ServiceEndpoint="${endpoint}"`, query, inner, page.next);
}

/** One page of a list in order of names, as the query asks for it. */
export function pageOf<T>(
  entries: readonly (readonly [string, T])[],
  query: URLSearchParams,
): { readonly items: readonly (readonly [string, T])[]; readonly next: string } {
  const wanted = query.get('maxresults');
  const size = Number(wanted ?? MAX_PAGE);
  if (!Number.isInteger(size)) throw invalidQuery('maxresults', wanted ?? '');
  if (size < 1) throw outOfRange('maxresults', wanted ?? '', 1, MAX_PAGE);
  const marker = query.get('marker') ?? '';
  const from = Buffer.from(marker, 'base64').toString('utf8');
  if (marker !== '' && Buffer.from(from).toString('base64') !== marker) {
    throw invalidQuery('marker', marker);
  }
  const rest = entries.filter(([name]) => name >= from);
  const items = rest.slice(0, Math.min(size, MAX_PAGE));
  const following = rest[items.length]?.[0];
  const next = following === undefined ? '' : Buffer.from(following).toString('base64');
  return { items, next };
}

/** An `EnumerationResults` document. */
export function listing(
  attributes: string,
  query: URLSearchParams,
  inner: string,
  next: string,
): WireReply {
  const asked = ['Prefix', 'Marker', 'MaxResults', 'Delimiter']
    .map((name) => writeXml(name, query.get(name.toLowerCase()) ?? undefined))
    .join('');
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="utf-8"?><EnumerationResults${attributes}>${asked}${inner}${writeXml('NextMarker', next)}</EnumerationResults>`,
  };
}

function blobEntry(blob: Blob, withMetadata: boolean): { readonly [name: string]: XmlValue } {
  return {
    Name: blob.name,
    Properties: {
      'Creation-Time': new Date(blob.createdAt).toUTCString(),
      'Last-Modified': new Date(blob.modifiedAt).toUTCString(),
      Etag: blob.etag.replaceAll('"', ''),
      'Content-Length': blob.body.length,
      'Content-Type': blob.headers['content-type'] ?? '',
      'Content-Encoding': blob.headers['content-encoding'] ?? '',
      'Content-Language': blob.headers['content-language'] ?? '',
      'Content-MD5': blob.contentMd5 ?? '',
      'Cache-Control': blob.headers['cache-control'] ?? '',
      'Content-Disposition': blob.headers['content-disposition'] ?? '',
      BlobType: 'BlockBlob',
      AccessTier: 'Hot',
      AccessTierInferred: true,
      LeaseStatus: 'unlocked',
      LeaseState: 'available',
      ServerEncrypted: true,
    },
    ...(withMetadata && { Metadata: blob.metadata }),
  };
}

function described(container: Container): Readonly<Record<string, string>> {
  return {
    etag: container.etag,
    'last-modified': new Date(container.modifiedAt).toUTCString(),
  };
}

function accessOf(header: string | undefined): Container['publicAccess'] {
  if (header === 'blob') return 'Blob';
  return header === 'container' ? 'Container' : 'None';
}
