/** Objects: put, read, deleted, listed. */
import { children, childText } from '../core/xml.ts';
import { AwsFault } from '../core/service.ts';
import { crc32Of } from './body.ts';
import { document, xmlOf } from './bucket-operations.ts';
import type { Buckets, StoredObject } from './buckets.ts';
import { invalidArgument, malformedXml } from './fault.ts';
import type { S3Operation } from './operation.ts';

const METADATA = 'x-amz-meta-';

export function objectOperations(buckets: Buckets): Readonly<Record<string, S3Operation>> {
  return {
    PutObject({ bucket, key, headers, content }) {
      if (Buffer.byteLength(key) > 1024) {
        throw new AwsFault(400, 'KeyTooLongError', 'Your key is too long');
      }
      if (headers['x-amz-copy-source'] !== undefined) {
        throw new AwsFault(501, 'NotImplemented', 'This fake does not copy objects');
      }
      const object = buckets.putObject(buckets.get(bucket), {
        key,
        body: content,
        contentType: headers['content-type'] ?? 'binary/octet-stream',
        metadata: metadataOf(headers),
      });
      return {
        headers: {
          etag: object.eTag,
          'x-amz-checksum-crc32': crc32Of(content).toString('base64'),
          'x-amz-checksum-type': 'FULL_OBJECT',
        },
      };
    },
    GetObject({ bucket, key, headers }) {
      const object = buckets.object(buckets.get(bucket), key);
      const range = /^bytes=(\d+)-(\d*)$/.exec(headers['range'] ?? '');
      if (range === null) return { headers: headersOf(object), body: object.body };
      const start = Number(range[1]);
      const end = range[2] === '' ? object.body.length : Number(range[2]) + 1;
      const part = object.body.subarray(start, end);
      return {
        status: 206,
        headers: {
          ...headersOf(object),
          'content-length': String(part.length),
          'content-range': `bytes ${start}-${start + part.length - 1}/${object.body.length}`,
        },
        body: part,
      };
    },
    HeadObject({ bucket, key }) {
      return { headers: headersOf(buckets.object(buckets.get(bucket), key)) };
    },
    DeleteObject({ bucket, key }) {
      buckets.deleteObject(buckets.get(bucket), key);
      return { status: 204 };
    },
    DeleteObjects({ bucket, content }) {
      const found = buckets.get(bucket);
      const request = xmlOf(content);
      const keys = children(request, 'Object').map((each) => childText(each, 'Key') ?? '');
      if (keys.length === 0 || keys.length > 1000) throw malformedXml();
      for (const key of keys) buckets.deleteObject(found, key);
      const isQuiet = childText(request, 'Quiet') === 'true';
      return {
        body: document('DeleteResult', isQuiet ? '' : { Deleted: keys.map((Key) => ({ Key })) }),
      };
    },
    ListObjectsV2({ bucket, query }) {
      const prefix = query.get('prefix') ?? '';
      const delimiter = query.get('delimiter') ?? '';
      const limit = Math.min(1000, Number(query.get('max-keys') ?? 1000));
      if (!(limit >= 0))
        throw invalidArgument('Provided max-keys not an integer or within integer range');
      const token = query.get('continuation-token');
      const after =
        token === null
          ? (query.get('start-after') ?? '')
          : Buffer.from(token, 'base64').toString('utf8');
      const all = listed([...buckets.get(bucket).objects.values()], prefix, delimiter);
      const rest = all.filter((entry) => entry.name > after);
      const page = rest.slice(0, limit);
      const isTruncated = rest.length > page.length;
      return {
        body: document('ListBucketResult', {
          Name: bucket,
          Prefix: prefix,
          Delimiter: delimiter === '' ? undefined : delimiter,
          MaxKeys: limit,
          KeyCount: page.length,
          IsTruncated: isTruncated,
          NextContinuationToken: isTruncated
            ? Buffer.from(page.at(-1)?.name ?? '').toString('base64')
            : undefined,
          Contents: page.flatMap(({ object }) =>
            object === undefined
              ? []
              : [
                  {
                    Key: object.key,
                    LastModified: new Date(object.modifiedAt),
                    ETag: object.eTag,
                    Size: object.body.length,
                    StorageClass: 'STANDARD',
                  },
                ],
          ),
          CommonPrefixes: page.flatMap(({ name, object }) =>
            object === undefined ? [{ Prefix: name }] : [],
          ),
        }),
      };
    },
  };
}

interface Listed {
  readonly name: string;
  /** Absent for what stands for all keys with a common beginning. */
  readonly object?: StoredObject;
}

function listed(
  objects: readonly StoredObject[],
  prefix: string,
  delimiter: string,
): readonly Listed[] {
  const entries = new Map<string, Listed>();
  for (const object of objects) {
    if (!object.key.startsWith(prefix)) continue;
    const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    const name = end < 0 ? object.key : object.key.slice(0, end + delimiter.length);
    entries.set(name, end < 0 ? { name, object } : { name });
  }
  return [...entries.values()].toSorted((a, b) =>
    Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  );
}

function metadataOf(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(METADATA)));
}

function headersOf(object: StoredObject): Readonly<Record<string, string>> {
  return {
    'content-type': object.contentType,
    'content-length': String(object.body.length),
    etag: object.eTag,
    'last-modified': new Date(object.modifiedAt).toUTCString(),
    'accept-ranges': 'bytes',
    ...object.metadata,
  };
}
