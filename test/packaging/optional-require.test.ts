import { describe, expect, it } from 'vitest';
import { inFreshProcess } from './fresh-process.ts';
import { call, namesOf, project } from './project.ts';

const files = {
  'node_modules/debug-like/package.json': '{ "name": "debug-like", "main": "index.js" }',
  'node_modules/debug-like/index.js':
    "let colours = 0;\ntry { colours = require('colours-of-nobody').level; } catch {}\nexports.colours = () => colours;",
  'a.ts': `import { colours } from 'debug-like';\nexport default { invoke: () => colours() };`,
};

describe('an optional require of what is not installed', () => {
  it('needs nothing to be traced: neither the package nor the tracer', async () => {
    const { root, package: pack } = project(files);
    const { loaded } = await inFreshProcess(root);
    expect(loaded.filter((path) => path.includes('@vercel/nft'))).toEqual([]);
    expect(loaded.some((path) => path.includes('esbuild'))).toBe(true);
    const artifact = await pack({ entry: 'a.ts' });
    expect(await namesOf(artifact)).toEqual(['index.mjs']);
    await expect(call(artifact, null)).resolves.toBe(0);
  });

  it('is traced where it is installed', async () => {
    const { package: pack } = project({
      ...files,
      'node_modules/colours-of-nobody/package.json': '{ "name": "colours-of-nobody" }',
      'node_modules/colours-of-nobody/index.js': 'exports.level = 3;',
    });
    const artifact = await pack({ entry: 'a.ts', package: { external: ['colours-of-nobody'] } });
    expect(await namesOf(artifact)).toContain('node_modules/colours-of-nobody/index.js');
    await expect(call(artifact, null)).resolves.toBe(3);
  });
});
