import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { type BuiltPackage, builtPackage } from './support/built-package.ts';
import { plainEnvironment } from './support/environment.ts';
import { packageDescription, repositoryFiles, root } from './support/repository.ts';

const run = promisify(execFile);
let built: BuiltPackage;
beforeAll(async () => {
  built = await builtPackage();
});

describe('what is published', () => {
  interface Packed {
    readonly size: number;
    readonly unpackedSize: number;
    readonly files: readonly { readonly path: string }[];
  }

  let packed: Packed;
  let paths: readonly string[];
  beforeAll(async () => {
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: built.folder,
      env: plainEnvironment(),
      shell: process.platform === 'win32',
    });
    const [only]: readonly Packed[] = JSON.parse(stdout);
    packed = only ?? expect.fail('nothing was packed');
    paths = packed.files.map(({ path }) => path);
  });

  test('is the build, the examples, the pages that the readme names, the licence and the description, within its budget', () => {
    const strange = paths.filter(
      (path) =>
        !/^dist\/(?:src|providers)\/.+\.(?:js|d\.ts)$/.test(path) &&
        !/^docs\/.+\.(?:md|json)$/.test(path) &&
        !/^examples\/.+\.(?:md|ts|mjs)$/.test(path),
    );
    expect(strange.toSorted()).toEqual([
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'bench/README.md',
      'package.json',
    ]);
    expect(packed.size).toBeLessThan(1_550_000);
    expect(packed.unpackedSize).toBeLessThan(5_650_000);
  });

  test('has what its pages name', () => {
    const pages = paths.filter((path) => path.endsWith('.md'));
    expect(pages).toContain('docs/guide/first-function.md');
    const dead = pages.flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)#:\s]+)(?:#[^)\s]*)?\)/g)]
        .map(([, link = '']) => posix.join(posix.dirname(page), link))
        .filter((target) => !paths.some((path) => path === target || path.startsWith(`${target}/`)))
        .map((target) => `${page}: ${target}`),
    );
    expect(dead).toEqual([]);
  });
});

describe('the exports map', () => {
  const { exports } = packageDescription();
  const targets = Object.entries(exports).flatMap(([path, target]) =>
    typeof target === 'string' ? [] : [{ path, ...target }],
  );

  test.each(targets)('$path has code and types', (target) => {
    expect(existsSync(join(built.folder, target.default))).toBe(true);
    expect(existsSync(join(built.folder, target.types))).toBe(true);
    expect(target.types).toBe(target.default.replace(/\.js$/, '.d.ts'));
  });

  test('every provider has an entry point', () => {
    const providers = repositoryFiles('providers').flatMap(
      ({ path }) => /^providers\/([^/]+)\/index\.ts$/.exec(path)?.[1] ?? [],
    );
    expect(providers).not.toEqual([]);
    for (const id of providers)
      expect(exports[`./${id}`]).toMatchObject({ default: `./dist/providers/${id}/index.js` });
  });

  test('every entry point loads', async () => {
    const script = join(built.consumer, 'load-all.mjs');
    const lines = targets.map(
      ({ path }) => `await import(${JSON.stringify(path.replace(/^\./, 'polyfaas'))});`,
    );
    writeFileSync(script, `${lines.join('\n')}\nprocess.stdout.write('loaded');\n`);
    const { stdout } = await run(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      script,
    ]);
    expect(stdout).toBe('loaded');
  });
});

