/** The documentation, run as a reader runs it: every block that is a program, in a new project, on the built package. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { builtPackage } from '../packaging-checks/support/built-package.ts';
import { plainEnvironment } from '../packaging-checks/support/environment.ts';
import { root } from '../packaging-checks/support/repository.ts';
import { docstringExamples } from './support/docstrings.ts';
import { isCode, pageSnippets, readPage, type Snippet } from './support/pages.ts';
import { openProject, type Run } from './support/reader.ts';

const blocks = pageSnippets();
const code = blocks.filter(isCode);
const ofPage = (page: string): readonly Snippet[] =>
  code.filter((snippet) => snippet.page === page);

/** The one block that has these words. */
function blockWith(words: string): Snippet {
  const [found, ...others] = code.filter(({ code: text }) => text.includes(words));
  if (found === undefined || others.length > 0) throw new Error(`no one block has: ${words}`);
  return found;
}

/** Exit code 0, nothing on stderr, and this on stdout. */
const printing = (stdout: string | RegExp): Run => ({
  code: 0,
  stdout: typeof stdout === 'string' ? stdout : expect.stringMatching(stdout),
  stderr: '',
});

beforeAll(async () => {
  await builtPackage();
});

/**
 * What each block without a file name prints, in the order of the page. Null: it is a part of a program that only the
 * author of an adapter has, and is compiled only.
 */
const PRINTS: Readonly<Record<string, readonly (string | RegExp | null)[]>> = {
  'README.md': [/^http:\/\/\S+ \{ received: 7 \} [\d.]+\n$/],
  // Needs an account: compiled only.
  'docs/guide/aws.md': [null],
  'docs/guide/azure.md': [],
  'docs/guide/gcp.md': [],
  'docs/guide/switching-clouds.md': ["{ hello: 'Ada' }\n", /^\w.*\n$/, ''],
  'docs/guide/vercel.md': [],
  'docs/guide/configuration.md': ["[ 'orders' ]\n", '', 'local\n'],
  'docs/guide/first-function.md': [
    'create function\ncreate version\n',
    /^zip [^]*loads in \d+ ms[^]*package/,
    'not deployed yet\n',
    /^TypeError: .*\n +at .*functions\/hello\.ts:\d+:\d+/,
    'local\n',
  ],
  'docs/guide/handlers-and-events.md': [
    '',
    '',
    /^http:\/\/\S+\/orders\/7\n$/,
    'null 2 Retry: The handler asked for another delivery.\n',
    '',
    '',
    '',
  ],
  'docs/guide/moving-a-lambda.md': ['you asked for /legacy/page\n', ''],
  'docs/guide/operating.md': [
    /^hello started .*\nhello done [^]*\nhello deployed 1\n$/,
    'create function\ncreate version\ntrue\n',
    'hello is as declared\n',
    '',
  ],
  'docs/guide/testing.md': [],
  'docs/guide/writing-a-provider.md': ['', '', '', '', null],
};

const programs = Object.entries(PRINTS).flatMap(([page, outputs]) => {
  const unnamed = ofPage(page).filter(({ file }) => file === undefined);
  return unnamed.flatMap((snippet, index) => {
    const prints = outputs[index] ?? null;
    return prints === null ? [] : [{ ...snippet, prints }];
  });
});

test('every block of every page is known here', () => {
  const unnamed = code.filter(({ file }) => file === undefined);
  const pages = new Set(code.map(({ page }) => page));
  expect([...pages].sort()).toEqual(Object.keys(PRINTS).sort());
  for (const page of pages)
    expect([page, unnamed.filter((snippet) => snippet.page === page).length]).toEqual([
      page,
      PRINTS[page]?.length,
    ]);
});

test.each(programs)('$page:$line prints what it should', async (snippet) => {
  await using project = await openProject(ofPage(snippet.page));
  project.write('program.ts', snippet.code);
  expect(await project.node('program.ts')).toEqual(printing(snippet.prints));
});

describe('first-function.md', () => {
  const page = 'docs/guide/first-function.md';

  test('works in a project that is set up as the page says; the second run has no steps', async () => {
    await using project = await openProject(ofPage(page));
    const [, setUp = ''] = /^(npm init .*)$/m.exec(readPage(page)) ?? [];
    project.remove('package.json');
    await promisify(execFile)('sh', ['-c', setUp], {
      cwd: project.folder,
      env: plainEnvironment(),
    });
    const steps = /^started Store the artifact\n(?:\w+ .+\n)+1 Ada true [\d.]+\n$/;
    expect(await project.node('main.ts')).toEqual(printing(steps));
    expect(await project.node('main.ts')).toEqual(printing(/^1 Ada true [\d.]+\n$/));
  });
});

