import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { numberOf, textOf, textOfBytes } from '../store/rows.ts';
import { toStoreError } from '../store/store-errors.ts';
import { syncFolder } from '../sync-folder.ts';
import type { FanOut } from './fan-out.ts';
import type { EventParts } from './lane.ts';

/**
 * Buckets. Contents are files named by their digest, so no key can name a path; which key has which content is a
 * row. The file is whole and in its place before the row and the events are committed, in one transaction.
 */
export class Buckets {
  readonly #parts: EventParts;
  readonly #fanOut: FanOut;
  readonly #folder: string;
  readonly #sql;

  constructor(parts: EventParts, fanOut: FanOut) {
    this.#parts = parts;
    this.#fanOut = fanOut;
    this.#folder = join(parts.store.folder, 'objects');
    const { db } = parts.store;
    this.#sql = {
      get: db.prepare('SELECT * FROM ev_objects WHERE bucket = ? AND object_key = ?'),
      put: db.prepare(
        `INSERT OR REPLACE INTO ev_objects (bucket, object_key, digest, size_bytes, content_type)
         VALUES (?, ?, ?, ?, ?)`,
      ),
      remove: db.prepare('DELETE FROM ev_objects WHERE bucket = ? AND object_key = ?'),
      used: db.prepare('SELECT 1 FROM ev_objects WHERE digest = ? LIMIT 1'),
      list: db.prepare(
        // As bytes, for a key may have a zero in it, where texts end for SQLite.
        `SELECT CAST(object_key AS BLOB) AS object_key FROM ev_objects
         WHERE bucket = ?
           AND (? = '' OR
             substr(CAST(object_key AS BLOB), 1, length(CAST(? AS BLOB))) = CAST(? AS BLOB))
         ORDER BY 1`,
      ),
      synchronous: db.prepare('PRAGMA synchronous'),
    };
  }

  async put(
    bucket: string,
    key: string,
    body: Uint8Array | string,
    contentType: string | undefined,
  ): Promise<{ readonly etag: string }> {
    // A copy: the caller may use its buffer again before the file is written.
    const bytes = typeof body === 'string' ? Buffer.from(body) : new Uint8Array(body);
    const digest = createHash('sha256').update(bytes).digest('hex');
    const etag = etagOf(digest);
    const temporary = await this.#writeTemporary(bytes);
    const { store, clock } = this.#parts;
    let replaced: string | undefined;
    try {
      // Nothing else runs between the rename and the commit: no other call can remove the file as unused.
      store.transaction(() => {
        this.#putInPlace(temporary, digest);
        const before = this.#sql.get.get(bucket, key);
        replaced = before === undefined ? undefined : textOf(before, 'digest');
        this.#sql.put.run(bucket, key, digest, bytes.byteLength, contentType ?? null);
        this.#fanOut.objectChanged(
          {
            source: bucket,
            type: 'created',
            key,
            sizeBytes: bytes.byteLength,
            etag,
            ...(contentType === undefined ? {} : { contentType }),
          },
          clock.now(),
        );
      });
    } catch (error) {
      await rm(temporary, { force: true });
      // A store that was closed meanwhile can tell nothing; the next start sweeps.
      if (store.db.isOpen) this.#removeUnused(digest);
      throw toStoreError(error, store.folder);
    }
    if (replaced !== undefined) this.#removeUnused(replaced);
    return { etag };
  }

  async get(bucket: string, key: string): Promise<Uint8Array | undefined> {
    for (;;) {
      const digest = this.#digestOf(bucket, key);
      if (digest === undefined) return undefined;
      try {
        const bytes = await readFile(this.#pathOf(digest));
        return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      } catch (error) {
        // It may have been replaced while it was read: then there is another row now.
        if (this.#digestOf(bucket, key) === digest) throw toStoreError(error, this.#pathOf(digest));
      }
    }
  }

  #digestOf(bucket: string, key: string): string | undefined {
    try {
      const row = this.#sql.get.get(bucket, key);
      return row === undefined ? undefined : textOf(row, 'digest');
    } catch (error) {
      throw toStoreError(error, this.#parts.store.folder);
    }
  }

  delete(bucket: string, key: string): void {
    const { store, clock } = this.#parts;
    const removed = store.transaction(() => {
      const row = this.#sql.get.get(bucket, key);
      if (row === undefined) return undefined;
      this.#sql.remove.run(bucket, key);
      const change = { source: bucket, type: 'deleted', key, sizeBytes: 0 } as const;
      this.#fanOut.objectChanged(change, clock.now());
      return textOf(row, 'digest');
    });
    if (removed !== undefined) this.#removeUnused(removed);
  }

  list(bucket: string, prefix: string): string[] {
    return this.#sql.list
      .all(bucket, prefix, prefix, prefix)
      .map((row) => textOfBytes(row, 'object_key'));
  }

  /** Removes files that a crash left without a row. Call before anything is put. */
  sweep(): void {
    rmSync(join(this.#folder, 'new'), { recursive: true, force: true });
    mkdirSync(join(this.#folder, 'new'), { recursive: true, mode: 0o700 });
    if (this.#survivesPowerLoss()) syncFolder(this.#parts.store.folder);
    for (const group of readdirSync(this.#folder)) {
      if (!/^[0-9a-f]{2}$/.test(group)) continue;
      for (const digest of readdirSync(join(this.#folder, group))) this.#removeUnused(digest);
    }
  }

  async #writeTemporary(bytes: Uint8Array): Promise<string> {
    const path = join(this.#folder, 'new', randomUUID());
    try {
      const file = await open(path, 'wx', 0o600);
      try {
        await file.writeFile(bytes);
        if (this.#survivesPowerLoss()) await file.sync();
      } finally {
        await file.close();
      }
      return path;
    } catch (error) {
      await rm(path, { force: true });
      throw toStoreError(error, this.#parts.store.folder);
    }
  }

  #survivesPowerLoss(): boolean {
    const row = this.#sql.synchronous.get();
    return row !== undefined && numberOf(row, 'synchronous') >= 2;
  }

  /** Under `power` the name of the file is on the disk as well: no row outlives its file. */
  #putInPlace(temporary: string, digest: string): void {
    const group = join(this.#folder, digest.slice(0, 2));
    mkdirSync(group, { recursive: true, mode: 0o700 });
    renameSync(temporary, this.#pathOf(digest));
    if (!this.#survivesPowerLoss()) return;
    syncFolder(group);
    syncFolder(this.#folder);
  }

  #pathOf(digest: string): string {
    return join(this.#folder, digest.slice(0, 2), digest);
  }

  #removeUnused(digest: string): void {
    if (this.#sql.used.get(digest) === undefined) rmSync(this.#pathOf(digest), { force: true });
  }
}

function etagOf(digest: string): string {
  return digest.slice(0, 32);
}
