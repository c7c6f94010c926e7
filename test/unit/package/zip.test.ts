import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readZip } from '../../../src/package/unzip.ts';
import { byPath, writeZip } from '../../../src/package/zip.ts';
import type { ArtifactFile } from '../../../src/spi/artifact.ts';

const UNLIMITED = { unpackedBytes: Number.MAX_SAFE_INTEGER };

const part = fc
  .string({
    unit: fc.constantFrom(...Array.from('abcXYZ019-_ é日😀+.')),
    minLength: 1,
    maxLength: 8,
  })
  .filter((name) => name !== '.' && name !== '..');
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const file = fc.record({
  path,
  mode: fc.constantFrom(0o644, 0o755),
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.nat({ max: 50_000 }).map((length) => new Uint8Array(length).fill(7)),
  ),
});
/** No path is a folder of another. */
const tree = fc.uniqueArray(file, { selector: (item) => item.path, maxLength: 12 }).map((files) => {
  const folders = new Set(
    files.flatMap((item) => {
      const parts = item.path.split('/');
      return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
    }),
  );
  return files.filter((item) => !folders.has(item.path));
});

const plain = (files: readonly ArtifactFile[]): unknown =>
  [...files]
    .sort(byPath)
    .map(({ path: name, mode, bytes }) => [name, mode, Buffer.from(bytes).toString('hex')]);

describe('a zip', () => {
  it('gives back any tree that was written, with names, modes and contents', async () => {
    await fc.assert(
      fc.asyncProperty(tree, async (files) => {
        const zip = await writeZip(files);
        expect(plain(await readZip(zip, UNLIMITED))).toEqual(plain(files));
      }),
      { numRuns: 100 },
    );
  });

  it('has the same bytes whatever the order of the files', async () => {
    await fc.assert(
      fc.asyncProperty(tree, async (files) => {
        const one = await writeZip(files);
        const two = await writeZip([...files].reverse());
        expect(one.equals(two)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('has the same bytes in every time zone', async () => {
    const module = new URL('../../../src/package/zip.ts', import.meta.url).href;
    const program = `
      const { writeZip } = await import(${JSON.stringify(module)});
      const zip = await writeZip([{ path: 'a', mode: 0o644, bytes: Buffer.from('a') }]);
      process.stdout.write(zip.toString('hex'));`;
    const zips = await Promise.all(
      ['UTC', 'Asia/Tokyo', 'America/Los_Angeles', 'Pacific/Kiritimati', 'Africa/Monrovia'].map(
        async (TZ) => {
          const { stdout } = await promisify(execFile)(
            process.execPath,
            ['--input-type=module', '--eval', program],
            { env: { PATH: process.env['PATH'], TZ } },
          );
          return stdout;
        },
      ),
    );
    expect(new Set(zips).size).toBe(1);
    expect(zips[0]).toMatch(/^504b0304/);
  });

  it('is read alike by another reader', async () => {
    const files: ArtifactFile[] = [
      { path: 'bin/run.sh', mode: 0o755, bytes: Buffer.from('#!/bin/sh') },
      { path: 'empty', mode: 0o644, bytes: new Uint8Array() },
      { path: 'naïve/日本.txt', mode: 0o644, bytes: Buffer.from('x'.repeat(5_000)) },
    ];
    const zip = await writeZip(files);
    const listed = python(zip) ?? (await readZip(zip, UNLIMITED)).map(listing);
    expect(listed).toEqual(files.map(listing));
  });
});

const listing = ({ path: name, mode, bytes }: ArtifactFile): readonly [string, number, number] => [
  name,
  mode,
  bytes.byteLength,
];

const PROGRAM = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    assert all(item.date_time[:3] == (1980, 1, 1) and item.create_system == 3 for item in archive.infolist())
    print(json.dumps([[item.filename, (item.external_attr >> 16) & 0o777, item.file_size] for item in archive.infolist()]))
`;

/** What Python's own reader finds; undefined where there is no Python. */
function python(zip: Buffer): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'polyfaas-zip-'));
  try {
    writeFileSync(join(folder, 'a.zip'), zip);
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return JSON.parse(
      execFileSync('python3', ['-c', PROGRAM, join(folder, 'a.zip')], { encoding: 'utf8' }),
    );
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
