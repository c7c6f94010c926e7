/** Random trees, and `.tsk` texts of them in each style that the format knows. */
import * as fc from 'fast-check';
import type { TskTable, TskValue } from '../../../src/config/tsk/parse.ts';

/** `sections`: `[a.b]` and `=`. `braces`: one line. `wide`: many lines without commas. `indented`: `:` and dashes. */
export const styles = ['sections', 'braces', 'wide', 'indented'] as const;
export type Style = (typeof styles)[number];

const unsafe = new Set(['__proto__', 'constructor', 'prototype']);
const key = fc
  .oneof(
    fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,8}$/),
    fc.string({ minLength: 1, maxLength: 6 }),
  )
  .filter((name) => !unsafe.has(name));
const leaf = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'true',
    'null',
    '1',
    '-',
    "@env('X')",
    '# no',
    '// no',
    'a: b',
    '[x]',
    'two words',
  ),
  fc.integer(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((value) => !Object.is(value, -0))
    .filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value)),
  fc.boolean(),
  fc.constant(null),
);

const built = fc.letrec<{ value: TskValue; table: TskTable }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    tie('table'),
    fc.array(tie('value'), { maxLength: 4 }),
  ),
  table: fc
    .array(fc.tuple(key, tie('value')), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries)),
}));

/** Any tree that a `.tsk` text can say. */
export const tables: fc.Arbitrary<TskTable> = built.table;

/** Prints a tree. */
export function printTsk(tree: TskTable, style: Style): string {
  switch (style) {
    case 'sections':
      return printSections(tree, []);
    case 'braces':
      return entries(tree)
        .map(([name, value]) => `${printKey(name)} = ${flat(value, ':')}\n`)
        .join('');
    case 'wide':
      return entries(tree)
        .map(([name, value]) => `${printKey(name)} = ${wide(value, '  ')}\n`)
        .join('');
    case 'indented':
      break;
  }
  return lines(tree, '').join('\n');
}

const entries = (table: object): [string, TskValue][] => Object.entries(table);
const isTable = (value: TskValue): value is TskTable =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function printKey(name: string): string {
  return /^[A-Za-z0-9_$-]+$/.test(name) ? name : quoted(name, '"');
}

function quoted(text: string, quote: '"' | "'"): string {
  let body = '';
  for (const character of text.replace(/^@/, '\u0000at')) {
    if (character === '\\' || character === quote) body += `\\${character}`;
    else if (character === '\n') body += '\\n';
    else if (character < ' ') body += `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    else body += character;
  }
  return quote + body.replace(/^\\u0000at/, '\\@') + quote;
}

function scalar(value: TskValue): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return quoted(value, value.length % 2 === 0 ? '"' : "'");
}

function flat(value: TskValue, mark: string): string {
  if (Array.isArray(value)) return `[${value.map((item) => flat(item, mark)).join(', ')}]`;
  if (!isTable(value)) return scalar(value);
  const parts = entries(value).map(
    ([name, item]) => `${printKey(name)}${mark} ${flat(item, mark)}`,
  );
  return `{ ${parts.join(', ')} }`;
}

function wide(value: TskValue, indent: string): string {
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    return `[\n${value.map((item) => `${indent}${wide(item, deeper)}\n`).join('')}] # list`;
  }
  if (!isTable(value)) return scalar(value);
  const parts = entries(value).map(([name, item]) =>
    isTable(item)
      ? `${indent}${printKey(name)} ${wide(item, deeper)} // block\n`
      : `${indent}${printKey(name)} = ${wide(item, deeper)}\n`,
  );
  return `{\n${parts.join('')}}`;
}

function printSections(table: TskTable, path: readonly string[]): string {
  const plain = entries(table).filter(([, value]) => !isTable(value));
  const nested = entries(table).flatMap(([name, value]) =>
    isTable(value) ? [printSections(value, [...path, name])] : [],
  );
  const head = path.length === 0 ? '' : `[${path.map(printKey).join('.')}]\n`;
  const body = plain.map(([name, value]) => `${printKey(name)}=${flat(value, '=')}\n`);
  return [head, ...body, '\n', ...nested].join('');
}

function lines(table: TskTable, indent: string): string[] {
  return entries(table).flatMap(([name, value]) => {
    const start = `${indent}${printKey(name)}:`;
    return isEmpty(value) ? [`${start} ${flat(value, ':')}`] : below(start, value, indent);
  });
}

function below(start: string, value: TskValue, indent: string): string[] {
  const deeper = `${indent}   `;
  if (Array.isArray(value)) return [start, ...dashes(value, deeper)];
  if (isTable(value)) return [start, ...lines(value, deeper)];
  return [`${start} ${scalar(value)} ; comment`];
}

function dashes(list: readonly TskValue[], indent: string): string[] {
  return list.flatMap((item) => {
    if (isEmpty(item)) return [`${indent}- ${flat(item, ':')}`];
    if (Array.isArray(item)) return [`${indent}-`, ...dashes(item, `${indent}  `)];
    if (!isTable(item)) return [`${indent}- ${scalar(item)}`];
    const [first = '', ...rest] = lines(item, `${indent}  `);
    return [`${indent}- ${first.trimStart()}`, ...rest];
  });
}

function isEmpty(value: TskValue): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