describe('a strict program, with the libraries checked too,', () => {
  const settings = {
    target: 'es2023',
    lib: ['es2024', 'esnext.disposable'],
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules', '@types')],
  };

  /** What the compiler says. */
  async function compiled(folder: string, program: string): Promise<string> {
    writeFileSync(join(folder, 'program.ts'), program);
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const config = { compilerOptions: settings, files: ['program.ts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const { stdout } = await run(process.execPath, [compiler, '-p', folder]).catch(
      ({ stdout: problems }: { stdout: string }) => ({ stdout: problems }),
    );
    return stdout;
  }

  test('compiles', async () => {
    const program = `
      import { createServerlessManager, secret, type PolyfaasConfig } from 'polyfaas';
      import { defineFunction } from 'polyfaas/function';
      const config = {
        functions: { hello: { entry: './hello.ts', env: { KEY: secret('key') } } },
      } satisfies PolyfaasConfig;
      export const hello = defineFunction({ invoke: (input: { id: number }) => ({ id: input.id }) });
      export const run = async (): Promise<number> => {
        await using manager = await createServerlessManager(config);
        const { output } = await manager.invoke<{ id: number }>('hello', { id: 1 });
        // @ts-expect-error there is no such function
        await manager.deploy('other');
        return output.id;
      };
    `;
    expect(await compiled(built.consumer, program)).toBe('');
  });

  // In at most three lines, one of which says what most would have meant.
  test.each([
    [
      'a function without code',
      `{ memoryMb: 256 }`,
      /^.* '\{ memoryMb: number; \}' .*\n.*\n.*Property 'entry' is missing/,
    ],
    ['a misspelt field', `{ entry: './o.ts', memory: 256 }`, /Did you mean to write 'memoryMb'/],
    [
      'a misspelt field of an event',
      `{ entry: './o.ts', events: [{ type: 'queue', queue: 'q', batchsize: 1 }] }`,
      /^[^\n]*'batchsize' does not exist in type 'QueueEvent'. Did you mean to write 'batchSize'/,
    ],
    [
      'a kind of event that there is not',
      `{ entry: './o.ts', events: [{ type: 'que', queue: 'q' }] }`,
      /^[^\n]*'"que"' is not assignable to type '"bus" \| "http"/,
    ],
    [
      'an event without its source',
      `{ entry: './o.ts', events: [{ type: 'queue' }] }`,
      /Property 'queue' is missing/,
    ],
  ])('is told of %s in few words', async (_, declared, says) => {
    const said = await compiled(
      built.consumer,
      `import { createServerlessManager } from 'polyfaas';
      export const manager = createServerlessManager({ functions: { orders: ${declared} } });`,
    );
    expect(said).toMatch(says);
    expect(said.trim().split('\n').length).toBeLessThanOrEqual(3);
  });

  test.each([
    [
      '{ at: Date }',
      '1',
      /^[^\n]*NotJson<"input \$\.at has a toJSON: declare what arrives, such as a string for a Date">/,
    ],
    ['{ id: number }', 'new Map([[input.id, 1]])', /^[^\n]*NotJson<"\$ is a Map: send Object/],
  ])('is told what JSON loses of %s => %s, in the first line', async (input, output, says) => {
    const said = await compiled(
      built.consumer,
      `import { defineFunction } from 'polyfaas/function';
      export const handler = defineFunction({ invoke: (input: ${input}) => ${output} });`,
    );
    expect(said).toMatch(says);
  });

  test.each(['aws', 'azure', 'gcp', 'vercel'])(
    'needs none of the packages of %s to have its settings checked',
    async (id) => {
      const folder = join(built.consumer, `without-${id}`);
      const modules = join(folder, 'node_modules');
      // A copy, not a link: from where the package lies its dependencies are looked for.
      const own = join(modules, 'polyfaas');
      mkdirSync(own, { recursive: true });
      for (const name of ['package.json', 'dist'])
        cpSync(join(built.folder, name), join(own, name), { recursive: true });
      for (const name of Object.keys(packageDescription().dependencies))
        symlinkSync(join(root, 'node_modules', name), join(modules, name), 'dir');
      const program = `
        import type { PolyfaasConfig } from 'polyfaas';
        import type {} from 'polyfaas/${id}';
        export const config: PolyfaasConfig = { providerOptions: { ${id}: {
          // @ts-expect-error there is no such setting
          nonsense: 1,
        } } };
      `;
      expect(await compiled(folder, program)).toBe('');
    },
  );
});
