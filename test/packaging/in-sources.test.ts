import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inSourcesOf } from '../../src/package/in-sources.ts';
import type { Artifact } from '../../src/spi/artifact.ts';
import { project, temporaryFolder, write } from './project.ts';
import { rawZip } from './raw-zip.ts';

const SOURCES = {
  'functions/orders.ts': `import { charge } from '../lib/charge.ts';

/** A comment, which the bundle has not. */
export default {
  invoke: async (input: { total: number }) => charge(input.total),
};`,
  'lib/charge.ts': `interface Card {
  number: string;
}

export function charge(total: number): Card {
  throw new RangeError(\`\${total} is too much\`);
}`,
};

/** The stack of the failure that the code has when it is called, in a folder such as a platform has it. */
async function stackOf(
  artifact: Artifact,
): Promise<{ readonly at: string; readonly stack: string }> {
  const at = temporaryFolder();
  write(at, Object.fromEntries((await artifact.files()).map(({ path, bytes }) => [path, bytes])));
  const { handler } = await import(pathToFileURL(join(at, artifact.entryFile)).href);
  try {
    await handler({ total: 7 });
  } catch (error) {
    if (error instanceof RangeError) return { at, stack: error.stack ?? '' };
    throw error;
  }
  throw new Error('it did not fail');
}

describe('the stack of what was deployed', () => {
  it.each([true, false])('is told in the sources (minified: %s)', async (minify) => {
    const { package: pack } = project(SOURCES);
    const artifact = await pack({ entry: 'functions/orders.ts', package: { minify } });
    const { at, stack } = await stackOf(artifact);
    expect(stack).toContain(join(at, 'index.mjs'));
    const inSources = await inSourcesOf(artifact);
    expect(inSources(stack)).toMatch(
      / at charge \(lib\/charge\.ts:6:9\)\n +at .*\(functions\/orders\.ts:5:\d+\)/,
    );
    const elsewhere = stack.replaceAll(pathToFileURL(at).href, '/var/task');
    expect(inSources(elsewhere)).toBe(inSources(stack));
    expect(inSources(`2026-11-22 error ${elsewhere}\nnext line`)).toContain('lib/charge.ts:6:9');
  });

  it('stays as it is in modules that were added as they are, and for whatever is no stack', async () => {
    const { package: pack } = project(SOURCES);
    const inSources = await inSourcesOf(await pack({ entry: 'functions/orders.ts' }));
    for (const stack of [
      '    at f (/var/task/node_modules/sharp/index.mjs:1:20)',
      '    at f (/var/task/other.mjs:1:20)',
      'see /var/task/index.mjs:1:20',
      '    at f (/var/task/index.mjs:900:1)',
      '',
    ]) {
      expect(inSources(stack)).toBe(stack);
    }
  });

  it('stays as it is where there is no source map', async () => {
    const zip = rawZip([{ name: 'index.mjs', contents: 'export const handler = () => 1;' }]);
    const { package: pack } = project({ 'ready.zip': zip });
    const stack = '    at f (/var/task/index.mjs:1:20)';
    for (const spec of [{ artifact: 'ready.zip' }, { image: 'shop/orders:1' }]) {
      expect((await inSourcesOf(await pack(spec)))(stack)).toBe(stack);
    }
  });
});
