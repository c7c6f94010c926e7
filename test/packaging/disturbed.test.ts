/** Files that change while the bundler reads them. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundle } from '../../src/package/bundle.ts';
import { statesBefore } from '../../src/package/disturbance.ts';
import { finish, type FinishRequest } from '../../src/package/finish.ts';
import { inputNamer, manifestFinder } from '../../src/package/input-names.ts';
import { createPackager } from '../../src/package/index.ts';
import { profile, project, SHIM, temporaryFolder, write } from './project.ts';

const HANDLER = `import { word } from './lib/word';\nexport default { invoke: async () => word };`;
const WORD = (text: string): string => `export const word = '${text}';`;
const FILES = { 'a.ts': HANDLER, 'lib/word/index.ts': WORD('one') };

/** One build, as when it begins now. */
function request(root: string, beganAtMs: number): FinishRequest {
  const findManifest = manifestFinder();
  return {
    name: 'orders',
    spec: { entry: 'a.ts', handles: ['invoke'] },
    profile: profile(),
    root,
    cacheFolder: join(root, '.polyfaas/cache'),
    loadTimeoutMs: 5_000,
    modulePath: join(root, 'a.ts'),
    settings: {},
    tools: {},
    included: new Map(),
    nameOf: inputNamer(root, SHIM, findManifest),
    findManifest,
    beganAtMs,
    before: new Map(),
  };
}

describe('a build is disturbed', () => {
  it.each<[string, (root: string) => void, string]>([
    [
      'by a file that comes before one of its inputs',
      (root) => write(root, { 'lib/word.ts': WORD('two') }),
      'others',
    ],
    [
      'by an input that changes',
      (root) => write(root, { 'lib/word/index.ts': WORD('two') }),
      'files',
    ],
    [
      'by an input that goes',
      (root) => rmSync(join(root, 'lib/word'), { recursive: true }),
      'files',
    ],
    ['by compiler settings that go', (root) => rmSync(join(root, 'tsconfig.json')), 'others'],
  ])('%s', async (_what, change, expected) => {
    const root = temporaryFolder();
    write(root, { ...FILES, 'tsconfig.json': '{}' });
    const began = request(root, Date.now());
    const made = await bundle(began);
    change(root);
    const { disturbance } = await finish(began, made, undefined);
    const { files, others } = disturbance;
    expect({ files: files.length > 0, others: others.length > 0 }).toMatchObject({
      [expected]: true,
    });
  });

  it('by nothing when all is as it was seen before, whatever its times say', async () => {
    const root = temporaryFolder();
    write(root, FILES);
    // As if it had begun long ago: everything has changed since.
    const first = await finish(request(root, 0), await bundle(request(root, 0)), undefined);
    expect(first.disturbance.files).toContain('a.ts');
    const again = { ...request(root, 0), before: statesBefore(root, first.states) };
    const second = await finish(again, await bundle(again), undefined);
    expect(second.disturbance).toEqual({ files: [], others: [] });
  });
});

describe('files that change all the time', () => {
  it('are refused, and nothing is stored', async () => {
    const shop = project(FILES);
    let written = 0;
    const writer = setInterval(() => {
      written += 1;
      shop.write({ 'lib/word/index.ts': WORD(`number ${written}`) });
    }, 1);
    try {
      await expect(shop.package({ entry: 'a.ts' })).rejects.toMatchObject({
        code: 'CONFLICT',
        function: 'orders',
        retryable: true,
        message: expect.stringContaining('lib/word/index.ts'),
      });
    } finally {
      clearInterval(writer);
    }
    expect(readdirSync(join(shop.root, '.polyfaas/cache'))).not.toContain('artifacts');
  });

  it('beside the inputs cost nothing but the cache', async () => {
    const shop = project(FILES);
    let written = 0;
    const writer = setInterval(() => {
      written += 1;
      shop.write({ [`lib/log-${written}.txt`]: '' });
    }, 1);
    try {
      const artifact = await shop.package({ entry: 'a.ts' });
      expect(readdirSync(join(shop.root, '.polyfaas/cache'))).not.toContain('entries');
      await expect(shop.packager.get(artifact.digest)).resolves.toBe(artifact);
      const afresh = createPackager({ root: shop.root, cacheFolder: temporaryFolder() });
      const other = await afresh.package({
        name: 'orders',
        spec: { entry: 'a.ts' },
        profile: profile(),
      });
      expect(other.digest).toBe(artifact.digest);
    } finally {
      clearInterval(writer);
    }
  });
});
