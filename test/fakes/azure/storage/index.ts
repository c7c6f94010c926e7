/** Azure Storage: accounts, blobs and queues. */
import type {
  ArmProvider,
  BlobPort,
  QueuePort,
  StoragePort,
  WireReply,
  World,
} from '../core/ports.ts';
import type { PlaneRequest } from '../core/service.ts';
import { Accounts } from './accounts.ts';
import { createProvider } from './arm/provider.ts';
import { BlobPlane } from './blob/plane.ts';
import { QueuePlane } from './queue/plane.ts';
import { createQueuePort } from './queue/port.ts';

export interface StorageFake {
  readonly provider: ArmProvider;
  readonly storage: StoragePort;
  readonly blobs: BlobPort;
  readonly queues: QueuePort;
  blobPlane(request: PlaneRequest): Promise<WireReply>;
  queuePlane(request: PlaneRequest): Promise<WireReply>;
  /** Lets somebody else, in another subscription, have an account of this name. */
  plantForeign(name: string): void;
}

export function createStorage(world: World): StorageFake {
  const accounts = new Accounts(world);
  const blobs = new BlobPlane(world, accounts);
  const queues = new QueuePlane(world, accounts);
  return {
    provider: createProvider(world, accounts),
    storage: {
      idOf: (account) => accounts.ready(account)?.id,
      blobEndpoint: (account) => `${world.planes.blob}/${account}/`,
      queueEndpoint: (account) => `${world.planes.queue}/${account}/`,
      keyOf: (account) => accounts.find(account)?.keys[0] ?? '',
    },
    blobs: blobs.port,
    queues: createQueuePort(world, accounts),
    blobPlane: (request) => blobs.handle(request),
    queuePlane: (request) => queues.handle(request),
    plantForeign: (name) => accounts.plant(name),
  };
}
