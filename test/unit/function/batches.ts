/** One batch of each kind, for the tests of the Lambda signature. */
import type { QueueBatch, StreamBatch, TableBatch } from 'polyfaas/function';

export const time = '2026-03-12T19:03:58.250Z';

export const queue: QueueBatch = {
  source: 'orders',
  messages: [
    { id: 'm1', data: { id: 7 }, attributes: { tenant: 't1' }, time, attempt: 2 },
    { id: 'm2', data: 'plain', attributes: {}, time, attempt: 1, group: 'g' },
  ],
};
export const stream: StreamBatch = {
  source: 'clicks',
  shard: 'shard-0',
  records: ['100', '101', '102'].map((sequenceNumber) => ({
    sequenceNumber,
    partitionKey: 'k',
    time,
    data: { ü: sequenceNumber },
  })),
};
export const table: TableBatch = {
  source: 'users',
  records: [
    {
      sequenceNumber: '5',
      type: 'modify',
      time,
      key: { id: 'u1' },
      newImage: { id: 'u1', age: 3, admin: true, none: null, tags: ['a', 1], nested: { x: 'y' } },
      oldImage: { id: 'u1' },
    },
    { sequenceNumber: '6', type: 'remove', time, key: { id: 'u2' } },
  ],
};
