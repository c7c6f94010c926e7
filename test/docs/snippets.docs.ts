/** All code in the documentation compiles, as strictly as the project itself. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from 'polyfaas';
import { contractCases } from 'polyfaas/contract';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { compile, fixtures } from './support/compile.ts';
import { docstringExamples } from './support/docstrings.ts';
import { isCode, pageSnippets, readPage, snippetsOf } from './support/pages.ts';

const pages = pageSnippets();
const { examples, withoutCode } = docstringExamples();

test('a block is found with its line, its language and its file', () => {
  const text =
    '# A\n\n```ts\n// functions/a.ts, as it was\nlet a;\n```\n- x\n  ```json\n  {}\n  ```\n';
  expect(snippetsOf('a.md', text)).toEqual([
    {
      page: 'a.md',
      line: 4,
      language: 'ts',
      code: '// functions/a.ts, as it was\nlet a;',
      file: 'functions/a.ts',
    },
    { page: 'a.md', line: 9, language: 'json', code: '{}', file: undefined },
  ]);
});

test('every block says what it is', () => {
  const known = /^(?:m?[tj]s|json|ya?ml|ini|sh|text)$/;
  const strange = [...pages, ...examples].filter(({ language }) => !known.test(language));
  expect(strange.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
});

test('every example in a docstring is a block of code', () => {
  expect(examples.length).toBeGreaterThan(8);
  expect(withoutCode).toEqual([]);
  expect(examples.filter((example) => !isCode(example))).toEqual([]);
});

test('no page writes the same file twice', () => {
  const files = pages.flatMap(({ page, file }) => (file === undefined ? [] : [`${page} ${file}`]));
  expect(files).toEqual([...new Set(files)]);
});

describe('the compiler', () => {
  const wrong = 'import { secret } from "polyfaas";\nexport const wrong = secret(1);\n';
  const code = [...pages, ...examples].filter(isCode);
  let problems: readonly string[];
  beforeAll(async () => {
    const page = snippetsOf('docs/wrong.md', `# Wrong\n\n\`\`\`ts\n${wrong}\`\`\`\n`);
    problems = await compile([...code, ...page]);
  });

  test('names the page and the line of what does not compile', () => {
    expect(problems.filter((problem) => problem.startsWith('docs/wrong.md'))).toEqual([
      expect.stringMatching(/^docs\/wrong\.md:5: error TS2345: Argument of type 'number'/),
    ]);
  });

  test('finds nothing wrong in the pages and the docstrings', () => {
    expect(code.length).toBeGreaterThan(25);
    expect(problems.filter((problem) => !problem.startsWith('docs/wrong.md'))).toEqual([]);
  });
});

test('all JSON and YAML can be read', () => {
  const readYaml = (text: string): unknown => parseYaml(text);
  const readers = {
    json: (text: string): unknown => JSON.parse(text),
    yaml: readYaml,
    yml: readYaml,
  };
  const problems = pages.flatMap(({ page, line, language, code }) => {
    if (language !== 'json' && language !== 'yaml' && language !== 'yml') return [];
    try {
      readers[language](code);
      return [];
    } catch (error) {
      return [`${page}:${line}: ${String(error)}`];
    }
  });
  expect(problems).toEqual([]);
});

const data = pages.filter(
  ({ page, language }) =>
    page === 'docs/guide/configuration.md' && (language === 'json' || language === 'yaml'),
);

test('there are JSON and YAML blocks', () => expect(data).toHaveLength(2));

test.each(data)('the $language block at $page:$line is a valid configuration', async (block) => {
  const folder = mkdtempSync(join(tmpdir(), 'polyfaas-data-'));
  try {
    writeFileSync(join(folder, `polyfaas.config.${block.language}`), block.code);
    const { config } = await loadConfig({ cwd: folder });
    expect(config).toMatchObject({
      app: 'shop',
      functions: { orders: { entry: './functions/orders.ts' } },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const tsk = pages.filter(({ language }) => language === 'ini');

test('there are .tsk blocks', () => expect(tsk).not.toEqual([]));

test.each(tsk)('the .tsk block at $page:$line is a valid configuration', async ({ code }) => {
  const folder = mkdtempSync(join(tmpdir(), 'polyfaas-tsk-'));
  try {
    cpSync(fixtures, folder, { recursive: true });
    writeFileSync(join(folder, 'polyfaas.tsk'), code);
    const { config, warnings } = await loadConfig({ cwd: folder, env: {} });
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      provider: 'local',
      region: 'us-east-1',
      functions: {
        order_processing: {
          entry: './handlers/order-handler.ts',
          handler: 'handle',
          timeoutSeconds: 120,
          events: [
            { type: 'http', cors: true },
            { type: 'queue', queue: 'order-queue' },
          ],
        },
      },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the readme counts the cases of the contract', () => {
  const [, number] = /has more than (\d+) cases/.exec(readPage('README.md')) ?? [];
  expect(contractCases.length).toBeGreaterThan(Number(number));
  // Not far more, either: the number is kept up to date.
  expect(contractCases.length).toBeLessThanOrEqual(Number(number) + 50);
});