describe('testing.md', () => {
  const tests = ofPage('docs/guide/testing.md');

  test.each(tests)('$file passes', async ({ file = '' }) => {
    await using project = await openProject(tests);
    const run = await project.node('--test', '--test-reporter=tap', file);
    expect(run).toEqual(printing(/^# pass 1\n# fail 0$/m));
  });
});

/** What a second program of the same project sees of a function. */
const LOGS = `
  import { createServerlessManager } from 'polyfaas';
  await using manager = await createServerlessManager({ app: 'shop' });
  for await (const { message, fields } of manager.logs('orders', { last: '1h' }))
    console.log(message, fields);
`;

test('handlers-and-events.md works in one project, from top to bottom, and its log has what was sent', async () => {
  const page = 'docs/guide/handlers-and-events.md';
  await using project = await openProject(ofPage(page));
  const unnamed = ofPage(page).filter(({ file }) => file === undefined);
  for (const [index, { code: text }] of unnamed.entries()) {
    project.write('program.ts', text);
    expect(await project.node('program.ts')).toEqual(printing(PRINTS[page]?.[index] ?? ''));
  }
  project.write('logs.ts', LOGS);
  const order = (data: string): string => `order { data: ${data} }\n`;
  const sent = order('{ id: 7 }') + order('null') + order('null');
  expect(await project.node('logs.ts')).toEqual(printing(sent));
});

test('configuration.md: the function sees the secret, and no file but the store of secrets holds it', async () => {
  await using project = await openProject([]);
  project.write('deploy.ts', blockWith('secrets.set(').code);
  project.write(
    'call.ts',
    `import { createServerlessManager } from 'polyfaas';
     await using manager = await createServerlessManager({ app: 'shop' });
     console.log((await manager.invoke('orders')).output);`,
  );
  expect(await project.node('deploy.ts')).toEqual(printing(''));
  const value = 'postgres://localhost/orders';
  expect(await project.node('call.ts')).toEqual(printing(`{ database: '${value}' }\n`));

  const state = join(project.folder, '.polyfaas');
  const files = readdirSync(state, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const holding = files.filter((file) => readFileSync(file).includes(value));
  expect(holding).toEqual([join(state, 'local', 'secrets.json')]);
  if (process.platform !== 'win32')
    for (const file of holding) expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('configuration.md: the .tsk block deploys and runs', async () => {
  await using project = await openProject([]);
  for (const { language, code: text } of blocks)
    if (language === 'ini') project.write('polyfaas.tsk', text);
  project.write(
    'main.ts',
    `import { createServerlessManager, loadConfig } from 'polyfaas';
     const { config } = await loadConfig();
     await using manager = await createServerlessManager(config);
     const { outcomes } = await manager.deployAll();
     for (const { name, status } of outcomes) console.log(name, status);
     console.log((await manager.invoke('order_processing', { id: 7 })).output);`,
  );
  expect(await project.node('main.ts')).toEqual(
    printing('order_processing deployed\n{ handled: 7 }\n'),
  );
});

test('functions that a page shows without a program deploy, and handle what they show', async () => {
  await using project = await openProject([]);
  project.write('functions/fetching.ts', blockWith('signal: context.signal').code);
  project.write('functions/web.ts', blockWith('fetch: (request: Request)').code);
  project.write(
    'main.ts',
    `import { createServer } from 'node:http';
     import { createServerlessManager } from 'polyfaas';
     await using manager = await createServerlessManager({
       app: 'shop',
       functions: {
         fetching: { entry: './functions/fetching.ts' },
         web: { entry: './functions/web.ts', events: [{ type: 'http' }] },
       },
     });
     const { outcomes } = await manager.deployAll();
     console.log(outcomes.map(({ status }) => status));
     const { url } = (await manager.describe('web'))!;
     console.log(await (await fetch(\`\${url}/a/page\`)).json());
     const server = createServer((_, response) => response.writeHead(204).end());
     await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
     const address = server.address();
     const port = typeof address === 'object' ? address?.port : undefined;
     const { output } = await manager.invoke<{ status: number; left: number }>('fetching', {
       url: \`http://127.0.0.1:\${port}/\`,
     });
     console.log(output.status, output.left > 0 && output.left <= 30_000);
     server.close();`,
  );
  expect(await project.node('main.ts')).toEqual(
    printing("[ 'deployed', 'deployed' ]\n{ path: '/a/page' }\n204 true\n"),
  );
});

test('writing-a-provider.md: the files that it says to copy, and its own block, run a part of the contract', async () => {
  const page = 'docs/guide/writing-a-provider.md';
  const [, list = ''] = /to copy (.*) from `test\/toy`/.exec(readPage(page)) ?? [];
  const files = [...list.matchAll(/`([\w-]+\.ts)`/g)].map(([, file = '']) => file);
  expect(files).toContain('toy-subject.ts');
  await using project = await openProject(ofPage(page));
  for (const file of files) {
    project.write(file, readFileSync(join(root, 'test', 'toy', file), 'utf8'));
  }
  const run = await project.node('--test', '--test-reporter=tap', 'contract.test.ts');
  expect(run).toEqual(printing(/^# pass 2\d\n# fail 0$/m));
});

describe('examples in docstrings', () => {
  /** What those print that print something. */
  const prints: Readonly<Record<string, string>> = {
    'src/manager/create.ts': "{ hello: 'Ada' }\n",
    'src/spi/source-positions.ts': '    at charge (/var/task/index.mjs:1:4711)\n',
  };
  const { examples } = docstringExamples();
  // One needs a subject of the contract, which only the author of an adapter has.
  const runnable = examples.filter(({ page }) => page !== 'src/contract/run.ts');

  test.each(runnable)('$page:$line', async ({ page, code: text }) => {
    await using project = await openProject([]);
    project.write('polyfaas.config.json', '{ "app": "example" }');
    project.write('example.ts', text);
    expect(await project.node('example.ts')).toEqual(printing(prints[page] ?? ''));
  });
});
