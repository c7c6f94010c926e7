/** Cloud Storage: buckets, objects, notifications, and the URLs that sources are uploaded to. */
import type { ApiService, RestCall, StorageFakePort, WireReply, World } from '../core/ports.ts';
import { BucketApi } from './bucket-api.ts';
import { Buckets } from './buckets.ts';
import { replyOf, StorageFault } from './faults.ts';
import { NotificationApi } from './notification-api.ts';
import { ObjectApi } from './object-api.ts';
import { Uploads } from './uploads.ts';

export interface StorageFake extends StorageFakePort {
  readonly services: readonly ApiService[];
  /** Resolves when uploads can be taken: until then there are no upload URLs. */
  readonly ready: Promise<void>;
  /** Names of buckets that somebody else has. */
  readonly taken: Set<string>;
  stop(): Promise<void>;
}

const BUCKETS = /^\/storage\/v1\/b(?:\/([^/]+)(?:\/(o|iam|notificationConfigs)(?:\/(.+))?)?)?$/;
const UPLOADS = /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/;
const AGENT = /^\/storage\/v1\/projects\/[^/]+\/serviceAccount$/;

export function createStorage(world: World): StorageFake {
  const buckets = new Buckets(world);
  const bucketApi = new BucketApi(world, buckets);
  const objectApi = new ObjectApi(world, buckets);
  const notificationApi = new NotificationApi(world, buckets);
  const uploads = new Uploads(world);

  function route(call: RestCall): WireReply | undefined {
    const upload = UPLOADS.exec(call.path)?.[1];
    if (upload !== undefined) return objectApi.insert(call, upload);
    if (AGENT.test(call.path)) return bucketApi.serviceAccount(call);
    const match = BUCKETS.exec(call.path);
    if (!match) return undefined;
    const [, bucket, kind, name] = match;
    if (bucket === undefined) return bucketApi.collection(call);
    if (kind === undefined) return bucketApi.one(call, bucket);
    if (kind === 'iam') return name === undefined ? bucketApi.policy(call, bucket) : undefined;
    const api = kind === 'o' ? objectApi : notificationApi;
    if (name !== undefined) return api.one(call, bucket, name);
    return kind === 'o' ? objectApi.list(call, bucket) : notificationApi.collection(call, bucket);
  }

  const service: ApiService = {
    api: 'storage',
    async handle(call) {
      try {
        return route(call);
      } catch (error) {
        if (error instanceof StorageFault) return replyOf(error);
        throw error;
      }
    },
    inventory: () =>
      buckets.all.flatMap(({ name, notifications }) => [
        `bucket ${name}`,
        ...[...notifications.keys()].map((id) => `bucket ${name} notification ${id}`),
      ]),
    stop: () => uploads.stop(),
  };

  return {
    services: [service],
    ready: uploads.ready,
    taken: buckets.taken,
    stop: () => uploads.stop(),
    bucketExists: (bucket) => buckets.find(bucket) !== undefined,
    locationOf: (bucket) => buckets.find(bucket)?.location,
    put: (bucket, name, body, contentType) =>
      void buckets.put(buckets.get(bucket), name, body, contentType),
    get(bucket, name, generation) {
      const found = buckets.find(bucket)?.objects.get(name);
      const isIt = generation === undefined || generation === found?.generation;
      return isIt ? found?.body : undefined;
    },
    delete: (bucket, name) => buckets.deleteObject(buckets.get(bucket), name),
    uploadUrl() {
      const { uploadUrl, bucket, object, generation } = uploads.begin(buckets.nextGeneration());
      return { uploadUrl, bucket, object, generation };
    },
    uploaded: (bucket, object, generation) => uploads.uploaded(bucket, object, generation),
  };
}
