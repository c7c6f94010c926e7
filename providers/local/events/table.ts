import { canonicalJson, type JsonObject, ServerlessError } from 'polyfaas/spi';
import { textOf } from '../store/rows.ts';
import { decodeObject } from './decode.ts';
import type { EventParts } from './lane.ts';
import { shardFor } from './record-table.ts';
import type { RecordTable } from './record-table.ts';
import { checkRecord } from './source-checks.ts';

/** Rows, and a feed of their changes in order per key. A write that changes nothing is no change. */
export class Tables {
  readonly #parts: EventParts;
  readonly #records: RecordTable;
  readonly #sql;

  constructor(parts: EventParts, records: RecordTable) {
    this.#parts = parts;
    this.#records = records;
    const { db } = parts.store;
    this.#sql = {
      get: db.prepare('SELECT item FROM ev_rows WHERE table_name = ? AND row_key = ?'),
      put: db.prepare(
        'INSERT OR REPLACE INTO ev_rows (table_name, row_key, item) VALUES (?, ?, ?)',
      ),
      remove: db.prepare('DELETE FROM ev_rows WHERE table_name = ? AND row_key = ?'),
    };
  }

  put(table: string, given: object, item: object): void {
    const key = checkKey(given);
    const rowKey = canonicalJson(key);
    const newImage = checkRecord(item, 'The item', Buffer.byteLength(rowKey));
    const text = JSON.stringify(newImage);
    this.#parts.store.transaction(() => {
      const oldImage = this.#read(table, rowKey);
      if (oldImage !== undefined && canonicalJson(oldImage) === canonicalJson(newImage)) return;
      this.#sql.put.run(table, rowKey, text);
      this.#append(
        table,
        rowKey,
        oldImage === undefined
          ? { type: 'insert', key, newImage }
          : { type: 'modify', key, newImage, oldImage },
      );
    });
  }

  get(table: string, key: object): JsonObject | undefined {
    return this.#read(table, canonicalJson(checkKey(key)));
  }

  delete(table: string, given: object): void {
    const key = checkKey(given);
    // The order of a key's fields does not matter.
    const rowKey = canonicalJson(key);
    this.#parts.store.transaction(() => {
      const oldImage = this.#read(table, rowKey);
      if (oldImage === undefined) return;
      this.#sql.remove.run(table, rowKey);
      this.#append(table, rowKey, { type: 'remove', key, oldImage });
    });
  }

  #read(table: string, rowKey: string): JsonObject | undefined {
    const row = this.#sql.get.get(table, rowKey);
    return row === undefined ? undefined : decodeObject(textOf(row, 'item'));
  }

  #append(table: string, rowKey: string, change: JsonObject): void {
    this.#records.append(`table:${table}`, shardFor(rowKey), change, this.#parts.clock.now());
  }
}

function checkKey(given: object): JsonObject {
  const key = checkRecord(given, 'The key');
  // JSON leaves out what is undefined: all rows whose id somebody forgot would be one.
  if (Object.keys(key).length > 0) return key;
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'local',
    message:
      'The key has no fields, or none with a value. Give what names the item, such as { id: 7 }.',
  });
}
