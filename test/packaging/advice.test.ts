/** Code that would fail where it runs, and what is said of it here. */
import { symlinkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createServerlessManager } from 'polyfaas';
import { expect, it } from 'vitest';
import { project, temporaryFolder, write } from './project.ts';

it('CommonJS that counts as an ES module is to be renamed', async () => {
  const shop = project({
    'package.json': '{"type":"module"}',
    'legacy.js': 'exports.handler = async () => 1;',
    'legacy.cjs': 'exports.handler = async () => 1;',
  });
  await expect(shop.package({ entry: 'legacy.js' })).rejects.toThrow(
    /not defined in ES module scope\. .*Rename the file so that it ends in \.cjs/,
  );
  expect((await shop.package({ entry: 'legacy.cjs' })).handles).toContain('invoke');
});

it('a file beside a package of the workspace, outside of the root, is brought along with its package', async () => {
  const mono = temporaryFolder();
  write(mono, {
    'lib/package.json': '{"name":"lib","type":"module","main":"index.js"}',
    'lib/index.js': `import { readFileSync } from 'node:fs';
      export const text = readFileSync(new URL('text.txt', import.meta.url), 'utf8');`,
    'lib/text.txt': 'hello',
    'app/index.js': `import { text } from 'lib'; export default () => text;`,
    'app/package.json': '{"type":"module"}',
  });
  mkdirSync(join(mono, 'app/node_modules'));
  symlinkSync('../../lib', join(mono, 'app/node_modules/lib'));
  const shop = project({}, { root: join(mono, 'app') });
  await expect(shop.package({ entry: 'index.js' })).rejects.toThrow(
    /^Function "orders": \.\.\/lib\/index\.js.*"text\.txt" is not in the package, .* in `package\.external`/,
  );
});

it('own code that looks for a file beside itself, which is not beside the bundle, is told', async () => {
  const reads = (from: string): string =>
    `import { readFileSync } from 'node:fs';
      import { join } from 'node:path';
      export default () => readFileSync(${from}, 'utf8');`;
  const shop = project({
    'functions/page.html': '<p>',
    'functions/page.mjs': reads(`new URL('./page.html', import.meta.url)`),
    'functions/path.mjs': reads(`join(import.meta.dirname, 'page.html')`),
    'functions/right.mjs': reads(`new URL('./functions/page.html', import.meta.url)`),
    'functions/none.mjs': reads(`new URL('./nowhere.html', import.meta.url)`),
    'functions/said.mjs': `// new URL('./page.html', import.meta.url)\n${reads(`'page.html'`)}`,
    'functions/root.mjs': reads(`new URL('.', import.meta.url)`),
    'root.mjs': reads(`new URL('functions/page.html', import.meta.url)`),
    'node_modules/lib/index.mjs': reads(`new URL('./page.html', import.meta.url)`),
    'node_modules/lib/page.html': '',
    'functions/lib.mjs': `export { default } from 'lib/index.mjs';`,
  });
  const include = ['functions/*.html'];
  const warnings = async (entry: string, more: readonly string[] = include) =>
    (await shop.package({ entry, package: { include: more } })).warnings;
  expect(await warnings('functions/page.mjs')).toEqual([
    'functions/page.mjs:3 looks for "./page.html" beside itself, but runs in the bundle, beside which that is not. Name "functions/page.html" in `package.include`, and look for "./functions/page.html": it keeps its path from the root, where the bundle lies',
  ]);
  expect(await warnings('functions/path.mjs')).toEqual([
    expect.stringMatching(
      /^functions\/path\.mjs:3 looks for "page\.html".*"\.\/functions\/page\.html"/,
    ),
  ]);
  for (const name of ['right', 'none', 'said', 'root', 'lib']) {
    expect({ [name]: await warnings(`functions/${name}.mjs`) }).toEqual({ [name]: [] });
  }
  expect(await warnings('root.mjs')).toEqual([]);
  expect(await warnings('root.mjs', [])).toEqual([
    expect.stringMatching(
      /^root\.mjs:3 looks for .*Name "functions\/page\.html" in `package\.include`/,
    ),
  ]);
});

it('own code of the workspace, outside of the root, is told to stay a package', async () => {
  const mono = temporaryFolder();
  write(mono, {
    'lib/package.json': '{"name":"lib","type":"module","main":"index.js"}',
    'lib/index.js': `import { readFileSync } from 'node:fs';
      export const text = () => readFileSync(new URL('text.txt', import.meta.url), 'utf8');`,
    'lib/text.txt': 'hello',
    'app/index.js': `import { text } from 'lib'; export default () => text();`,
    'app/package.json': '{"type":"module"}',
  });
  mkdirSync(join(mono, 'app/node_modules'));
  symlinkSync('../../lib', join(mono, 'app/node_modules/lib'));
  const shop = project({}, { root: join(mono, 'app') });
  expect((await shop.package({ entry: 'index.js' })).warnings).toEqual([
    expect.stringMatching(/^\.\.\/lib\/index\.js:2 looks for "text\.txt".*`package\.external`/),
  ]);
  const apart = { entry: 'index.js', package: { external: ['lib'] } };
  expect((await shop.package(apart)).warnings).toEqual([]);
});

it('types of decorators that bundling leaves out are told', async () => {
  const decorated = `const keep = (_target: object, _name: string): void => {};
    class Order { @keep id!: number; }
    export default () => new Order().id ?? null;`;
  const code = {
    'nest.ts': decorated,
    'plain.ts': '/** @returns one\n * @see two */\n// @todo\nexport default (): number => 1;',
  };
  const shop = project({
    ...code,
    'base.json': '{"compilerOptions":{"emitDecoratorMetadata":true}}',
    'tsconfig.json': '{"extends":"./base.json","compilerOptions":{"experimentalDecorators":true}}',
  });
  expect((await shop.package({ entry: 'nest.ts' })).warnings).toEqual([
    expect.stringMatching(/^nest\.ts has decorators.*emitDecoratorMetadata.*tsc/),
  ]);
  expect((await shop.package({ entry: 'plain.ts' })).warnings).toEqual([]);
  shop.write({
    'tsconfig.json':
      '{"extends":"./base.json","compilerOptions":{"experimentalDecorators":true,"emitDecoratorMetadata":false}}',
  });
  expect((await shop.package({ entry: 'nest.ts' })).warnings).toEqual([]);
});

it('what there is to say of the code is in the plan', async () => {
  const root = temporaryFolder();
  write(root, { 'orders.ts': 'export default (x: number) => typeof x === "nmber";' });
  await using manager = await createServerlessManager({
    app: 'shop',
    root,
    functions: { orders: { entry: 'orders.ts' } },
  });
  expect((await manager.plan('orders')).warnings).toEqual([
    {
      type: 'other',
      field: 'functions.orders',
      message: expect.stringMatching(/^orders\.ts:1:\d+: .*nmber.*[^.]\.$/),
    },
  ]);
});
