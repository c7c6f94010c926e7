import { randomUUID } from 'node:crypto';
import { toStoreError } from '../store/store-errors.ts';
import type { EventSources, SendOptions } from '../sources.types.ts';
import type { Buckets } from './bucket.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { FanOut } from './fan-out.ts';
import type { EventParts } from './lane.ts';
import type { MessageTable } from './message-table.ts';
import { sequenceText, shardFor, shardText } from './record-table.ts';
import type { RecordTable } from './record-table.ts';
import {
  checkBody,
  checkData,
  checkEntry,
  checkIds,
  checkLimit,
  checkList,
  checkOptions,
  checkOptionalText,
  checkPrefix,
  checkPublishOptions,
  checkSendOptions,
  checkSourceName,
  checkText,
} from './source-checks.ts';
import type { Tables } from './table.ts';

const LIST_LIMIT = 1_000;
const OBJECT_KEY = 'The key of the object';

/** The face of all sources. Each method answers after the commit. */
export function createSources(
  parts: EventParts,
  sources: {
    readonly messages: MessageTable;
    readonly fanOut: FanOut;
    readonly buckets: Buckets;
    readonly records: RecordTable;
    readonly tables: Tables;
    readonly deadLetters: DeadLetters;
  },
): EventSources {
  const { store, clock } = parts;
  const { messages, fanOut, buckets, records, tables, deadLetters } = sources;

  const read = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw toStoreError(error, store.folder);
    }
  };

  const keep = (queue: string, items: readonly { data: unknown; options?: SendOptions }[]) => {
    const nowMs = clock.now();
    // A hole in the list is a message that is not one.
    const ready = Array.from(items, (item) => {
      checkEntry(item, 'A message', ['data', 'options']);
      const { attributes, delayMs } = checkSendOptions(item.options);
      const data = checkData(item.data, 'The data of the message', Buffer.byteLength(attributes));
      return {
        queue,
        messageId: randomUUID(),
        data: JSON.stringify(data),
        attributes,
        sentMs: nowMs,
        dueMs: nowMs + delayMs,
        group: item.options?.group,
      };
    });
    store.transaction(() => {
      for (const message of ready) messages.insert(message);
    });
    return ready.map(({ messageId }) => ({ id: messageId }));
  };

  /** As many as nobody asked for more than; says when there are more. */
  const listFirst = (queue: string) => {
    const found = deadLetters.list(queue, LIST_LIMIT + 1);
    if (found.length > LIST_LIMIT) {
      parts.warn(
        `The queue "${queue}" has more than ${LIST_LIMIT} dead letters, and the oldest ${LIST_LIMIT} were listed. Give list() a limit to get more.`,
        { queue, limit: LIST_LIMIT },
      );
    }
    return found.slice(0, LIST_LIMIT);
  };

  return {
    queue(given) {
      const name = checkSourceName(given, 'queue');
      return {
        async send(data, options) {
          const [sent] = keep(name, [options === undefined ? { data } : { data, options }]);
          return sent ?? { id: '' };
        },
        async sendBatch(items) {
          checkList(items, 'The messages');
          return keep(name, items);
        },
        depth: async () => read(() => messages.depth(name)),
        purge: async () => store.transaction(() => messages.purge(name)),
      };
    },
    topic(given) {
      const name = checkSourceName(given, 'topic');
      return {
        async publish(value, options) {
          const attributes = checkPublishOptions(options);
          const besideBytes = Buffer.byteLength(attributes);
          const data = checkData(value, 'The data of the message', besideBytes);
          const message = { data, attributes: options?.attributes, subject: options?.subject };
          return {
            id: store.transaction(() => fanOut.publishToTopic(name, message, clock.now())),
          };
        },
      };
    },
    bucket(given) {
      const name = checkSourceName(given, 'bucket');
      return {
        async put(key, body, options) {
          checkOptions(options, ['contentType']);
          const contentType = checkOptionalText(options?.contentType, 'The contentType');
          return buckets.put(name, checkText(key, OBJECT_KEY), checkBody(body), contentType);
        },
        get: async (key) => buckets.get(name, checkText(key, OBJECT_KEY)),
        delete: async (key) => buckets.delete(name, checkText(key, OBJECT_KEY)),
        async list(prefix = '') {
          const checked = checkPrefix(prefix);
          return read(() => buckets.list(name, checked));
        },
      };
    },
    stream(given) {
      const name = checkSourceName(given, 'stream');
      return {
        async put(key, value) {
          const partitionKey = checkText(key, 'The partition key');
          const data = checkData(value, 'The data of the record');
          const shard = shardFor(partitionKey);
          const body = { partitionKey, data };
          const sequence = store.transaction(() =>
            records.append(`stream:${name}`, shard, body, clock.now()),
          );
          return { sequenceNumber: sequenceText(sequence), shard: shardText(shard) };
        },
      };
    },
    table(given) {
      const name = checkSourceName(given, 'table');
      return {
        put: async (key, item) => tables.put(name, key, item),
        get: async (key) => read(() => tables.get(name, key)),
        delete: async (key) => tables.delete(name, key),
      };
    },
    bus(given = 'default') {
      const name = checkSourceName(given, 'bus');
      return {
        async publish(event) {
          checkEntry(event, 'The event', ['source', 'type', 'data', 'subject']);
          const checked = {
            source: checkText(event.source, 'The source of the event'),
            type: checkText(event.type, 'The type of the event'),
            subject: checkOptionalText(event.subject, 'The subject'),
            data: checkData(event.data, 'The data of the event'),
          };
          return { id: store.transaction(() => fanOut.publishToBus(name, checked, clock.now())) };
        },
      };
    },
    deadLetters(given) {
      const queue = checkSourceName(given, 'queue');
      return {
        async list(limit) {
          const checked = limit === undefined ? undefined : checkLimit(limit);
          return read(() =>
            checked === undefined ? listFirst(queue) : deadLetters.list(queue, checked),
          );
        },
        async redrive(ids) {
          const checked = checkIds(ids);
          return read(() => deadLetters.redrive(queue, checked));
        },
        purge: async () => deadLetters.purge(queue),
      };
    },
  };
}
