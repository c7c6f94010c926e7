/** Buckets and what is in them. */
import { createHash } from 'node:crypto';
import { crc32c } from '../core/crc32c.ts';
import type { JsonMap } from '../core/json.ts';
import type { World } from '../core/ports.ts';
import { locationTypeOf } from './locations.ts';
import type { Notification } from './notifications.ts';

export interface StoredObject {
  readonly bucket: string;
  readonly name: string;
  readonly body: Buffer;
  readonly contentType: string;
  readonly generation: string;
  readonly createdMs: number;
}

export interface Bucket {
  readonly name: string;
  /** `EUROPE-WEST1` */
  readonly location: string;
  readonly storageClass: string;
  readonly generation: string;
  readonly createdMs: number;
  readonly objects: Map<string, StoredObject>;
  readonly notifications: Map<string, Notification>;
  labels: Readonly<Record<string, string>>;
  /** What else was set, as it was set. */
  settings: JsonMap;
  updatedMs: number;
  metageneration: number;
  lastNotification: number;
}

/** Full name for policies. */
export function resourceOf(bucket: string): string {
  return `projects/_/buckets/${bucket}`;
}

export function bucketView(world: World, bucket: Bucket): JsonMap {
  const { name, location, storageClass, generation, createdMs, labels, settings } = bucket;
  return {
    kind: 'storage#bucket',
    id: name,
    selfLink: `https://www.googleapis.com/storage/v1/b/${name}`,
    name,
    projectNumber: world.projectNumber,
    generation,
    metageneration: String(bucket.metageneration),
    location,
    locationType: locationTypeOf(location),
    storageClass,
    timeCreated: timeOf(createdMs),
    updated: timeOf(bucket.updatedMs),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...settings,
    etag: etagOf(String(bucket.metageneration)),
  };
}

export function objectView(object: StoredObject): JsonMap {
  const { bucket, name, generation, contentType, body, createdMs } = object;
  const link = `https://www.googleapis.com/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`;
  return {
    kind: 'storage#object',
    id: `${bucket}/${name}/${generation}`,
    selfLink: link,
    mediaLink: `${link.replace('/storage/', '/download/storage/')}?generation=${generation}&alt=media`,
    name,
    bucket,
    generation,
    metageneration: '1',
    contentType,
    storageClass: 'STANDARD',
    size: String(body.length),
    crc32c: checksumOf(body),
    md5Hash: createHash('md5').update(body).digest('base64'),
    etag: etagOf(generation),
    timeCreated: timeOf(createdMs),
    updated: timeOf(createdMs),
    timeStorageClassUpdated: timeOf(createdMs),
  };
}

function checksumOf(body: Buffer): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32c(body));
  return bytes.toString('base64');
}

export function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

export function etagOf(text: string): string {
  return Buffer.from(`C${text}`).toString('base64');
}
