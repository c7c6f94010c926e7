/**
 * Writes `docs/providers/` from the capabilities of the providers and the cases of the contract, and the matrix into README.md where it has the
 * markers. With `--check` it writes nothing, and fails where the files say something else.
 */
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type Capabilities,
  CAPABILITY_KEYS,
  type Capability,
  type CapabilityKey,
} from '../src/spi/capabilities.ts';
import { contractCases } from '../src/contract/cases/index.ts';
import { lineDiff } from './declarations/line-diff.ts';

const root = join(import.meta.dirname, '..');
const note = '<!-- Written by `npm run docs` from the capabilities of the providers. -->';
const marks = ['<!-- capabilities -->', '<!-- /capabilities -->'] as const;

const signs = { native: 'yes', emulated: 'emulated', none: 'no' } as const;

interface Provider {
  readonly id: string;
  readonly capabilities: Capabilities;
}

async function readProviders(): Promise<readonly Provider[]> {
  const files = globSync('providers/*/capabilities.ts', { cwd: root }).sort();
  return Promise.all(
    files.map(async (file) => {
      const loaded: { CAPABILITIES: Capabilities } = await import(
        pathToFileURL(join(root, file)).href
      );
      return { id: basename(dirname(file)), capabilities: loaded.CAPABILITIES };
    }),
  );
}

/** Aligned, as the formatter would leave it. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) =>
    Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const [first = [], ...others] = cells;
  return [line(first), rule, ...others.map(line)].join('\n');
}

function matrix(providers: readonly Provider[], link: (id: string) => string): string {
  return tableOf(
    ['', ...providers.map(({ id }) => `[${id}](${link(id)})`)],
    CAPABILITY_KEYS.map((key) => [
      `\`${key}\``,
      ...providers.map(({ capabilities }) => signs[capabilities.features[key].support]),
    ]),
  );
}

function limitsOf(capability: Capability): string {
  if (capability.support === 'none' || !capability.limits) return '';
  return Object.entries(capability.limits)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? grouped(value) : value}`)
    .join(', ');
}

const grouped = (value: number): string =>
  Number.isFinite(value) ? value.toLocaleString('en-US') : 'no limit';

function page({ id, capabilities }: Provider): string {
  const features = CAPABILITY_KEYS.map((key) => {
    const capability = capabilities.features[key];
    const how = capability.support === 'none' ? capability.why : capability.via;
    return [`\`${key}\``, signs[capability.support], how, limitsOf(capability)];
  });
  const limits = Object.entries(capabilities.limits).map(([name, value]) => [
    `\`${name}\``,
    typeof value === 'number'
      ? grouped(value)
      : `${grouped(value.min)} to ${grouped(value.max)}${value.steps ? `, in steps: ${value.steps.map(grouped).join(', ')}` : ''}`,
  ]);
  const switching =
    capabilities.deploySwitch === 'atomic'
      ? 'A deploy moves to the new version in one atomic act.'
      : 'A deploy moves to the new version by a restart.';
  return (
    [
      `# What \`${id}\` can do`,
      note,
      switching,
      '## Capabilities',
      tableOf(['capability', 'support', 'by, or why not', 'limits'], features),
      '## Limits',
      tableOf(['limit', 'value'], limits),
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  );
}

/** Every case of the contract, and how each provider meets it; `npm test` runs them all. */
function contractPage(all: readonly Provider[]): string {
  const rows = contractCases.map(({ id, title, requires }) => [
    `\`${id}\``,
    title,
    ...all.map(({ capabilities }) => {
      const missing = requires.find((key) => capabilities.features[key].support === 'none');
      return missing === undefined ? 'holds' : `refuses: \`${missing}\``;
    }),
  ]);
  return [
    '# The contract, case by case',
    note,
    `${contractCases.length} cases. *Holds*: the behaviour is shown by a test. *Refuses*: the platform lacks the capability, and the test shows a typed refusal with nothing sent.`,
    `${tableOf(['case', 'what every provider does', ...all.map(({ id }) => id)], rows)}\n`,
  ].join('\n\n');
}

/** What somebody who chooses a platform asks first. */
const ASKED_FIRST: readonly CapabilityKey[] = [
  'deploy.rollback',
  'deploy.secrets',
  'invoke.sync',
  'invoke.async',
  'invoke.version',
  'event.http',
  'event.schedule',
  'event.queue',
  'event.topic',
  'event.object',
  'event.stream',
  'event.table',
  'event.bus',
  'instance.minInstances',
  'warm.ping',
  'metrics.counts',
  'logs.query',
];

/** The rows that matter most, and how many cases of the contract each provider meets. */
function summary(all: readonly Provider[]): string {
  const missing = ({ capabilities }: Provider): number =>
    contractCases.filter(({ requires }) =>
      requires.some((key) => capabilities.features[key].support === 'none'),
    ).length;
  return tableOf(
    ['', ...all.map(({ id }) => (id === 'local' ? id : `[${id}](docs/guide/${id}.md)`))],
    [
      ...ASKED_FIRST.map((key) => [
        `\`${key}\``,
        ...all.map(({ capabilities }) => signs[capabilities.features[key].support]),
      ]),
      ['contract: cases that hold', ...all.map((one) => `${contractCases.length - missing(one)}`)],
      ['contract: refused, with why', ...all.map((one) => `${missing(one)}`)],
    ],
  );
}

/** README.md with a new matrix between its marks; as it is without them. */
function readmeWith(text: string, providers: readonly Provider[]): string {
  const [open, close] = marks;
  const start = text.indexOf(open);
  const end = text.indexOf(close);
  if (start < 0 || end < start) return text;
  return `${text.slice(0, start)}${open}\n\n${summary(providers)}\n\n${text.slice(end)}`;
}

const providers = await readProviders();
const pages = new Map(
  providers.map((provider) => [`docs/providers/${provider.id}.md`, page(provider)]),
);
pages.set(
  'docs/providers/README.md',
  `# What each provider can do\n\n${note}\n\n${matrix(providers, (id) => `${id}.md`)}\n`,
);
pages.set('docs/providers/contract.md', contractPage(providers));
const current = (path: string): string =>
  existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '';
if (existsSync(join(root, 'README.md')))
  pages.set('README.md', readmeWith(current('README.md'), providers));

const changed = [...pages].filter(([path, text]) => current(path) !== text);
if (!process.argv.includes('--check')) {
  for (const [path, text] of changed) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  process.stdout.write(`wrote ${changed.length} of ${pages.size} pages\n`);
} else if (changed.length > 0) {
  const differences = changed.map(([path, text]) => `${path}\n${lineDiff(current(path), text)}`);
  process.stderr.write(`Run \`npm run docs\`.\n\n${differences.join('\n\n')}\n`);
  process.exitCode = 1;
}
