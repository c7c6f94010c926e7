import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../../providers/local/store/index.ts';
import { temporaryFolders } from './temporary-folder.ts';

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('the store', () => {
  const newFolder = temporaryFolders();
  const open = (folder: string) => openStore({ folder, durability: 'process' });

  const filled = (): string => {
    const folder = newFolder();
    const store = open(folder);
    store.migrate('test', ['CREATE TABLE numbers (value INTEGER)']);
    store.transaction(() => {
      const insert = store.db.prepare('INSERT INTO numbers VALUES (?)');
      for (let value = 0; value < 2_000; value += 1) insert.run(value);
    });
    store.close();
    return folder;
  };

  it('keeps the folder and its files to the user', () => {
    const folder = join(newFolder(), 'state');
    const store = open(folder);
    store.migrate('test', ['CREATE TABLE numbers (value INTEGER)']);
    expect(modeOf(folder)).toBe(0o700);
    for (const file of ['state.db', 'state.db-wal', 'state.db-shm', 'owner.lock', 'owner.json'])
      expect([file, modeOf(join(folder, file))]).toEqual([file, 0o600]);
    store.close();
  });

  it('leaves the permissions of a folder with other things in it alone', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'notes.txt'), '');
    chmodSync(folder, 0o755);
    open(folder).close();
    expect(modeOf(folder)).toBe(0o755);
    expect(modeOf(join(folder, 'state.db'))).toBe(0o600);
  });

  it('writes ahead, and waits for the disk only when power loss counts', () => {
    const settings = (durability: 'process' | 'power') => {
      const store = openStore({ folder: newFolder(), durability });
      const read = (name: string) => Object.values(store.db.prepare(`PRAGMA ${name}`).get() ?? {});
      const found = [...read('journal_mode'), ...read('synchronous'), ...read('foreign_keys')];
      store.close();
      return found;
    };
    expect(settings('process')).toEqual(['wal', 1, 1]);
    expect(settings('power')).toEqual(['wal', 2, 1]);
  });

  it('undoes a nested transaction alone, and an outer one whole', () => {
    const store = open(newFolder());
    store.migrate('test', ['CREATE TABLE numbers (value INTEGER)']);
    const insert = store.db.prepare('INSERT INTO numbers VALUES (?)');
    const values = () =>
      store.db
        .prepare('SELECT value FROM numbers')
        .all()
        .map((r) => r['value']);
    store.transaction(() => {
      insert.run(1);
      expect(() =>
        store.transaction(() => {
          insert.run(2);
          throw new Error('inner');
        }),
      ).toThrow('inner');
      store.transaction(() => insert.run(3));
    });
    expect(values()).toEqual([1, 3]);
    expect(() =>
      store.transaction(() => {
        store.transaction(() => insert.run(4));
        throw new Error('outer');
      }),
    ).toThrow('outer');
    expect(values()).toEqual([1, 3]);
    expect(() => store.transaction(async () => insert.run(5))).toThrow('synchronous');
    expect(values()).toEqual([1, 3]);
    store.close();
  });

  it('makes tables once, and only what was added later', () => {
    const folder = newFolder();
    const statements = ['CREATE TABLE one (value INTEGER)'];
    const first = open(folder);
    first.migrate('test', statements);
    first.migrate('test', statements);
    first.close();
    const second = open(folder);
    second.migrate('test', [...statements, 'ALTER TABLE one ADD COLUMN more TEXT']);
    second.db.exec("INSERT INTO one VALUES (1, 'x')");
    expect(() => second.migrate('test', statements)).toThrow(
      expect.objectContaining({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('newer release'),
      }),
    );
    second.close();
  });

  it.each([
    ['garbage', (path: string) => writeFileSync(path, 'this is no database '.repeat(500))],
    ['a few bytes', (path: string) => writeFileSync(path, 'oops')],
    ['cut short', (path: string) => truncateSync(path, statSync(path).size - 4_096)],
    ['emptied', (path: string) => truncateSync(path, 0)],
    [
      'overwritten inside',
      (path: string) => {
        const bytes = readFileSync(path);
        writeFileSync(path, bytes.fill(0xa5, 8_192, 16_384));
      },
    ],
  ])('refuses a damaged file (%s), names it, and leaves it as it is', (_name, damage) => {
    const folder = filled();
    const path = join(folder, 'state.db');
    damage(path);
    const before = readFileSync(path);
    expect(() => open(folder)).toThrow(
      expect.objectContaining({
        code: 'UNAVAILABLE',
        retryable: false,
        message: expect.stringMatching(/state\.db.*Move it aside|Move it aside.*state\.db/),
      }),
    );
    expect(readFileSync(path).equals(before)).toBe(true);
    // The lock was given back: the next try meets the damage again, not a conflict.
    expect(() => open(folder)).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  });

  it('refuses a file of a later release', () => {
    const folder = filled();
    const db = new DatabaseSync(join(folder, 'state.db'));
    db.exec('PRAGMA user_version = 99');
    db.close();
    expect(() => open(folder)).toThrow(
      expect.objectContaining({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('version 99'),
      }),
    );
  });

  it('says QUOTA_EXCEEDED when the disk is full, and keeps what was accepted', () => {
    const folder = filled();
    const store = open(folder);
    const pages = Number(store.db.prepare('PRAGMA page_count').get()?.['page_count']);
    store.db.exec(`PRAGMA max_page_count = ${pages + 2}`);
    const insert = store.db.prepare('INSERT INTO numbers VALUES (?)');
    expect(() =>
      store.transaction(() => {
        for (let value = 0; value < 100_000; value += 1) insert.run(value);
      }),
    ).toThrow(expect.objectContaining({ code: 'QUOTA_EXCEEDED', retryable: true }));
    expect(() =>
      store.transaction(() => {
        store.transaction(() => {
          for (let value = 0; value < 100_000; value += 1) insert.run(value);
        });
      }),
    ).toThrow(expect.objectContaining({ code: 'QUOTA_EXCEEDED' }));
    const count = store.db.prepare('SELECT count(*) AS n FROM numbers').get()?.['n'];
    expect(count).toBe(2_000);
    store.db.exec('PRAGMA max_page_count = 1000000');
    store.transaction(() => insert.run(1));
    store.close();
  });

  it('gives back the room of a large file that is mostly empty when it is opened', () => {
    const folder = newFolder();
    const path = join(folder, 'state.db');
    const first = open(folder);
    first.migrate('test', ['CREATE TABLE numbers (id INTEGER PRIMARY KEY, value TEXT)']);
    const insert = first.db.prepare('INSERT INTO numbers (id, value) VALUES (?, ?)');
    first.transaction(() => {
      for (let id = 0; id < 3_000; id += 1) insert.run(id * 2, 'x'.repeat(4_000));
    });
    first.close();
    const full = statSync(path).size;
    const second = open(folder);
    // Half of it is used again: nothing is moved for that.
    second.db.exec('DELETE FROM numbers WHERE id < 3_000');
    second.close();
    open(folder).close();
    expect(statSync(path).size).toBe(full);
    const third = open(folder);
    third.db.exec('DELETE FROM numbers WHERE id < 5_990');
    third.close();
    const fourth = open(folder);
    expect(statSync(path).size).toBeLessThan(full / 10);
    const ids = fourth.db.prepare('SELECT id FROM numbers').all();
    expect(ids.map((row) => row['id'])).toEqual([5_990, 5_992, 5_994, 5_996, 5_998]);
    fourth.close();
  });

  it('says why when its lock cannot be opened, and leaves nothing behind', () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'owner.lock'));
    expect(() => open(folder)).toThrow(
      expect.objectContaining({
        code: 'UNAVAILABLE',
        message: expect.stringMatching(/is a folder\. Move it aside/),
      }),
    );
    expect(readdirSync(folder)).toEqual(['owner.lock']);
  });

  it('refuses a folder that is a file', () => {
    const path = join(newFolder(), 'file');
    writeFileSync(path, '');
    expect(() => open(path)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(() => open(join(path, 'below'))).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});
