import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { call, namesOf, project, textOf, write, temporaryFolder } from './project.ts';

const ADDON = Buffer.from('\u007fELF not really an add-on');
const native = {
  'node_modules/addon/package.json':
    '{ "name": "addon", "version": "1.0.0", "main": "lib/index.js" }',
  'node_modules/addon/lib/index.js': `const found = require('finder');\nexports.add = (a, b) => a + b + found;\nexports.load = () => require('../build/addon.node');`,
  'node_modules/addon/build/addon.node': ADDON,
  'node_modules/finder/package.json': '{ "name": "finder", "main": "index.js" }',
  'node_modules/finder/index.js': 'module.exports = 100;',
};

describe('modules that stay outside of the bundle', () => {
  it('are traced and added as they are, with what they need', async () => {
    const { package: pack } = project({
      ...native,
      'a.ts': `import addon from 'addon';\nexport default { invoke: async () => addon.add(1, 2) };`,
    });
    const artifact = await pack({ entry: 'a.ts', package: { external: ['addon'] } });
    expect(await namesOf(artifact)).toEqual([
      'index.mjs',
      'node_modules/addon/build/addon.node',
      'node_modules/addon/lib/index.js',
      'node_modules/addon/package.json',
      'node_modules/finder/index.js',
      'node_modules/finder/package.json',
    ]);
    expect(artifact).toMatchObject({ needsProcess: true, handles: ['invoke'] });
    await expect(call(artifact, null)).resolves.toBe(103);
  });

  it('are found by themselves where they hold an add-on', async () => {
    const { package: pack } = project({
      ...native,
      'a.ts': `import { add } from 'addon';\nexport default { invoke: async () => add(1, 2) };`,
    });
    const artifact = await pack({ entry: 'a.ts' });
    expect(await namesOf(artifact)).toContain('node_modules/addon/build/addon.node');
    expect(await textOf(artifact, 'node_modules/addon/build/addon.node')).toBe(ADDON.toString());
    await expect(call(artifact, null)).resolves.toBe(103);
  });

  it('are found by themselves where they look for one at run time', async () => {
    const { package: pack } = project({
      'node_modules/quick/package.json': '{ "name": "quick", "main": "index.js" }',
      'node_modules/quick/index.js': `const load = require('node-gyp-build');\nmodule.exports = () => load(__dirname);`,
      'node_modules/node-gyp-build/package.json':
        '{ "name": "node-gyp-build", "main": "index.js" }',
      'node_modules/node-gyp-build/index.js': 'module.exports = (folder) => folder.length > 0;',
      'a.ts': `import quick from 'quick';\nexport default { invoke: async () => quick() };`,
    });
    const names = await namesOf(await pack({ entry: 'a.ts' }));
    expect(names).toContain('node_modules/quick/index.js');
    expect(names).toContain('node_modules/node-gyp-build/index.js');
  });

  it('are not added where the platform provides them', async () => {
    const { package: pack } = project({
      ...native,
      'a.ts': `import { add } from 'addon';\nexport default { invoke: async () => add(1, 2) };`,
    });
    const artifact = await pack({ entry: 'a.ts' }, { external: ['addon'] });
    expect(await namesOf(artifact)).toEqual(['index.mjs']);
    expect(await textOf(artifact, 'index.mjs')).toMatch(/from\s*"addon"/);
  });

  it('may be missing when declared so, and are left to the platform', async () => {
    const { package: pack } = project({
      'a.ts': `export default { invoke: async () => (await import('@cloud/sdk')).default };`,
    });
    const artifact = await pack({ entry: 'a.ts', package: { external: ['@cloud/*'] } });
    expect(await namesOf(artifact)).toEqual(['index.mjs']);
  });

  it('are followed through links of a workspace or a store', async () => {
    const top = temporaryFolder();
    write(top, {
      'packages/shared/package.json': '{ "name": "@acme/shared", "main": "index.cjs" }',
      'packages/shared/index.cjs': `exports.shared = 'shared';`,
      'app/node_modules/.pnpm/dep@1/node_modules/dep/package.json':
        '{ "name": "dep", "main": "i.js" }',
      'app/node_modules/.pnpm/dep@1/node_modules/dep/i.js': `exports.dep = require('deeper');`,
      'app/node_modules/.pnpm/deeper@1/node_modules/deeper/package.json':
        '{ "name": "deeper", "main": "i.js" }',
      'app/node_modules/.pnpm/deeper@1/node_modules/deeper/i.js': `module.exports = 'deep';`,
      'app/node_modules/@acme/keep.txt': '',
      'app/a.ts': `import { dep } from 'dep';\nimport { shared } from '@acme/shared';\nexport default { invoke: async () => dep + shared };`,
    });
    const modules = join(top, 'app/node_modules');
    symlinkSync('../../../packages/shared', join(modules, '@acme/shared'));
    symlinkSync('.pnpm/dep@1/node_modules/dep', join(modules, 'dep'));
    symlinkSync(
      '../../deeper@1/node_modules/deeper',
      join(modules, '.pnpm/dep@1/node_modules/deeper'),
    );
    const { package: pack } = project({}, { root: join(top, 'app') });

    const apart = await pack({ entry: 'a.ts', package: { external: ['dep', '@acme/shared'] } });
    expect(await namesOf(apart)).toEqual([
      'index.mjs',
      'node_modules/@acme/shared/index.cjs',
      'node_modules/@acme/shared/package.json',
      'node_modules/deeper/i.js',
      'node_modules/deeper/package.json',
      'node_modules/dep/i.js',
      'node_modules/dep/package.json',
    ]);
    await expect(call(apart, null)).resolves.toBe('deepshared');
    await expect(call(await pack({ entry: 'a.ts' }), null)).resolves.toBe('deepshared');
  });
});

