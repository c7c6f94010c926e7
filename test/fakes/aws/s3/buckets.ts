/** The buckets of S3 and the objects in them. */
import type { World } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import { md5Of } from './body.ts';
import type { Notifications } from './notification.ts';

export interface StoredObject {
  readonly key: string;
  readonly body: Buffer;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** In quotation marks, as on the wire. */
  readonly eTag: string;
  readonly modifiedAt: number;
}

export interface Bucket {
  readonly name: string;
  readonly region: string;
  readonly createdAt: number;
  readonly objects: Map<string, StoredObject>;
  tags: readonly (readonly [string, string])[];
  notifications: Notifications;
  publicAccessBlock: string | undefined;
  encryption: string | undefined;
}

export const NO_NOTIFICATIONS: Notifications = { targets: [], hasEventBridge: false };

/** Told of every change of an object. */
export type ObjectListener = (
  bucket: Bucket,
  change: { readonly type: 'put' | 'delete'; readonly key: string; readonly object?: StoredObject },
) => void;

export class Buckets {
  readonly #world: World;
  readonly #changed: ObjectListener;
  readonly #buckets = new Map<string, Bucket>();
  readonly #strangers = new Set<string>();

  constructor(world: World, changed: ObjectListener) {
    this.#world = world;
    this.#changed = changed;
  }

  /** Somebody else has a bucket of that name: bucket names are unique across all accounts. */
  addStranger(name: string): void {
    this.#strangers.add(name);
  }

  create(name: string, tags: Bucket['tags']): void {
    if (!isBucketName(name)) {
      throw new AwsFault(400, 'InvalidBucketName', 'The specified bucket is not valid.', {
        fields: { BucketName: name },
      });
    }
    if (this.#strangers.has(name)) {
      throw new AwsFault(
        409,
        'BucketAlreadyExists',
        'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
        { fields: { BucketName: name } },
      );
    }
    if (this.#buckets.has(name)) {
      // The oldest region answers as it always did: making one's own bucket again succeeds there.
      if (this.#world.region === 'us-east-1') return;
      throw new AwsFault(
        409,
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
        { fields: { BucketName: name } },
      );
    }
    this.#buckets.set(name, {
      name,
      region: this.#world.region,
      createdAt: this.#world.clock.now(),
      objects: new Map(),
      tags,
      notifications: NO_NOTIFICATIONS,
      publicAccessBlock: undefined,
      encryption: undefined,
    });
  }

  find(name: string): Bucket | undefined {
    return this.#buckets.get(name);
  }

  get(name: string): Bucket {
    if (this.#strangers.has(name)) {
      throw new AwsFault(403, 'AccessDenied', 'Access Denied');
    }
    const bucket = this.#buckets.get(name);
    if (bucket !== undefined) return bucket;
    throw new AwsFault(404, 'NoSuchBucket', 'The specified bucket does not exist', {
      fields: { BucketName: name },
    });
  }

  delete(name: string): void {
    const bucket = this.get(name);
    if (bucket.objects.size > 0) {
      throw new AwsFault(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty', {
        fields: { BucketName: name },
      });
    }
    this.#buckets.delete(name);
  }

  all(): readonly Bucket[] {
    return [...this.#buckets.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  putObject(
    bucket: Bucket,
    given: Pick<StoredObject, 'key' | 'body' | 'contentType' | 'metadata'>,
  ): StoredObject {
    const object = {
      ...given,
      eTag: `"${md5Of(given.body).toString('hex')}"`,
      modifiedAt: this.#world.clock.now(),
    };
    bucket.objects.set(given.key, object);
    this.#changed(bucket, { type: 'put', key: given.key, object });
    return object;
  }

  object(bucket: Bucket, key: string): StoredObject {
    const object = bucket.objects.get(key);
    if (object !== undefined) return object;
    throw new AwsFault(404, 'NoSuchKey', 'The specified key does not exist.', {
      fields: { Key: key },
    });
  }

  /** Deleting an object that is not there succeeds. */
  deleteObject(bucket: Bucket, key: string): void {
    if (bucket.objects.delete(key)) this.#changed(bucket, { type: 'delete', key });
  }
}

/** The rules of the S3 user guide, "Bucket naming rules". */
export function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes('..') &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !/^(xn--|sthree-|amzn-s3-demo-)/.test(name) &&
    !/(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name)
  );
}
