/** Where an import leads decides what is in the bundle, as much as what is in the files. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPackager } from '../../src/package/index.ts';
import { call, profile, temporaryFolder, write } from './project.ts';
import { handler, link, resolutionCases, says } from './resolution-cases.ts';

describe('an answer from the cache is what packaging afresh gives when', () => {
  it.each(Object.entries(resolutionCases))(
    '%s',
    async (_what, { files, links, spec, change, ...of }) => {
      const top = temporaryFolder();
      const at = (path: string): string => join(top, path);
      write(top, files);
      for (const [path, target] of Object.entries(links ?? {})) link(at(path), target);
      const root = at(of.root ?? '.');
      const packager = createPackager({ root });
      const request = { name: 'f', spec: spec ?? { entry: 'f.ts' }, profile: profile() };
      const before = await packager.package(request);
      await expect(call(before, null)).resolves.toEqual(of.before);

      change(at);
      const after = await packager.package(request);
      await expect(call(after, null)).resolves.toEqual(of.after);
      expect(after.digest).not.toBe(before.digest);
      const afresh = await createPackager({ root, cacheFolder: temporaryFolder() }).package(
        request,
      );
      expect(after.digest).toBe(afresh.digest);
    },
  );

  it('an included file is a link that leads elsewhere', async () => {
    const root = temporaryFolder();
    write(root, { 'f.ts': handler('const x = 1;'), 'v1.txt': 'one', 'v2.txt': 'two' });
    link(join(root, 'now.txt'), 'v1.txt');
    const packager = createPackager({ root });
    const spec = { entry: 'f.ts', package: { include: ['now.txt'] } };
    const before = await packager.package({ name: 'f', spec, profile: profile() });
    link(join(root, 'now.txt'), 'v2.txt');
    const after = await packager.package({ name: 'f', spec, profile: profile() });
    expect(after.digest).not.toBe(before.digest);
    const [, text] = await after.files();
    expect(Buffer.from(text?.bytes ?? []).toString()).toBe('two');
  });
});

describe('the digest does not depend on', () => {
  const files = {
    'checkout/f.ts': handler(`import { x } from './x';`),
    'checkout/x.ts': says('x'),
    'checkout/tsconfig.json': '{}',
  };
  const digestAt = async (more: Readonly<Record<string, string>>, minify = true) => {
    const top = temporaryFolder();
    write(top, { ...files, ...more });
    const spec = { entry: 'f.ts', package: { minify } };
    const packager = createPackager({ root: join(top, 'checkout') });
    return (await packager.package({ name: 'f', spec, profile: profile() })).digest;
  };

  it.each([
    [
      'settings above that are not used',
      { 'tsconfig.json': '{ "compilerOptions": { "strict": true } }' },
    ],
    [
      'settings beside that are not used',
      { 'checkout/jsconfig.json': '{ "compilerOptions": {} }' },
    ],
  ])('%s', async (_what, more) => {
    expect(await digestAt(more)).toBe(await digestAt({}));
  });

  it('the name of the folder, which is that of its first file', async () => {
    const answers = [];
    for (const name of ['shop', 'quite-another-folder']) {
      for (const minify of [true, false]) {
        for (const format of ['esm', 'cjs'] as const) {
          const root = join(temporaryFolder(), name);
          write(root, {
            'index.ts': `import other from './index.cjs';\nimport all, { y } from './lib';\nexport default { invoke: async () => [other, all, y] };`,
            'index.cjs': `module.exports = function zebra() { return 1 };`,
            'lib/index.ts': `export { default } from '../x.ts';\nexport const y = 2;`,
            'x.ts': `export default class { z = 1 }`,
          });
          const artifact = await createPackager({ root }).package({
            name: 'f',
            spec: { entry: 'index.ts', package: { minify } },
            profile: profile({
              format,
              entryFile: format === 'esm' ? 'index.mjs' : 'index.cjs',
            }),
          });
          const zip = Buffer.from(await artifact.zip()).toString('hex');
          answers.push({ digest: artifact.digest, zip });
        }
      }
    }
    expect(answers.slice(4)).toEqual(answers.slice(0, 4));
    expect(new Set(answers.map(({ digest }) => digest)).size).toBe(4);
  });

  it('where the root is, with an add-on in code that is not minified', async () => {
    const zips = [];
    for (const name of ['a', 'deep/er/b']) {
      const top = temporaryFolder();
      const root = join(top, name);
      write(root, {
        'f.ts': handler(`const x = () => require('./lib/x.node');`),
        'lib/x.node': 'no add-on',
      });
      const artifact = await createPackager({ root }).package({
        name: 'f',
        spec: { entry: 'f.ts', package: { minify: false } },
        profile: profile(),
      });
      expect(Buffer.from(await artifact.zip()).includes(top)).toBe(false);
      zips.push([artifact.digest, Buffer.from(await artifact.zip()).toString('hex')]);
    }
    expect(zips[1]).toEqual(zips[0]);
  });
});