describe('a module that stays outside, installed within a package that is bundled', () => {
  const nat = (at: string, version: string): Record<string, string | Uint8Array> => ({
    [`${at}/nat/package.json`]: `{ "name": "nat", "version": "${version}", "main": "i.js" }`,
    [`${at}/nat/i.js`]: `exports.version = '${version}' + require('dep');\nexports.load = () => require('./n.node');`,
    [`${at}/nat/n.node`]: ADDON,
    [`${at}/dep/package.json`]: `{ "name": "dep", "version": "${version}", "main": "i.js" }`,
    [`${at}/dep/i.js`]: `module.exports = '!';`,
  });
  const outer = {
    'node_modules/outer/package.json': '{ "name": "outer", "main": "i.js" }',
    'node_modules/outer/i.js': `exports.outer = require('nat').version;`,
  };

  it('is where the bundle finds it, with what it needs', async () => {
    const { package: pack } = project({
      ...outer,
      ...nat('node_modules/outer/node_modules', '2.0.0'),
      'f.ts': `import { outer } from 'outer';\nexport default { invoke: async () => outer };`,
    });
    const artifact = await pack({ entry: 'f.ts' });
    expect(await namesOf(artifact)).toContain('node_modules/nat/n.node');
    await expect(call(artifact, null)).resolves.toBe('2.0.0!');
  });

  it('is refused where the user has another version; to keep its parent outside helps', async () => {
    const { package: pack } = project({
      ...outer,
      ...nat('node_modules', '1.0.0'),
      ...nat('node_modules/outer/node_modules', '2.0.0'),
      'f.ts': `import { outer } from 'outer';\nimport { version } from 'nat';\nexport default { invoke: async () => [version, outer] };`,
    });
    const error: unknown = await pack({ entry: 'f.ts' }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', function: 'orders' });
    for (const words of [/1\.0\.0/, /2\.0\.0/, /f\.ts/, /"outer" in `package\.external`/]) {
      expect(error).toHaveProperty('message', expect.stringMatching(words));
    }
    const apart = await pack({ entry: 'f.ts', package: { external: ['outer'] } });
    await expect(call(apart, null)).resolves.toEqual(['1.0.0!', '2.0.0!']);
  });
});

describe('an add-on of the user', () => {
  it('is added beside the bundle', async () => {
    const { package: pack } = project({
      'lib/fast.node': ADDON,
      'a.ts': `import { createRequire } from 'node:module';\nconst load = () => require('./lib/fast.node');\nexport default { invoke: async () => load() };`,
    });
    const artifact = await pack({ entry: 'a.ts' });
    expect(await namesOf(artifact)).toEqual(['index.mjs', 'native/lib/fast.node']);
    expect(artifact.needsProcess).toBe(true);
    await expect(call(artifact, null)).rejects.toThrow(/native\/lib\/fast\.node/);
  });
});

describe('needsProcess', () => {
  it.each([
    [`import { execFile } from 'node:child_process';`, 'execFile', true],
    [`import cluster from 'cluster';`, 'cluster.isPrimary', true],
    [`import { spawn } from 'child_process';`, '1', false],
    [`import { Worker } from 'node:worker_threads';`, 'Worker.name', false],
  ])('with %s that is used as %s is %s', async (line, use, expected) => {
    const { package: pack } = project({
      'a.ts': `${line}\nexport default { invoke: async () => typeof (${use}) };`,
    });
    expect((await pack({ entry: 'a.ts' })).needsProcess).toBe(expected);
  });
});

describe('package.include', () => {
  it('adds files that the code reads at run time', async () => {
    const { package: pack } = project({
      'templates/a.html': '<a>',
      'templates/deep/b.html': '<b>',
      'node_modules/x/c.html': '<c>',
      'a.ts': `import { readFileSync } from 'node:fs';\nimport { join } from 'node:path';
        const text = readFileSync(join(import.meta.dirname, 'templates/deep/b.html'), 'utf8');
        export default { invoke: async () => text };`,
    });
    const artifact = await pack({ entry: 'a.ts', package: { include: ['**/*.html'] } });
    expect(await namesOf(artifact)).toEqual([
      'index.mjs',
      'templates/a.html',
      'templates/deep/b.html',
    ]);
    await expect(call(artifact, null)).resolves.toBe('<b>');
  });

  it('takes a file by its name where the name is a pattern', async () => {
    const { package: pack } = project({
      'pages/[id].html': 'id',
      'pages/i.html': 'i',
      'a.ts': `export default { invoke: async () => 1 };`,
    });
    const artifact = await pack({ entry: 'a.ts', package: { include: ['./pages/[id].html'] } });
    expect(await namesOf(artifact)).toEqual(['index.mjs', 'pages/[id].html']);
  });

  it('reads through links that stay in the root', async () => {
    const { root, package: pack } = project({
      'real.txt': 'text',
      'a.ts': `export default { invoke: async () => 1 };`,
    });
    symlinkSync('real.txt', join(root, 'link.txt'));
    const artifact = await pack({ entry: 'a.ts', package: { include: ['link.txt'] } });
    expect(await textOf(artifact, 'link.txt')).toBe('text');
  });
});
