import { randomUUID } from 'node:crypto';
import { ServerlessError } from 'polyfaas/spi';
import type { JsonValue } from 'polyfaas/spi';
import { toStoreError } from '../store/store-errors.ts';
import type { EventSources, SendOptions } from '../ports.ts';
import type { Buckets } from './bucket.ts';
import type { DeadLetters } from './dead-letters.ts';
import { checkJson, encodeJson } from './decode.ts';
import type { FanOut } from './fan-out.ts';
import type { EventParts } from './lane.ts';
import type { MessageTable } from './message-table.ts';
import { sequenceText, shardFor, shardText } from './record-table.ts';
import type { RecordTable } from './record-table.ts';
import type { Tables } from './table.ts';

const LIST_LIMIT = 1_000;
const LONGEST_DELAY_SECONDS = 31_536_000;

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

  const keep = (queue: string, items: readonly { data: JsonValue; options?: SendOptions }[]) => {
    const nowMs = clock.now();
    const ready = items.map(({ data, options }) => ({
      queue,
      messageId: randomUUID(),
      data: encodeJson(data, 'The data of the message'),
      attributes: encodeAttributes(options),
      sentMs: nowMs,
      dueMs: nowMs + delayMsOf(options),
      group: options?.group,
    }));
    store.transaction(() => {
      for (const message of ready) messages.insert(message);
    });
    return ready.map(({ messageId }) => ({ id: messageId }));
  };

  return {
    queue: (name) => ({
      async send(data, options) {
        const [sent] = keep(name, [options === undefined ? { data } : { data, options }]);
        return sent ?? { id: '' };
      },
      sendBatch: async (items) => keep(name, items),
      depth: async () => read(() => messages.depth(name)),
      purge: async () => store.transaction(() => messages.purge(name)),
    }),
    topic: (name) => ({
      async publish(value, options) {
        const data = checkJson(value, 'The data of the message');
        encodeAttributes(options);
        const message = { data, attributes: options?.attributes, subject: options?.subject };
        return {
          id: store.transaction(() => fanOut.publishToTopic(name, message, clock.now())),
        };
      },
    }),
    bucket: (name) => ({
      put: (key, body, options) => buckets.put(name, key, body, options?.contentType),
      get: (key) => buckets.get(name, key),
      delete: async (key) => buckets.delete(name, key),
      list: async (prefix = '') => read(() => buckets.list(name, prefix)),
    }),
    stream: (name) => ({
      async put(partitionKey, value) {
        const data = checkJson(value, 'The data of the record');
        const shard = shardFor(partitionKey);
        const body = { partitionKey, data };
        const sequence = store.transaction(() =>
          records.append(`stream:${name}`, shard, body, clock.now()),
        );
        return { sequenceNumber: sequenceText(sequence), shard: shardText(shard) };
      },
    }),
    table: (name) => ({
      put: async (key, item) => tables.put(name, key, item),
      get: async (key) => read(() => tables.get(name, key)),
      delete: async (key) => tables.delete(name, key),
    }),
    bus: (name = 'default') => ({
      async publish(event) {
        const data = checkJson(event.data, 'The data of the event');
        const checked = { ...event, data };
        return { id: store.transaction(() => fanOut.publishToBus(name, checked, clock.now())) };
      },
    }),
    deadLetters: (queue) => ({
      list: async (limit = LIST_LIMIT) => read(() => deadLetters.list(queue, limit)),
      redrive: async (ids) => deadLetters.redrive(queue, ids),
      purge: async () => deadLetters.purge(queue),
    }),
  };
}

function encodeAttributes(options: SendOptions | undefined): string {
  const attributes = options?.attributes;
  if (attributes === undefined) return '{}';
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value !== 'string') {
      throw invalid(
        `The attribute "${key}" is of type ${typeof value}. Attributes are strings: convert it.`,
      );
    }
  }
  return JSON.stringify(attributes);
}

function delayMsOf(options: SendOptions | undefined): number {
  const seconds = options?.delaySeconds ?? 0;
  // The time it leads to must stay one that a number can tell exactly.
  if (!(seconds >= 0 && seconds <= LONGEST_DELAY_SECONDS)) {
    throw invalid(
      `delaySeconds is ${seconds}. It must be from 0 to ${LONGEST_DELAY_SECONDS} (a year).`,
    );
  }
  return Math.round(seconds * 1_000);
}

function invalid(message: string): ServerlessError {
  return new ServerlessError({ code: 'INVALID_ARGUMENT', provider: 'local', message });
}
