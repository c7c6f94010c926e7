/** What a schema allows, in words: the end of "Give ...". */
import { grouped } from '../../spec/grouped.ts';
import { formatPath, type Path } from '../../spec/issues.ts';
import { unknownField } from '../../spec/unknown-field.ts';

/** What a schema of Zod 4 asks a text for, told by its shape. */
export interface FoundIssue {
  readonly code?: string | undefined;
  /** Of `invalid_type`. */
  readonly expected?: unknown;
  /** Of `too_small` and `too_big`: what is too small. */
  readonly origin?: unknown;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  /** Of `invalid_value`. */
  readonly values?: readonly unknown[];
  /** Of `invalid_format`. */
  readonly format?: unknown;
  /** Of `unrecognized_keys`. */
  readonly keys?: readonly string[];
  /** Where it stands in what is checked. */
  readonly path?: readonly PropertyKey[] | undefined;
  /** What found it: a schema, or a check of one. */
  readonly inst?: unknown;
  /** The schema that the check belongs to. */
  readonly schema?: unknown;
}

/** @param root where what is checked stands. */
export function expected(issue: FoundIssue, root: Path): string {
  return wordsFor(issue, root) ?? (issue.code === 'custom' ? 'is not allowed.' : OTHER);
}

/** Where a schema needs a text of its own and has none. */
const OTHER = 'a value of another form';

function wordsFor(issue: FoundIssue, root: Path): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[String(issue.expected)] ?? numberIn(issue.inst, issue.expected);
    case 'invalid_value':
      return oneOf(issue.values ?? []);
    case 'invalid_format':
      return issue.format === 'url' ? 'a URL, such as "https://example.com"' : undefined;
    case 'too_small':
    case 'too_big':
      return issue.origin === 'number' || issue.origin === 'int'
        ? numberIn(issue.schema, issue.origin)
        : sized(issue);
    case 'unrecognized_keys':
      return unknownKeys(issue, root);
    default:
      return undefined;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function oneOf(values: readonly unknown[]): string {
  const words = values.map((value) => JSON.stringify(value));
  return words.length === 1 ? `${words[0]}, or leave it out` : `one of ${words.join(', ')}`;
}

/** `a whole number from 1 to 20` */
function numberIn(schema: unknown, kind: unknown): string | undefined {
  if (kind !== 'number' && kind !== 'int') return undefined;
  const whole = kind === 'int' || read(schema, 'isInt') === true;
  const from = limit(read(schema, 'minValue'));
  const to = limit(read(schema, 'maxValue'));
  return `${whole ? 'a whole number' : 'a number'}${range(from, to)}`;
}

function range(from: number | undefined, to: number | undefined): string {
  if (from !== undefined && to !== undefined) return ` from ${grouped(from)} to ${grouped(to)}`;
  if (from !== undefined) return `, ${grouped(from)} or more`;
  return to === undefined ? '' : `, ${grouped(to)} or less`;
}

/** Whole numbers have the largest that are safe as their limits: those are none that anybody set. */
function limit(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;
}

/** `a list of 1 or more`, `a text of at most 64 characters` */
function sized({ origin, minimum, maximum }: FoundIssue): string | undefined {
  const what = origin === 'string' ? 'a text' : 'a list';
  const unit = origin === 'string' ? 'characters' : 'entries';
  if (typeof minimum === 'number') {
    return minimum === 1
      ? `${what} that is not empty`
      : `${what} of ${grouped(minimum)} or more ${unit}`;
  }
  return typeof maximum === 'number' ? `${what} of at most ${grouped(maximum)} ${unit}` : undefined;
}

/** A line for each key. */
function unknownKeys({ keys = [], path = [], inst }: FoundIssue, root: Path): string {
  const known = Object.keys(objectOf(read(inst, 'shape')));
  const words = read(read(inst, 'keyType'), 'options');
  const names = known.length > 0 || !Array.isArray(words) ? known : words.map(String);
  const inner = path.filter((part) => typeof part !== 'symbol');
  const what = formatPath([...root, ...inner]);
  return keys.map((key) => unknownField(key, names, what)).join('\n');
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function read(from: unknown, name: string): unknown {
  return Reflect.get(objectOf(from), name);
}
