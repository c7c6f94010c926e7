/** All buckets there are, and what happens in them. */
import type { World } from '../core/ports.ts';
import { resourceOf, type Bucket, type StoredObject } from './bucket.ts';
import type { BucketWish } from './bucket-wish.ts';
import { conflict, forbidden, noBucket, noObject } from './faults.ts';
import { announce } from './notifications.ts';

const DEFAULT_TYPE = 'application/octet-stream';

export class Buckets {
  readonly #world: World;
  readonly #buckets = new Map<string, Bucket>();
  /** Names that somebody else has: they are unique in the world. */
  readonly taken = new Set<string>();
  #lastGeneration = 0;

  constructor(world: World) {
    this.#world = world;
  }

  get all(): readonly Bucket[] {
    return [...this.#buckets.values()];
  }

  find(name: string): Bucket | undefined {
    return this.#buckets.get(name);
  }

  get(name: string): Bucket {
    const found = this.#buckets.get(name);
    if (found) return found;
    if (this.taken.has(name)) {
      throw forbidden(
        `The caller does not have storage.buckets.get access to the Google Cloud Storage bucket. Permission 'storage.buckets.get' denied on resource (or it may not exist).`,
      );
    }
    throw noBucket();
  }

  create(wish: BucketWish): Bucket {
    if (this.#buckets.has(wish.name)) {
      throw conflict(
        'Your previous request to create the named bucket succeeded and you already own it.',
      );
    }
    if (this.taken.has(wish.name)) {
      throw conflict(
        'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
      );
    }
    const now = this.#world.clock.now();
    const made: Bucket = {
      ...wish,
      generation: this.nextGeneration(),
      createdMs: now,
      updatedMs: now,
      metageneration: 1,
      objects: new Map(),
      notifications: new Map(),
      lastNotification: 0,
    };
    this.#buckets.set(wish.name, made);
    return made;
  }

  delete(bucket: Bucket): void {
    if (bucket.objects.size > 0) throw conflict('The bucket you tried to delete is not empty.');
    this.#buckets.delete(bucket.name);
    this.#world.policies.delete(resourceOf(bucket.name));
  }

  put(bucket: Bucket, name: string, body: Buffer, contentType = DEFAULT_TYPE): StoredObject {
    const before = bucket.objects.get(name);
    const generation = this.nextGeneration();
    const createdMs = this.#world.clock.now();
    const object = { bucket: bucket.name, name, body, contentType, generation, createdMs };
    bucket.objects.set(name, object);
    announce(this.#world, bucket, {
      type: 'OBJECT_FINALIZE',
      object,
      overwrote: before?.generation,
    });
    if (before) {
      announce(this.#world, bucket, {
        type: 'OBJECT_DELETE',
        object: before,
        overwrittenBy: generation,
      });
    }
    return object;
  }

  deleteObject(bucket: Bucket, name: string): void {
    const object = bucket.objects.get(name);
    if (!object) throw noObject(bucket.name, name);
    bucket.objects.delete(name);
    announce(this.#world, bucket, { type: 'OBJECT_DELETE', object });
  }

  /** Microseconds, as the service's are; never the same twice. */
  nextGeneration(): string {
    this.#lastGeneration = Math.max(
      this.#lastGeneration + 1,
      Math.floor(this.#world.clock.now() * 1000),
    );
    return String(this.#lastGeneration);
  }
}
