/**
 * Writes what users can see of each entry point to `etc/api/`, from the declarations in `dist`.
 * With `--check` it writes nothing, and fails where the files there say something else.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Declaration, DeclarationReader, readEntries } from './declarations/surface.ts';
import { lineDiff } from './declarations/line-diff.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'etc', 'api');

function report(specifier: string, reader: DeclarationReader): string {
  const { exports, reached, external } = reader.surface(specifier);
  const lines = [
    `# API of \`${specifier}\``,
    '',
    'Written by `npm run api` from the emitted declarations. A change here is a change for users.',
    '',
    '## Exports',
    '',
    ...block(
      [...exports].map(([name, declaration]) =>
        name === declaration.name
          ? declaration.text
          : `// exported as ${name}\n${declaration.text}`,
      ),
    ),
  ];
  if (reached.length > 0)
    lines.push('', '## Reached through them, not exported', '', ...block(reached.map(labelled)));
  const modules = [...external].sort(([a], [b]) => (a < b ? -1 : 1));
  if (modules.length > 0)
    lines.push(
      '',
      '## Types of other modules',
      '',
      ...modules.map(([name, names]) => `- \`${name}\`: ${[...names].sort().join(', ')}`),
    );
  return `${lines.join('\n')}\n`;
}

const labelled = ({ file, text }: Declaration): string =>
  `// ${file.replace(/^dist\//, '')}\n${text}`;

const block = (texts: readonly string[]): readonly string[] => ['```ts', texts.join('\n\n'), '```'];

const entries = readEntries(root);
const reader = new DeclarationReader(root, entries);
const reports = new Map(
  [...entries.keys()].map((specifier) => {
    const name = specifier.includes('/') ? specifier.replace(/^[^/]*\//, '') : 'index';
    return [`${name.replaceAll('/', '-')}.api.md`, report(specifier, reader)];
  }),
);

mkdirSync(folder, { recursive: true });
const present = readdirSync(folder).filter((name) => name.endsWith('.api.md'));
const stale = present.filter((name) => !reports.has(name));

if (process.argv.includes('--check')) {
  const differences = [...reports].flatMap(([name, wanted]) => {
    const committed = present.includes(name) ? readFileSync(join(folder, name), 'utf8') : '';
    return committed === wanted ? [] : [`etc/api/${name}\n${lineDiff(committed, wanted)}`];
  });
  differences.push(...stale.map((name) => `etc/api/${name} belongs to no entry point`));
  if (differences.length > 0) {
    process.stderr.write(
      `The API differs from its report. If that is meant: npm run api, and commit etc/api.\n\n${differences.join('\n\n')}\n`,
    );
    process.exitCode = 1;
  }
} else {
  for (const [name, text] of reports) writeFileSync(join(folder, name), text);
  for (const name of stale) rmSync(join(folder, name));
  process.stdout.write(`wrote ${reports.size} reports to etc/api\n`);
}
