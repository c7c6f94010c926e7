/**
 * What happens to blobs, as events.
 * https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage
 */
import { guidOf } from '../core/guid.ts';
import type { BlobPort, World } from '../core/ports.ts';
import { timestamp, type GridEvent } from './events.ts';

type Change = Parameters<Parameters<BlobPort['onChange']>[0]>[0];

/** All that a storage account without a hierarchical namespace tells by default. */
export const STORAGE_EVENT_TYPES = [
  'Microsoft.Storage.BlobCreated',
  'Microsoft.Storage.BlobDeleted',
  'Microsoft.Storage.BlobTierChanged',
  'Microsoft.Storage.AsyncOperationInitiated',
];

/** Nothing is told of what happens in them. */
const SILENT = ['$logs', '$blobchangefeed'];

export class BlobEvents {
  readonly #world: World;
  #count = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Undefined where nothing is told. */
  of(change: Change, accountId: string): GridEvent | undefined {
    if (SILENT.includes(change.container)) return undefined;
    this.#count += 1;
    const { account, container, name } = change;
    const isCreated = change.type === 'created';
    const seed = `${account} ${this.#count}`;
    const endpoint = this.#world.storage.blobEndpoint(account);
    const path = name.split('/').map(encodeURIComponent).join('/');
    return {
      schema: 'EventGridSchema',
      body: {
        topic: accountId,
        // The name stands here as it is.
        subject: `/blobServices/default/containers/${container}/blobs/${name}`,
        eventType: isCreated ? 'Microsoft.Storage.BlobCreated' : 'Microsoft.Storage.BlobDeleted',
        id: guidOf(`blob event ${seed}`),
        data: {
          api: isCreated ? 'PutBlob' : 'DeleteBlob',
          clientRequestId: guidOf(`client request ${seed}`),
          requestId: guidOf(`request ${seed}`),
          ...(isCreated && { eTag: change.etag.replaceAll('"', '') }),
          contentType: change.contentType,
          ...(isCreated && { contentLength: change.sizeBytes }),
          blobType: 'BlockBlob',
          url: `${endpoint}${container}/${path}`,
          sequencer: this.#count.toString(16).padStart(48, '0'),
          storageDiagnostics: { batchId: guidOf(`batch ${seed}`) },
        },
        dataVersion: '',
        metadataVersion: '1',
        eventTime: timestamp(this.#world.clock.now()),
      },
    };
  }
}
