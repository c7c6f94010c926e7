/** Files that are no code: what is said where they are not where the code looks for them. */
import { describe, expect, it } from 'vitest';
import type { CodeSpec } from '../../src/package/index.ts';
import { ServerlessError } from '../../src/errors/index.ts';
import { project, type Project } from './project.ts';

/** The error that packaging ends with. */
async function refusal({ package: pack }: Project, spec: CodeSpec): Promise<ServerlessError> {
  const outcome: unknown = await pack(spec).catch((error: unknown) => error);
  if (!(outcome instanceof ServerlessError)) throw new Error(`not refused: ${String(outcome)}`);
  return outcome;
}

describe('code that cannot be loaded', () => {
  it('because a file beside it is not in the package, is told what to include', async () => {
    const shop = project({
      'functions/page.ts': `import { readFileSync } from 'node:fs';
const page = readFileSync(new URL('template.html', import.meta.url), 'utf8');
export default { invoke: async () => page };`,
      'functions/template.html': '<p>',
    });
    const error = await refusal(shop, { entry: 'functions/page.ts' });
    expect(error.message).toMatch(
      /^Function "orders": functions\/page\.ts:2:\d+ could not be loaded .*'template\.html'\. It looks for "template\.html" beside itself, but runs in the bundle, beside which that is not\. Name "functions\/template\.html" in `package\.include`, and look for "\.\/functions\/template\.html": it keeps its path from the root, where the bundle lies\.$/,
    );
    expect(JSON.stringify(error)).not.toContain(shop.packager.cacheFolder);
  });

  it.each([
    [
      'packaged already',
      'template.html',
      'functions/template.html',
      ['functions/*.html'],
      /which that is not\. Look for "\.\/functions\/template\.html"/,
    ],
    [
      'in the folder above',
      '../template.html',
      'template.html',
      [],
      /looks for "\.\.\/template\.html" .* Name "template\.html" in `package\.include`, and look for "\.\/template\.html"/,
    ],
    [
      'above and packaged',
      '../template.html',
      'template.html',
      ['*.html'],
      /which that is not\. Look for "\.\/template\.html"/,
    ],
    [
      'looked for rightly',
      './functions/template.html',
      'functions/template.html',
      [],
      /"functions\/template\.html" is not in the package: name it in `package\.include`\.$/,
    ],
    [
      'nowhere',
      './template.html',
      'other.html',
      [],
      /"template\.html" is not in the package: name it in `package\.include`\.$/,
    ],
  ])(
    'because a file is %s, is told where to look',
    async (_where, written, file, include, message) => {
      const shop = project({
        'functions/page.ts': `import { readFileSync } from 'node:fs';
const page = readFileSync(new URL('${written}', import.meta.url), 'utf8');
export default { invoke: async () => page };`,
        [file]: '<p>',
      });
      const error = await refusal(shop, { entry: 'functions/page.ts', package: { include } });
      expect(error.message).toMatch(message);
      expect(JSON.stringify(error)).not.toContain(shop.packager.cacheFolder);
    },
  );

  it('because a package looks for a file beside itself, is told to leave it a package', async () => {
    const shop = project({
      'node_modules/lib/package.json': '{"name":"lib","type":"module","main":"index.js"}',
      'node_modules/lib/index.js': `import { readFileSync } from 'node:fs';
export const page = readFileSync(new URL('page.html', import.meta.url), 'utf8');`,
      'node_modules/lib/page.html': '<p>',
      'a.ts': `import { page } from 'lib'; export default { invoke: async () => page };`,
    });
    const error = await refusal(shop, { entry: 'a.ts' });
    expect(error.message).toMatch(/ Name "lib" in `package\.external`: then it stays a package/);
    const apart = { entry: 'a.ts', package: { external: ['lib'] } };
    expect((await shop.package(apart)).handles).toEqual(['invoke']);
  });

  it('because it imports a file that is no code, is told how to read it', async () => {
    const shop = project({
      'src/page.ts': `import page from './page.html'; export default { invoke: async () => page };`,
      'src/page.html': '<p>',
    });
    const error = await refusal(shop, { entry: 'src/page.ts' });
    expect(error.message).toContain(
      'Name "src/page.html" in `package.include`, and read it when the code runs: readFileSync(new URL("./src/page.html", import.meta.url), "utf8").',
    );
  });

  it('because a package imports a file that is no code, is told to leave it a package', async () => {
    const shop = project({
      'src/page.ts': `import page from '@acme/pages'; export default { invoke: async () => page };`,
      'node_modules/@acme/pages/index.js': `import page from './page.html'; export default page;`,
      'node_modules/@acme/pages/page.html': '<p>',
    });
    const { message } = await refusal(shop, { entry: 'src/page.ts' });
    expect(message).toContain(
      'Name "@acme/pages" in `package.external`: then it stays a package, with its files.',
    );
    expect(message).not.toContain('readFileSync');
  });
});
