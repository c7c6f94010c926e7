import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPackager, type CodeSpec } from '../../src/package/index.ts';
import type { PackagingProfile } from '../../src/spi/artifact.ts';
import { ServerlessError } from '../../src/errors/index.ts';
import { profile, project, temporaryFolder, write, type Project } from './project.ts';

const HANDLER = `export default { invoke: async () => 1 };`;

function starred(): string {
  const root = join(temporaryFolder(), 'a*b');
  mkdirSync(root);
  return root;
}

/** The error that packaging ends with. */
async function refusal(
  { package: pack }: Project,
  spec: CodeSpec,
  changes?: Partial<PackagingProfile>,
): Promise<ServerlessError> {
  const outcome: unknown = await pack(spec, changes).catch((error: unknown) => error);
  if (!(outcome instanceof ServerlessError)) throw new Error(`not refused: ${String(outcome)}`);
  expect(outcome.function).toBe('orders');
  expect(outcome.message).toContain('"orders"');
  return outcome;
}

describe('an entry', () => {
  it('that is missing is refused with the nearest names', async () => {
    const shop = project({ 'functions/orders.ts': HANDLER, 'functions/users.ts': HANDLER });
    for (const entry of ['functions/order.ts', './functions/orders', 'function/orders.ts']) {
      const error = await refusal(shop, { entry });
      expect(error.code).toBe('INVALID_ARGUMENT');
      expect(error.message).toContain(`"${entry}"`);
      expect(error.message).toContain('functions/');
    }
    expect((await refusal(shop, { entry: 'functions/order.ts' })).message).toContain(
      '"functions/orders.ts"',
    );
    expect((await refusal(shop, { entry: 'zzzzzzzz.ts' })).message).toContain('nothing like it');
  });

  it('that is a directory, empty, or no JavaScript is refused', async () => {
    const shop = project({ 'functions/index.ts': HANDLER, 'main.py': 'pass' });
    expect((await refusal(shop, { entry: 'functions' })).message).toContain('"functions/index.ts"');
    expect((await refusal(shop, { entry: '' })).message).toContain('is empty');
    expect((await refusal(shop, { entry: 'main.py' })).message).toContain('`artifact`');
  });

  it('that no file can have for its path is refused', async () => {
    const shop = project({ 'a.ts': HANDLER });
    for (const entry of [`${'n'.repeat(300)}.ts`, 'a.ts/b.ts', 'a\0.ts', 'd/'.repeat(3_000)]) {
      const error = await refusal(shop, { entry });
      expect(error.code).toBe('INVALID_ARGUMENT');
      expect(error.message).toContain('does not exist');
    }
  });

  it('with a star in its path, or in that of the root, is refused with the reason', async () => {
    const shop = project({ 'a*b.ts': HANDLER });
    expect((await refusal(shop, { entry: 'a*b.ts' })).message).toMatch(
      /`entry` is "a\*b\.ts".*"\*"/,
    );
    const star = project({ 'a.ts': HANDLER }, { root: starred() });
    expect((await refusal(star, { entry: 'a.ts' })).message).toMatch(/the root is ".*\*".*"\*"/);
  });

  it('that leaves the root is refused, by path or by link', async () => {
    const outside = temporaryFolder();
    write(outside, { 'secret.ts': HANDLER });
    const shop = project({
      'a.ts': `import './linked.ts';\n${HANDLER}`,
      'b.ts': `import ${JSON.stringify(join(outside, 'secret.ts'))};\n${HANDLER}`,
    });
    symlinkSync(join(outside, 'secret.ts'), join(shop.root, 'linked.ts'));
    symlinkSync(outside, join(shop.root, 'folder'));
    symlinkSync('nowhere.ts', join(shop.root, 'broken.ts'));
    for (const entry of [
      '../x.ts',
      join(outside, 'secret.ts'),
      'linked.ts',
      'folder/secret.ts',
      'a.ts',
      'b.ts',
    ]) {
      const error = await refusal(shop, { entry });
      expect(error.code).toBe('INVALID_ARGUMENT');
      expect(error.message).toMatch(/leaves the root/);
    }
    expect((await refusal(shop, { entry: 'broken.ts' })).message).toContain('link to nothing');
  });
});

