/** A call of S3: which it is, and what it comes with. */
import type { WireReply, WireRequest } from '../core/service.ts';

export interface S3Call {
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** After the checksums were checked and chunks put together. */
  readonly content: Buffer;
}

export type S3Operation = (call: S3Call) => Partial<WireReply>;

/** What is asked of a bucket besides itself and its list: `?notification`. */
const BUCKET_PARTS: Readonly<Record<string, string>> = {
  notification: 'BucketNotificationConfiguration',
  tagging: 'BucketTagging',
  publicAccessBlock: 'PublicAccessBlock',
  encryption: 'BucketEncryption',
  location: 'BucketLocation',
};
const VERBS: Readonly<Record<string, string>> = { GET: 'Get', PUT: 'Put', DELETE: 'Delete' };
const BUCKET_VERBS: Readonly<Record<string, string>> = {
  PUT: 'CreateBucket',
  HEAD: 'HeadBucket',
  DELETE: 'DeleteBucket',
};
const OBJECT_VERBS: Readonly<Record<string, string>> = {
  PUT: 'PutObject',
  GET: 'GetObject',
  HEAD: 'HeadObject',
  DELETE: 'DeleteObject',
};

/** Parts of a query that do not choose an operation. */
const PLAIN = new Set([
  'x-id',
  'list-type',
  'prefix',
  'delimiter',
  'max-keys',
  'continuation-token',
  'start-after',
  'fetch-owner',
  'encoding-type',
  'max-buckets',
  'bucket-region',
]);

/** `/bucket/key`, percent-decoded. */
export function pathOf(request: WireRequest): { readonly bucket: string; readonly key: string } {
  const [, bucket = '', ...key] = request.path.split('/');
  return { bucket: decodeURIComponent(bucket), key: decodeURIComponent(key.join('/')) };
}

/** Undefined for what this fake does not do. */
export function operationOf(request: WireRequest): string | undefined {
  const { bucket, key } = pathOf(request);
  const { method, query } = request;
  const part = [...query.keys()].find((name) => !PLAIN.has(name) && !/^x-amz-/i.test(name));
  if (bucket === '') return method === 'GET' && part === undefined ? 'ListBuckets' : undefined;
  if (key !== '') return part === undefined ? OBJECT_VERBS[method] : undefined;
  if (part === 'delete') return method === 'POST' ? 'DeleteObjects' : undefined;
  if (part !== undefined) {
    const subject = BUCKET_PARTS[part];
    const verb = VERBS[method];
    return subject === undefined || verb === undefined ? undefined : `${verb}${subject}`;
  }
  if (method === 'GET') return query.get('list-type') === '2' ? 'ListObjectsV2' : undefined;
  return BUCKET_VERBS[method];
}
