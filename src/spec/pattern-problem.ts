import type { Issue, Path } from './issues.ts';
import { isPlainObject } from './plain-data.ts';

const OPERATORS = ['prefix', 'suffix', 'exists', 'anything-but', 'numeric'] as const;
const HELP =
  'Give a text, a number, true, false, null, or one of { prefix }, { suffix }, { exists }, { "anything-but": [...] }, { numeric: [">", 5] }.';
const COMPARISONS = new Set(['<', '<=', '=', '>=', '>']);

/** What is wrong with the values of a bus pattern. Its own fields are checked by the schema. */
export function patternIssues(pattern: unknown, path: Path): readonly Issue[] {
  if (!isPlainObject(pattern)) return [];
  const issues: Issue[] = [];
  for (const field of ['source', 'type']) {
    if (Array.isArray(pattern[field])) issues.push(...listIssues(pattern[field], [...path, field]));
  }
  if (isPlainObject(pattern['data']))
    issues.push(...dataIssues(pattern['data'], [...path, 'data']));
  return issues;
}

function dataIssues(data: Record<string, unknown>, path: Path): readonly Issue[] {
  return Object.entries(data).flatMap(([key, value]) => {
    const here = [...path, key];
    if (Array.isArray(value)) return listIssues(value, here);
    if (isPlainObject(value)) return dataIssues(value, here);
    return [
      {
        path: here,
        message: 'must be a list of values, or an object of fields. Put the value in [ ].',
      },
    ];
  });
}

function listIssues(values: readonly unknown[], path: Path): readonly Issue[] {
  if (values.length === 0) {
    return [
      { path, message: 'is an empty list, which nothing can match. Give at least one value.' },
    ];
  }
  return values.flatMap((value, index) => {
    const message = valueProblem(value);
    return message === undefined ? [] : [{ path: [...path, index], message }];
  });
}

function valueProblem(value: unknown): string | undefined {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return undefined;
  if (!isPlainObject(value)) return `is no value that a pattern can match. ${HELP}`;
  const keys = Object.keys(value);
  const operator = OPERATORS.find((name) => name === keys[0]);
  if (keys.length !== 1 || operator === undefined) return `is no single known operator. ${HELP}`;
  return OPERAND_PROBLEMS[operator](value[operator]);
}

const OPERAND_PROBLEMS = {
  prefix: (operand) => (typeof operand === 'string' ? undefined : 'prefix must be a text.'),
  suffix: (operand) => (typeof operand === 'string' ? undefined : 'suffix must be a text.'),
  exists: (operand) => (typeof operand === 'boolean' ? undefined : 'exists must be true or false.'),
  'anything-but': (operand) => {
    const values: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
    const fine =
      values.length > 0 && values.every((value) => ['string', 'number'].includes(typeof value));
    return fine ? undefined : 'anything-but must be a list of texts or numbers.';
  },
  numeric: (operand) => {
    const pairs: readonly unknown[] = Array.isArray(operand) ? operand : [];
    const fine =
      (pairs.length === 2 || pairs.length === 4) &&
      pairs.every((part, index) =>
        index % 2 === 0 ? COMPARISONS.has(String(part)) : Number.isFinite(part),
      );
    return fine ? undefined : 'numeric must be like [">", 5] or [">=", 0, "<", 10].';
  },
} satisfies Record<(typeof OPERATORS)[number], (operand: unknown) => string | undefined>;
