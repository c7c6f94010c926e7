/** Built-in roles of Azure RBAC that open the data planes of storage, by what they allow. */

const BLOB_OWNER = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b';
const BLOB_CONTRIBUTOR = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe';
const BLOB_READER = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1';
const BLOB_DELEGATOR = 'db58b8e5-c6ad-4a2a-8342-4190687cbf4a';
const QUEUE_CONTRIBUTOR = '974c5e8b-45b9-4653-ba55-5f855dd0fb88';
const QUEUE_PROCESSOR = '8a0f0c08-91a1-4084-bc3d-661d67233fed';
const QUEUE_SENDER = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a';
const QUEUE_READER = '19e7f393-937e-4f77-808e-94535e297925';

/** Role ids for each kind of access. */
export const BLOB_ROLES = {
  read: [BLOB_OWNER, BLOB_CONTRIBUTOR, BLOB_READER],
  write: [BLOB_OWNER, BLOB_CONTRIBUTOR],
  /** At the account or above it. */
  delegate: [BLOB_OWNER, BLOB_CONTRIBUTOR, BLOB_READER, BLOB_DELEGATOR],
} as const;

export const QUEUE_ROLES = {
  /** Peek. */
  read: [QUEUE_CONTRIBUTOR, QUEUE_READER, QUEUE_PROCESSOR],
  /** Metadata and lists of queues. */
  readQueue: [QUEUE_CONTRIBUTOR, QUEUE_READER],
  /** Get and delete messages. */
  process: [QUEUE_CONTRIBUTOR, QUEUE_PROCESSOR],
  add: [QUEUE_CONTRIBUTOR, QUEUE_SENDER],
  /** Change messages, make and delete queues. */
  write: [QUEUE_CONTRIBUTOR],
} as const;

export function containerScope(accountId: string, container: string): string {
  return `${accountId}/blobServices/default/containers/${container}`;
}

export function queueScope(accountId: string, queue: string): string {
  return `${accountId}/queueServices/default/queues/${queue}`;
}