describe('code', () => {
  it('that takes in files from outside of the root through links is refused', async () => {
    const outside = temporaryFolder();
    write(outside, { 'secret.node': 'secret', 'deep/secret.ts': 'export default 1;' });
    const lines = {
      'addon.ts': `const load = () => require('./secret.node');\nexport default { invoke: async () => load() };`,
      'many.ts':
        'export default { invoke: async (name) => (await import(`./o/${name}.ts`)).default };',
      'one.ts':
        'export default { invoke: async (name) => (await import(`./in/${name}.ts`)).default };',
    };
    const shop = project({ ...lines, 'in/good.ts': 'export default 2;' });
    symlinkSync(join(outside, 'secret.node'), join(shop.root, 'secret.node'));
    symlinkSync(outside, join(shop.root, 'o'));
    symlinkSync(join(outside, 'deep/secret.ts'), join(shop.root, 'in/secret.ts'));
    for (const entry of Object.keys(lines)) {
      const error = await refusal(shop, { entry });
      expect(error.code).toBe('INVALID_ARGUMENT');
      expect(error.message).toContain('leaves the root');
    }
  });

  it('with a syntax error is refused with file, line, column and text', async () => {
    const shop = project({
      'a.ts': `import './b.ts';\n${HANDLER}`,
      'b.ts': `const a = 1;\nconst b = = 2;\n`,
    });
    const error = await refusal(shop, { entry: 'a.ts' });
    expect(error.message).toMatch(/b\.ts:2:11: .*Unexpected "="/);
    expect(error.message).toContain('const b = = 2;');
    expect((await refusal(shop, { source: 'export default {' })).message).toMatch(
      /source\.ts:1:\d+: /,
    );
  });

  it('that imports what is not installed is refused with the next step', async () => {
    const shop = project({ 'a.ts': `import 'not-installed';\nimport './gone.ts';\n${HANDLER}` });
    const error = await refusal(shop, { entry: 'a.ts' });
    expect(error.message).toContain('a.ts:1:8: Could not resolve "not-installed"');
    expect(error.message).toContain('`package.external`');
    expect(error.message).toContain('Correct the path');
    expect(error.details).toMatchObject({ issues: [expect.any(String), expect.any(String)] });
  });

  it('whose included files leave the root, or are none, is refused', async () => {
    const outside = temporaryFolder();
    write(outside, { 'secret.txt': 'secret' });
    const shop = project({ 'a.ts': HANDLER });
    mkdirSync(join(shop.root, 'data'));
    symlinkSync(join(outside, 'secret.txt'), join(shop.root, 'data/link.txt'));
    symlinkSync(outside, join(shop.root, 'folder'));
    for (const include of [
      '../*.txt',
      join(outside, '*.txt'),
      'a/../../*.txt',
      'data/*.txt',
      'folder/*.txt',
      'data/**',
    ]) {
      const error = await refusal(shop, { entry: 'a.ts', package: { include: [include] } });
      expect(error.message).toContain('leaves the root');
      expect(error.message).toContain(`\`package.include[0]\` is "${include}"`);
    }
    const none = await refusal(shop, {
      entry: 'a.ts',
      package: { include: ['a.ts', 'nothing/**'] },
    });
    expect(none.message).toContain('`package.include[1]`');
  });

  it('that would replace a file of the platform is refused', async () => {
    const shop = project({ 'a.ts': HANDLER, 'index.mjs': '' });
    const error = await refusal(shop, { entry: 'a.ts', package: { include: ['index.mjs'] } });
    expect(error.message).toContain("the platform's own file");
  });

  it('over a limit of the platform is refused with sizes, the largest files and the next step', async () => {
    const shop = project({ 'a.ts': HANDLER, 'big.txt': 'x'.repeat(2_000_000) });
    const spec = { entry: 'a.ts', package: { include: ['big.txt'] } };
    const unpacked = await refusal(shop, spec, { limits: { unpackedBytes: 1_000_000 } });
    expect(unpacked).toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      details: { limitBytes: 1_000_000 },
    });
    expect(unpacked.message).toContain('1000000 bytes');
    expect(unpacked.message).toContain('big.txt 1.9 MB');
    expect(unpacked.message).toContain('`package.include`');

    await shop.package(spec);
    const zip = await refusal(shop, spec, { limits: { zipBytes: 1_000 } });
    expect(zip.code).toBe('PAYLOAD_TOO_LARGE');
    expect(zip.message).toMatch(/The zip has .* \(\d+ bytes\)/);
  });
});

