import { hash } from 'node:crypto';
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PackageCache } from '../../src/package/cache.ts';
import { temporaryFolder } from './project.ts';

const MINUTE_MS = 60_000;

const digestOf = (index: number): string => index.toString(16).padStart(40, '0');

/** Stores an artifact and its entry, as so old. */
async function store(
  cache: PackageCache,
  folder: string,
  index: number,
  ageMs: number,
  key = `key${index}`,
): Promise<void> {
  const digest = digestOf(index);
  await cache.storeArtifact(
    {
      manifest: {
        form: 'zip',
        digest,
        needsProcess: false,
        handles: ['invoke'],
        signature: 'polyfaas',
        entryFile: 'index.mjs',
        sizeBytes: 1,
        unpackedBytes: 1,
      },
      zip: { file: `${digest}-${'5'.repeat(16)}.zip`, at: 'cache', sha256: hash('sha256', 'z') },
      inputs: [],
      files: [],
      warnings: [],
      hasSourceMap: true,
    },
    Buffer.from('z'),
    Buffer.from('{}'),
  );
  // Before the entry, which clears the folder up.
  setAge(folder, 'artifacts', digest, ageMs);
  await cache.storeEntry(key, {
    digest,
    tools: {},
    states: [],
    included: [],
    recordedAtMs: Date.now(),
  });
  setAge(folder, 'entries', key, ageMs);
}

function setAge(folder: string, kind: string, id: string, ageMs: number): void {
  const at = new Date(Date.now() - ageMs);
  for (const name of readdirSync(join(folder, kind))) {
    if (name.startsWith(id) && /^[.-]/.test(name.slice(id.length)))
      utimesSync(join(folder, kind, name), at, at);
  }
}

const left = (folder: string, kind: string): string[] => [
  ...new Set(readdirSync(join(folder, kind)).map((name) => name.split(/[.-]/)[0] ?? '')),
];

describe('the cache folder', () => {
  it('keeps of what is older than an hour the newest only, whole', async () => {
    const folder = temporaryFolder();
    const cache = new PackageCache(folder, folder);
    for (let index = 0; index < 100; index += 1)
      await store(cache, folder, index, (200 - index) * MINUTE_MS);
    await store(cache, folder, 100, 0);
    const newest = Array.from({ length: 64 }, (_, index) => digestOf(37 + index));
    expect(left(folder, 'artifacts').toSorted()).toEqual(newest);
    expect(readdirSync(join(folder, 'artifacts'))).toHaveLength(3 * 64);
    expect(left(folder, 'entries')).toHaveLength(64);
  });

  it('keeps what was made within the hour, up to a bound', async () => {
    const folder = temporaryFolder();
    const cache = new PackageCache(folder, folder);
    // One function, saved again and again.
    for (let index = 0; index < 100; index += 1) {
      await store(cache, folder, index, (59 - index / 4) * MINUTE_MS, 'key');
    }
    expect(left(folder, 'artifacts')).toHaveLength(100);
    for (let index = 100; index < 300; index += 1) {
      await store(cache, folder, index, (30 - index / 12) * MINUTE_MS, 'key');
    }
    expect(left(folder, 'artifacts')).toHaveLength(256);
    expect(left(folder, 'entries')).toEqual(['key']);
  });

  it('keeps what was made long ago and used within the hour', async () => {
    const folder = temporaryFolder();
    const cache = new PackageCache(folder, folder);
    await store(cache, folder, 0, 200 * MINUTE_MS);
    await store(cache, folder, 1, 200 * MINUTE_MS);
    expect(await cache.artifact(digestOf(0))).toBeDefined();
    for (let index = 2; index < 100; index += 1) await store(cache, folder, index, 90 * MINUTE_MS);
    expect(left(folder, 'artifacts')).toContain(digestOf(0));
    expect(left(folder, 'artifacts')).not.toContain(digestOf(1));
    expect(await cache.artifact(digestOf(0))).toBeDefined();
  });

  it('keeps what this process found, for as long as it answers that', async () => {
    const folder = temporaryFolder();
    const cache = new PackageCache(folder, folder);
    await store(cache, folder, 0, 300 * MINUTE_MS, 'mine');
    const now = { tools: {}, included: [] };
    expect(await cache.find('mine', now)).toBeDefined();
    for (let index = 1; index < 400; index += 1) await store(cache, folder, index, 0, 'key');
    const found = await cache.artifact(digestOf(0));
    expect(found?.bytes.toString()).toBe('z');
  });

  it('keeps what this process packaged, of hundreds of functions', async () => {
    const folder = temporaryFolder();
    const cache = new PackageCache(folder, folder);
    const keys = Array.from({ length: 300 }, (_, index) => `key${index}`);
    for (const [index, key] of keys.entries()) {
      cache.hold(key, digestOf(index));
      await store(cache, folder, index, 0, key);
    }
    const now = { tools: {}, included: [] };
    const found = await Promise.all(keys.map((key) => cache.find(key, now)));
    expect(keys.filter((_, index) => found[index] === undefined)).toEqual([]);
  });

  it('keeps what others made a moment ago, beside hundreds of its own', async () => {
    const folder = temporaryFolder();
    const cache = new PackageCache(folder, folder);
    await store(new PackageCache(folder, folder), folder, 1_000, MINUTE_MS, 'theirs');
    for (let index = 0; index < 300; index += 1) {
      cache.hold(`key${index}`, digestOf(index));
      await store(cache, folder, index, 0);
    }
    expect(await cache.find('theirs', { tools: {}, included: [] })).toBeDefined();
  });
});
