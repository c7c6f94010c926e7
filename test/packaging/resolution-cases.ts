/** Projects in which something other than an input decides what is bundled, and a change of it. */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CodeSpec } from '../../src/package/index.ts';
import { write } from './project.ts';

/** A project, a change, and what its function answers before and after. */
export interface ResolutionCase {
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** Link to target, relative to the folder of the link. */
  readonly links?: Readonly<Record<string, string>>;
  readonly root?: string;
  readonly spec?: CodeSpec;
  change(at: (path: string) => string): void;
  readonly before: unknown;
  readonly after: unknown;
}

/** A module whose handler answers its `x`. */
export const handler = (line: string): string =>
  `${line}\nexport default { invoke: async () => x };`;
/** A module that exports a text as `x`. */
export const says = (text: string): string => `export const x = '${text}';`;
const common = (text: string): string => `exports.x = '${text}';`;

/** Makes a link, in the place of another one. */
export function link(path: string, target: string): void {
  rmSync(path, { force: true });
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

const optional = (name: string): string =>
  `let x = 'none';\ntry { x = require('${name}').x; } catch {}\nexport default { invoke: async () => x };`;

export const resolutionCases: Readonly<Record<string, ResolutionCase>> = {
  'the targets of `imports` are swapped': {
    files: {
      'package.json': '{ "imports": { "#a": "./a.ts", "#b": "./b.ts" } }',
      'a.ts': `export const x = 'a';`,
      'b.ts': `export const x = 'b';`,
      'f.ts': `import { x as a } from '#a';\nimport { x as b } from '#b';\nconst x = a + b;\nexport default { invoke: async () => x };`,
    },
    change: (at) =>
      write(at('.'), { 'package.json': '{ "imports": { "#a": "./b.ts", "#b": "./a.ts" } }' }),
    before: 'ab',
    after: 'ba',
  },
  'the targets of `exports` of a package are swapped': {
    files: {
      'node_modules/p/package.json': '{ "exports": { "./a": "./a.js", "./b": "./b.js" } }',
      'node_modules/p/a.js': common('a'),
      'node_modules/p/b.js': common('b'),
      'f.ts': `import { x as a } from 'p/a';\nimport { x as b } from 'p/b';\nconst x = a + b;\nexport default { invoke: async () => x };`,
    },
    change: (at) =>
      write(at('.'), {
        'node_modules/p/package.json': '{ "exports": { "./a": "./b.js", "./b": "./a.js" } }',
      }),
    before: 'ab',
    after: 'ba',
  },
  'two links in the root are swapped': {
    files: {
      'one/x.ts': says('1'),
      'two/x.ts': says('2'),
      'f.ts': `import { x as a } from './a/x.ts';\nimport { x as b } from './b/x.ts';\nconst x = a + b;\nexport default { invoke: async () => x };`,
    },
    links: { a: 'one', b: 'two' },
    change: (at) => {
      link(at('a'), 'two');
      link(at('b'), 'one');
    },
    before: '12',
    after: '21',
  },
  'a file comes before the folder that was imported': {
    files: { 'src/f.ts': handler(`import { x } from '../lib/x';`), 'lib/x/index.ts': says('old') },
    spec: { entry: 'src/f.ts' },
    change: (at) => write(at('.'), { 'lib/x.ts': says('new') }),
    before: 'old',
    after: 'new',
  },
  'a hidden file comes before the hidden folder that was imported': {
    files: { 'f.ts': handler(`import { x } from './.cfg';`), '.cfg/index.ts': says('old') },
    change: (at) => write(at('.'), { '.cfg.ts': says('new') }),
    before: 'old',
    after: 'new',
  },
  'the manifest of an imported folder comes': {
    files: {
      'f.ts': handler(`import { x } from './lib';`),
      'lib/index.ts': says('old'),
      'lib/deep/other.ts': says('new'),
    },
    change: (at) => write(at('.'), { 'lib/package.json': '{ "main": "./deep/other.ts" }' }),
    before: 'old',
    after: 'new',
  },
  'a link in the root leads elsewhere': {
    files: {
      'src/f.ts': handler(`import { x } from '../shared/lib/x.ts';`),
      'v1/x.ts': says('old'),
      'v2/x.ts': says('new'),
      'shared/keep': '',
    },
    links: { 'shared/lib': '../v1' },
    spec: { entry: 'src/f.ts' },
    change: (at) => link(at('shared/lib'), '../v2'),
    before: 'old',
    after: 'new',
  },
  'a link that a link leads to leads elsewhere': {
    files: {
      'src/f.ts': handler(`import { x } from '../lib/x.ts';`),
      'v1/x.ts': says('old'),
      'v2/x.ts': says('new'),
    },
    links: { lib: 'links/current', 'links/current': '../v1' },
    spec: { entry: 'src/f.ts' },
    change: (at) => link(at('links/current'), '../v2'),
    before: 'old',
    after: 'new',
  },
  'a package of a store is linked in another version': {
    files: {
      'f.ts': handler(`import { x } from 'p';`),
      'node_modules/.pnpm/p@1/node_modules/p/package.json': '{ "name": "p", "main": "i.js" }',
      'node_modules/.pnpm/p@1/node_modules/p/i.js': common('old'),
      'node_modules/.pnpm/p@2/node_modules/p/package.json': '{ "name": "p", "main": "i.js" }',
      'node_modules/.pnpm/p@2/node_modules/p/i.js': common('new'),
    },
    links: { 'node_modules/p': '.pnpm/p@1/node_modules/p' },
    change: (at) => link(at('node_modules/p'), '.pnpm/p@2/node_modules/p'),
    before: 'old',
    after: 'new',
  },
  'a package of a workspace is linked from elsewhere, above the root': {
    files: {
      'apps/a/f.ts': handler(`import { x } from '@acme/p';`),
      'packages/p1/package.json': '{ "name": "@acme/p", "main": "i.js" }',
      'packages/p1/i.js': common('old'),
      'packages/p2/package.json': '{ "name": "@acme/p", "main": "i.js" }',
      'packages/p2/i.js': common('new'),
    },
    links: { 'node_modules/@acme/p': '../../packages/p1' },
    root: 'apps/a',
    change: (at) => link(at('node_modules/@acme/p'), '../../packages/p2'),
    before: 'old',
    after: 'new',
  },
  'a file comes before a folder in a linked package': {
    files: {
      'apps/a/f.ts': handler(`import { x } from 'p/lib/x';`),
      'packages/p/package.json': '{ "name": "p" }',
      'packages/p/lib/x/index.js': common('old'),
    },
    links: { 'node_modules/p': '../packages/p' },
    root: 'apps/a',
    change: (at) => write(at('.'), { 'packages/p/lib/x.js': common('new') }),
    before: 'old',
    after: 'new',
  },
  'a package is installed nearer, above the root': {
    files: {
      'apps/a/f.ts': handler(`import { x } from 'p';`),
      'node_modules/p/index.js': common('old'),
    },
    root: 'apps/a',
    change: (at) => write(at('.'), { 'apps/node_modules/p/index.js': common('new') }),
    before: 'old',
    after: 'new',
  },
  'a manifest that makes modules of files comes between': {
    files: {
      'src/a/f.ts': handler(`import * as m from './m.js';\nconst x = m.default?.y ?? m.y;`),
      'src/a/m.js': `import q from './q.cjs';\nexport const y = typeof q.default;`,
      'src/a/q.cjs': `exports.__esModule = true; exports.default = 1;`,
    },
    spec: { entry: 'src/a/f.ts' },
    change: (at) => write(at('.'), { 'src/package.json': '{ "type": "module" }' }),
    before: 'undefined',
    after: 'number',
  },
  'a manifest that says that there are no side effects comes between': {
    files: {
      'src/a/f.ts': handler(
        `import './effect.ts';\nimport { list } from './list.ts';\nconst x = list.length;`,
      ),
      'src/a/list.ts': 'export const list = [];',
      'src/a/effect.ts': `import { list } from './list.ts';\nlist.push(1);`,
    },
    spec: { entry: 'src/a/f.ts' },
    change: (at) => write(at('.'), { 'src/package.json': '{ "sideEffects": false }' }),
    before: 1,
    after: 0,
  },
  'an earlier place of `paths` is filled': {
    files: {
      'tsconfig.json':
        '{ /* places */ "compilerOptions": { "paths": { "~/*": ["./ov/*", "./def/*"], }, }, }',
      'src/f.ts': handler(`import { x } from '~/deep/x';`),
      'def/deep/x.ts': says('old'),
    },
    spec: { entry: 'src/f.ts' },
    change: (at) => write(at('.'), { 'ov/deep/x.ts': says('new') }),
    before: 'old',
    after: 'new',
  },
  'a file of the base folder comes before a package': {
    files: {
      'tsconfig.json': '{ "compilerOptions": { "baseUrl": "./lib" } }',
      'src/f.ts': handler(`import { x } from 'p/x';`),
      'lib/keep': '',
      'node_modules/p/x.js': common('old'),
    },
    spec: { entry: 'src/f.ts' },
    change: (at) => write(at('.'), { 'lib/p/x.ts': says('new') }),
    before: 'old',
    after: 'new',
  },
  'an optional file comes': {
    files: { 'src/f.ts': optional('./cfg/local'), 'src/cfg.md': '' },
    spec: { entry: 'src/f.ts' },
    change: (at) => write(at('.'), { 'src/cfg/local.ts': says('new') }),
    before: 'none',
    after: 'new',
  },
  'an optional package of a scope that is there comes': {
    files: {
      'src/f.ts': optional('@s/foo'),
      'node_modules/@s/bar/index.js': '',
      'node_modules/keep/index.js': '',
    },
    spec: { entry: 'src/f.ts' },
    change: (at) => write(at('.'), { 'node_modules/@s/foo/index.js': common('new') }),
    before: 'none',
    after: 'new',
  },
  'an external package gets a nearer dependency': {
    files: {
      'f.ts': handler(`import { x } from 'ext';`),
      'node_modules/ext/package.json': '{ "name": "ext", "main": "i.js" }',
      'node_modules/ext/i.js': `exports.x = require('dep');`,
      'node_modules/dep/package.json': '{ "name": "dep", "main": "i.js" }',
      'node_modules/dep/i.js': `module.exports = 'old';`,
    },
    spec: { entry: 'f.ts', package: { external: ['ext'] } },
    change: (at) =>
      write(at('.'), {
        'node_modules/ext/node_modules/dep/package.json': '{ "name": "dep", "main": "i.js" }',
        'node_modules/ext/node_modules/dep/i.js': `module.exports = 'new';`,
      }),
    before: 'old',
    after: 'new',
  },
  'an import of many files in a package matches one more': {
    files: {
      'f.ts': handler(`import { load } from 'p';\nconst x = await load('b').catch(() => 'none');`),
      'node_modules/p/package.json': '{ "name": "p", "type": "module", "main": "i.js" }',
      'node_modules/p/i.js':
        'export const load = async (name) => (await import(`./words/${name}.js`)).default;',
      'node_modules/p/words/a.js': `export default 'a';`,
    },
    change: (at) => write(at('.'), { 'node_modules/p/words/b.js': `export default 'b';` }),
    before: 'none',
    after: 'b',
  },
  'settings that a package gives away, which is nothing but settings, change': {
    files: {
      'tsconfig.json': '{ "extends": "@tsconfig/one" }',
      'node_modules/@tsconfig/one/package.json': '{ "name": "@tsconfig/one" }',
      'node_modules/@tsconfig/one/tsconfig.json':
        '{ "compilerOptions": { "useDefineForClassFields": true } }',
      'f.ts': `class A { set y(v) { this.z = v } }\nclass B extends A { y = 1 }\nconst x = Object.keys(new B()).join();\nexport default { invoke: async () => x };`,
    },
    change: (at) =>
      write(at('.'), {
        'node_modules/@tsconfig/one/tsconfig.json':
          '{ "compilerOptions": { "useDefineForClassFields": false } }',
      }),
    before: 'y',
    after: 'z',
  },
  'settings that a manifest names change': {
    files: {
      'tsconfig.json': '{ "extends": ["settings"] }',
      'node_modules/settings/package.json': '{ "name": "settings", "tsconfig": "./base.json" }',
      'node_modules/settings/base.json':
        '{ "compilerOptions": { "useDefineForClassFields": true } }',
      'f.ts': `class A { set y(v) { this.z = v } }\nclass B extends A { y = 1 }\nconst x = Object.keys(new B()).join();\nexport default { invoke: async () => x };`,
    },
    change: (at) =>
      write(at('.'), {
        'node_modules/settings/base.json':
          '{ "compilerOptions": { "useDefineForClassFields": false } }',
      }),
    before: 'y',
    after: 'z',
  },
  'a file that is imported with a question changes': {
    files: { 'f.ts': handler(`import { x } from './x.ts?q';`), 'x.ts': says('old') },
    change: (at) => write(at('.'), { 'x.ts': says('new') }),
    before: 'old',
    after: 'new',
  },
  'a file with a colon in its name changes': {
    files: { 'f.ts': handler(`import { x } from './my:x.ts';`), 'my:x.ts': says('old') },
    change: (at) => write(at('.'), { 'my:x.ts': says('new') }),
    before: 'old',
    after: 'new',
  },
};
