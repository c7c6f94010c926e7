/** S3, path style: buckets, objects, and the notifications of their changes. */
import { enforce, faultOf } from '../core/access.ts';
import type { S3Port, World } from '../core/ports.ts';
import { requestId } from '../core/request-id.ts';
import { AwsFault, type Service, type WireReply, type WireRequest } from '../core/service.ts';
import { writeXml } from '../core/xml.ts';
import { contentOf } from './body.ts';
import { bucketOperations } from './bucket-operations.ts';
import { Buckets } from './buckets.ts';
import { bucketArn, objectNotifier } from './notify.ts';
import { objectOperations } from './object-operations.ts';
import { operationOf, pathOf } from './operation.ts';

/** The IAM action where it is not named like the operation. */
const ACTIONS: Readonly<Record<string, string>> = {
  ListBuckets: 's3:ListAllMyBuckets',
  HeadBucket: 's3:ListBucket',
  ListObjectsV2: 's3:ListBucket',
  HeadObject: 's3:GetObject',
  DeleteObjects: 's3:DeleteObject',
  GetBucketNotificationConfiguration: 's3:GetBucketNotification',
  PutBucketNotificationConfiguration: 's3:PutBucketNotification',
  GetPublicAccessBlock: 's3:GetBucketPublicAccessBlock',
  PutPublicAccessBlock: 's3:PutBucketPublicAccessBlock',
  GetBucketEncryption: 's3:GetEncryptionConfiguration',
  PutBucketEncryption: 's3:PutEncryptionConfiguration',
};

/** The port, and what else a test may want of S3. */
export interface S3Fake extends Service {
  readonly port: S3Port;
  /** Somebody else takes a bucket's name. */
  addStranger(bucket: string): void;
}

export function createS3Service(world: World): S3Fake {
  const buckets = new Buckets(world, objectNotifier(world));
  const operations = { ...bucketOperations(world, buckets), ...objectOperations(buckets) };

  function answer(request: WireRequest): WireReply {
    const name = operationOf(request);
    const operation = name === undefined ? undefined : operations[name];
    if (name === undefined || operation === undefined) {
      throw new AwsFault(
        501,
        'NotImplemented',
        `This fake has no ${request.method} ${request.path}`,
      );
    }
    const { bucket, key } = pathOf(request);
    const resource = key === '' ? bucketArn(bucket) : `${bucketArn(bucket)}/${key}`;
    enforce(request, ACTIONS[name] ?? `s3:${name}`, resource, {
      status: 403,
      code: 'AccessDenied',
    });
    const content = contentOf(request);
    const { headers, query } = request;
    const reply = operation({ bucket, key, query, headers, content });
    return {
      status: reply.status ?? 200,
      headers: {
        'x-amz-request-id': requestId(),
        ...(typeof reply.body === 'string' && { 'content-type': 'application/xml' }),
        ...reply.headers,
      },
      ...(reply.body !== undefined && { body: reply.body }),
    };
  }

  return {
    id: 's3',
    async handle(request) {
      try {
        return answer(request);
      } catch (error) {
        return fault(faultOf(error), request.method === 'HEAD');
      }
    },
    operationOf,
    inventory: () =>
      buckets
        .all()
        .flatMap(({ name, objects, notifications }) => [
          `s3 bucket ${name}`,
          ...[...objects.keys()].map((key) => `s3 object ${name}/${key}`),
          ...notifications.targets.map((target) => `s3 notification ${name}/${target.id}`),
        ]),
    addStranger: (name) => buckets.addStranger(name),
    port: {
      bucketExists: (name) => buckets.find(name) !== undefined,
      put(name, key, body, contentType = 'binary/octet-stream') {
        buckets.putObject(buckets.get(name), { key, body, contentType, metadata: {} });
      },
      delete: (name, key) => buckets.deleteObject(buckets.get(name), key),
      get: (name, key) => buckets.find(name)?.objects.get(key)?.body,
    },
  };
}

/** A reply to HEAD has no body, so that its status alone tells. */
function fault(error: AwsFault, isHead: boolean): WireReply {
  const id = requestId();
  const headers = { 'x-amz-request-id': id, ...error.headers };
  if (isHead) return { status: error.status, headers };
  const fields = Object.fromEntries(
    Object.entries(error.fields).map(([name, value]) => [name, String(value)]),
  );
  return {
    status: error.status,
    headers: { ...headers, 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${writeXml('Error', {
      Code: error.code,
      Message: error.message,
      ...fields,
      RequestId: id,
      HostId: 'fake',
    })}`,
  };
}
