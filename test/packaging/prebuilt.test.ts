import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPackager } from '../../src/package/index.ts';
import { project, temporaryFolder, write } from './project.ts';
import { rawZip, type RawEntry } from './raw-zip.ts';

const GOOD: readonly RawEntry[] = [
  { name: 'index.mjs', contents: 'export const handler = () => 1;' },
  { name: 'bin/', mode: 0o040755 },
  { name: 'bin/tool', contents: '#!/bin/sh', mode: 0o100755 },
];

describe('a prebuilt zip', () => {
  it('is passed on as it is, and named by its contents', async () => {
    const zip = rawZip(GOOD);
    const {
      root,
      packager,
      package: pack,
    } = project({
      'build/good.zip': zip,
      'again.zip': rawZip([...GOOD].reverse()),
      'other.zip': rawZip([{ name: 'index.mjs', contents: 'other' }]),
    });
    const artifact = await pack({
      artifact: 'build/good.zip',
      handles: ['http'],
      signature: 'fetch',
    });
    expect(artifact).toMatchObject({
      form: 'zip',
      sizeBytes: zip.length,
      unpackedBytes: 40,
      entryFile: 'index.mjs',
      handles: ['http'],
      signature: 'fetch',
      needsProcess: false,
    });
    expect(zip.equals(Buffer.from(await artifact.zip()))).toBe(true);
    expect((await artifact.files()).map(({ path, mode }) => [path, mode])).toEqual([
      ['bin/tool', 0o755],
      ['index.mjs', 0o644],
    ]);
    const undeclared = await pack({ artifact: 'build/good.zip' });
    expect(undeclared.handles).toEqual([]);
    expect((await pack({ artifact: 'again.zip' })).digest).toBe(undeclared.digest);
    expect((await pack({ artifact: 'other.zip' })).digest).not.toBe(undeclared.digest);
    await expect(packager.get(artifact.digest)).resolves.toBe(artifact);
    await expect(createPackager({ root }).get(artifact.digest)).resolves.toMatchObject({
      digest: artifact.digest,
    });
  });

  it('takes what this library made', async () => {
    const shop = project({ 'a.ts': 'export default { invoke: async () => 1 };' });
    const made = await shop.package({ entry: 'a.ts' });
    shop.write({ 'made.zip': await made.zip() });
    const again = await shop.package({ artifact: 'made.zip' });
    expect(await again.files()).toEqual(await made.files());
  });

  it('with an add-on, or code that starts processes, needs a process', async () => {
    const shop = project({
      'addon.zip': rawZip([{ name: 'x.node' }, ...GOOD]),
      'start.zip': rawZip([
        { name: 'x.js', contents: 'const c = require("child_process")' },
        ...GOOD,
      ]),
    });
    for (const artifact of ['addon.zip', 'start.zip']) {
      expect((await shop.package({ artifact })).needsProcess).toBe(true);
    }
  });

  it.each<[string, RawEntry[], RegExp]>([
    ['an absolute path', [{ name: '/etc/passwd' }], /absolute path/],
    ['a path of Windows', [{ name: 'C:/x' }], /absolute path/],
    ['a path upwards', [{ name: 'a/../../x' }], /invalid relative path/],
    ['a backslash', [{ name: 'a\\b' }], /backslash|invalid characters/],
    ['an empty part', [{ name: 'a//b' }], /not plainly relative/],
    ['a dot', [{ name: './a' }], /not plainly relative/],
    ['a symbolic link', [{ name: 'a', contents: '/etc', mode: 0o120777 }], /symbolic link, "a"/],
    ['a device', [{ name: 'a', mode: 0o020666 }], /neither a file nor a folder/],
    ['a name twice', [{ name: 'a' }, { name: 'a' }], /"a" twice/],
    ['a file that is a folder', [{ name: 'a' }, { name: 'a/b' }], /as a file and as a folder/],
    ['an encrypted entry', [{ name: 'a', flags: 1 }], /encrypted/],
    ['a wrong checksum', [{ name: 'a', contents: 'abc', claimedCrc: 7 }], /checksum of "a"/],
    [
      'more bytes than it says',
      [{ name: 'a', contents: 'x'.repeat(99), claimedSize: 3 }],
      /damaged/,
    ],
    ['nothing', [], /is empty/],
    ['a name that no disk takes', [{ name: `${'n'.repeat(300)}.js` }], /too long, "n+\.\.\."/],
    ['a path that no disk takes', [{ name: 'long/'.repeat(500) + 'a.js' }], /too long/],
    ['no entry file', [{ name: 'main.mjs' }], /holds no "index\.mjs"/],
    ['its entry file in a folder', [{ name: 'dist/index.mjs' }], /within the folder "dist"/],
  ])('with %s is refused', async (_what, entries, expected) => {
    const { package: pack } = project({ 'bad.zip': rawZip(entries) });
    const error: unknown = await pack({ artifact: 'bad.zip' }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', function: 'orders' });
    expect(error).toHaveProperty('message', expect.stringMatching(expected));
    expect(error).toHaveProperty('message', expect.stringContaining('"bad.zip"'));
  });

  it('needs no entry file where the platform is told another one', async () => {
    const { package: pack } = project({ 'main.zip': rawZip([{ name: 'main.mjs' }]) });
    const files = { 'index.mjs': 'loads the entry' };
    await expect(pack({ artifact: 'main.zip' }, { files })).resolves.toMatchObject({ form: 'zip' });
    await expect(pack({ artifact: 'main.zip' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('that is too large, packed or unpacked, is refused before it is unpacked', async () => {
    const bomb = rawZip([{ name: 'zeros', contents: Buffer.alloc(20_000_000) }]);
    const liar = rawZip([{ name: 'zeros', contents: 'small', claimedSize: 4_000_000_000 }]);
    const { package: pack } = project({ 'bomb.zip': bomb, 'liar.zip': liar });
    for (const [artifact, limits] of [
      ['bomb.zip', { unpackedBytes: 1_000_000 }],
      ['bomb.zip', { zipBytes: 100 }],
      ['liar.zip', {}],
    ] as const) {
      await expect(pack({ artifact }, { limits })).rejects.toMatchObject({
        code: 'PAYLOAD_TOO_LARGE',
        function: 'orders',
      });
    }
  });

  it('that is no zip, missing, or outside of the root is refused', async () => {
    const outside = temporaryFolder();
    write(outside, { 'x.zip': rawZip(GOOD) });
    const { root, package: pack } = project({
      'text.zip': 'not a zip',
      'cut.zip': rawZip(GOOD).subarray(0, 60),
    });
    symlinkSync(join(outside, 'x.zip'), join(root, 'link.zip'));
    for (const [artifact, expected] of [
      ['text.zip', /no zip that can be read/],
      ['cut.zip', /no zip that can be read/],
      ['tex.zip', /"text\.zip"/],
      ['link.zip', /leaves the root/],
      ['../x.zip', /leaves the root/],
    ] as const) {
      const error: unknown = await pack({ artifact }).catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' });
      expect(error).toHaveProperty('message', expect.stringMatching(expected));
    }
  });

  it('is checked again when it changed', async () => {
    const shop = project({ 'x.zip': rawZip(GOOD) });
    const before = await shop.package({ artifact: 'x.zip' });
    shop.write({ 'x.zip': rawZip([...GOOD, { name: 'more', contents: 'more' }]) });
    expect((await shop.package({ artifact: 'x.zip' })).digest).not.toBe(before.digest);
    shop.write({ 'x.zip': rawZip([{ name: '../x' }]) });
    await expect(shop.package({ artifact: 'x.zip' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});