describe('code that cannot be loaded', () => {
  it.each([
    [
      'throws',
      `const config = {};\nconsole.log(config.db.url);\n${HANDLER}`,
      /a\.ts:2:\d+ could not be loaded.*TypeError/s,
    ],
    ['throws a string', `throw 'no database';`, /threw "no database"/],
    [
      'rejects',
      `Promise.reject(new Error('late'));\nawait new Promise((r) => setTimeout(r, 1000));\n${HANDLER}`,
      /late/,
    ],
    ['ends the program', `process.exit(3);`, /exit code 3/],
    [
      'kills the program',
      `process.kill(process.pid, 'SIGKILL');`,
      /process\.kill is not available/,
    ],
    [
      'waits for what nothing settles',
      `await new Promise(() => {});\n${HANDLER}`,
      /never finished loading/,
    ],
    ['ends the program in peace', `process.exit(0);`, /exit code 0/],
    [
      'needs its environment',
      `if (!process.env.DB) throw new Error('DB is not set');\n${HANDLER}`,
      /DB is not set/,
    ],
    ['has no handler', `export const other = 1;`, /other/],
    [
      'prints before it fails',
      `console.log('hello from load');\nthrow new Error('no');`,
      /It printed: hello from load/,
    ],
  ])('because it %s is refused, and nothing leaks', async (_why, text, expected) => {
    // On a busy machine a start may take seconds.
    const shop = project({ 'a.ts': text }, { loadTimeoutMs: 30_000 });
    const error = await refusal(shop, { entry: 'a.ts' });
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toMatch(expected);
    expect(error.message).toContain('declare `handles`');
    expect(error.message).toContain('a.ts');
  });

  it.each([
    ['never ends', `for (;;);`],
    ['never settles', `await new Promise((r) => setTimeout(r, 60_000));\n${HANDLER}`],
  ])('because it %s is refused when its time is up', async (_why, text) => {
    const shop = project({ 'a.ts': text }, { loadTimeoutMs: 800 });
    const error = await refusal(shop, { entry: 'a.ts' });
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toContain('did not finish loading within 800 ms');
    expect(error.message).toContain('declare `handles`');
  });

  it('in a process of its own, is refused alike', async () => {
    const needs = `import { execFile } from 'node:child_process';\nexport const x = execFile;\n`;
    for (const text of [
      'process.exit(4);',
      `process.abort();`,
      `throw new Error('no');`,
      'await new Promise(() => {});',
    ]) {
      const file = `${needs}${text}\nexport const handler = async () => execFile;`;
      const shop = project({ 'a.ts': file }, { loadTimeoutMs: 30_000 });
      expect((await refusal(shop, { entry: 'a.ts' })).message).toMatch(
        /exit code 4|signal SIGABRT|Error: no|never finished loading/,
      );
    }
  });

  it('is packaged when it declares what it handles', async () => {
    const shop = project({ 'a.ts': `if (!process.env.DB) throw new Error('DB');\n${HANDLER}` });
    const artifact = await shop.package({ entry: 'a.ts', handles: ['http', 'queue'] });
    expect(artifact).toMatchObject({ handles: ['http', 'queue'], signature: 'polyfaas' });
  });

  it('sees an empty environment', async () => {
    process.env['POLYFAAS_TEST_SECRET'] = 'secret';
    try {
      const shop = project({
        'a.ts': `if (Object.keys(process.env).length > 0) throw new Error(Object.keys(process.env).join());\n${HANDLER}`,
      });
      expect((await shop.package({ entry: 'a.ts' })).handles).toEqual(['invoke']);
    } finally {
      delete process.env['POLYFAAS_TEST_SECRET'];
    }
  });

  it('may leave timers and servers behind', async () => {
    const shop = project({
      'a.ts': `import { createServer } from 'node:net';\nsetInterval(() => {}, 5);\ncreateServer().listen(0, '127.0.0.1');\n${HANDLER}`,
    });
    expect((await shop.package({ entry: 'a.ts' })).handles).toEqual(['invoke']);
  });
});

describe('a folder that cannot be written', () => {
  // So long that files in it have no path any more, as on a full disk.
  const longFolder = (): string => {
    const base = temporaryFolder();
    const room = 4_070 - '/probe/'.length - 36 - base.length;
    return base + `/${'n'.repeat(99)}`.repeat(Math.floor(room / 100));
  };
  const files = { 'a.ts': HANDLER, [`data/${'d'.repeat(200)}.txt`]: 'x' };
  const spec = { entry: 'a.ts', package: { include: ['data/*.txt'] } };

  it('costs the cache alone', async () => {
    const shop = project(files, { cacheFolder: longFolder() });
    const artifact = await shop.package(spec);
    expect(artifact.handles).toEqual(['invoke']);
    await expect(shop.packager.get(artifact.digest)).resolves.toBe(artifact);
  });

  it('is named where there is no other', async () => {
    const shop = project(files, { cacheFolder: longFolder() });
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = join(shop.root, 'a.ts');
    try {
      await expect(shop.package(spec)).rejects.toMatchObject({
        name: 'ServerlessError',
        code: 'UNAVAILABLE',
        message: expect.stringContaining('Make room'),
      });
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });
});

describe('a packager', () => {
  it('refuses a root that is no folder', () => {
    const root = temporaryFolder();
    write(root, { file: '' });
    for (const wrong of [join(root, 'none'), join(root, 'file')]) {
      expect(() => createPackager({ root: wrong })).toThrow(/`root` is/);
    }
  });

  it('gives up when its caller does', async () => {
    const file = `await new Promise((r) => setTimeout(r, 400));\n${HANDLER}`;
    const { packager } = project({ 'a.ts': file }, { loadTimeoutMs: 30_000 });
    const request = { name: 'orders', spec: { entry: 'a.ts' }, profile: profile() };
    await expect(
      packager.package({ ...request, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'CANCELLED', function: 'orders' });
    const controller = new AbortController();
    const work = packager.package({ ...request, signal: controller.signal });
    controller.abort();
    await expect(work).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(packager.package(request)).resolves.toMatchObject({ handles: ['invoke'] });
  });
});
