import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { fileNeedsProcess } from '../../../src/package/native.ts';
import { project, temporaryFolder, write } from '../../packaging/project.ts';

const HANDLER = 'export default { invoke: () => outside };';

it.each(['..', '../', '../index', '../index.ts'])(
  'refuses the import of "%s" where that leaves the root',
  async (specifier) => {
    const folder = temporaryFolder();
    write(folder, { 'index.ts': `export const outside = 'not ours';` });
    const { package: make } = project(
      { 'handler.ts': `import { outside } from '${specifier}';\n${HANDLER}` },
      { root: join(folder, 'root') },
    );
    await expect(make({ entry: 'handler.ts' })).rejects.toThrow('leaves the root');
  },
);

it('refuses a pattern of imports that leaves the root', async () => {
  const folder = temporaryFolder();
  write(folder, { 'other/secret.ts': `export const outside = 'not ours';` });
  const { package: make } = project(
    {
      'out.ts': 'export default { invoke: (name) => import(`../other/${name}.ts`) };',
      'deep/out.ts': 'export default { invoke: (name) => require("../../other/" + name) };',
      'deep/in.ts': 'export default { invoke: (name) => import(`../words/${name}.ts`) };',
      'words/de.ts': 'export const yes = "ja";',
    },
    { root: join(folder, 'root') },
  );
  await expect(make({ entry: 'out.ts' })).rejects.toThrow('leaves the root');
  await expect(make({ entry: 'deep/out.ts' })).rejects.toThrow('leaves the root');
  await expect(
    make({ source: 'export default { invoke: (n) => import(`../other/${n}.ts`) };' }),
  ).rejects.toThrow('leaves the root');
  expect((await make({ entry: 'deep/in.ts' })).handles).toEqual(['invoke']);
});

it('lets no failure of the probe go unheard when the packaging itself fails', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const { root, package: make } = project({
    'handler.ts': `import { outside } from 'library';\nawait new Promise(() => setInterval(() => {}, 1000));\n${HANDLER}`,
    'node_modules/library/package.json': '{ "name": "library", "type": "module" }',
    'node_modules/library/index.js': 'export const outside = 1;',
  });
  // The installer's record is hashed; one of more than 2 GB cannot be read.
  const record = openSync(join(root, 'node_modules', '.package-lock.json'), 'w');
  ftruncateSync(record, 3 * 1024 ** 3);
  closeSync(record);
  await expect(make({ entry: 'handler.ts' })).rejects.toThrow('File size');
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(unhandled).toEqual([]);
});

it('looks through a file with a long blank after "import" in one pass', () => {
  const text = `import${' '.repeat(400_000)}x`;
  expect(fileNeedsProcess('a.js', Buffer.from(text))).toBe(false);
  expect(fileNeedsProcess('a.js', Buffer.from(`import ( "cluster" )`))).toBe(true);
  expect(fileNeedsProcess('a.js', Buffer.from(`import"node:child_process"`))).toBe(true);
  expect(fileNeedsProcess('a.js', Buffer.from(`import x from 'child_process'`))).toBe(true);
  expect(fileNeedsProcess('a.js', Buffer.from(`require ( 'cluster')`))).toBe(true);
});

it('bundles again when a file comes that a pattern of imports matches', async () => {
  const { package: make, write: add } = project({
    'handler.ts': 'export default { invoke: (name) => import(`./words/${name}.ts`) };',
    'words/de.ts': 'export const yes = "ja";',
    'words/more/readme.txt': 'No module is here yet.',
  });
  const before = await make({ entry: 'handler.ts' });
  add({ 'words/more/fr.ts': 'export const yes = "oui";' });
  const after = await make({ entry: 'handler.ts' });
  expect(after.digest).not.toBe(before.digest);
});
