import { describeValue } from './describe-value.ts';
import type { Issue, Path } from './issues.ts';
import { nearestName } from './nearest.ts';

/** What a schema found: an issue of Zod 4, told by its shape, so that no type of Zod is in the API. */
export interface SchemaIssue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Of `unrecognized_keys`. */
  readonly keys?: readonly string[];
  /** Of `invalid_value`: what is allowed. */
  readonly values?: readonly unknown[];
  /** Of `invalid_union`: what each branch found. */
  readonly errors?: readonly (readonly SchemaIssue[])[];
  /** Of `invalid_key`: what is wrong with the key. */
  readonly issues?: readonly SchemaIssue[];
}

/**
 * Turns what the schema found into sentences.
 * @param value what was checked; values are read from it by path.
 * @param path where it stands.
 */
export function schemaIssues(
  issues: readonly SchemaIssue[],
  value: unknown,
  path: Path = [],
): readonly Issue[] {
  return issues.flatMap((issue) => {
    const inner = issue.path.filter((part) => typeof part !== 'symbol');
    return sentence(issue, valueAt(value, inner), [...path, ...inner]);
  });
}

function sentence(issue: SchemaIssue, value: unknown, path: Path): readonly Issue[] {
  switch (issue.code) {
    case 'custom':
      return [{ path, message: customSentence(issue.message, value, path) }];
    case 'unrecognized_keys': {
      const lines = issue.message.split('\n');
      return (issue.keys ?? []).map((key, index) => ({
        path: [...path, key],
        message: lines[index] ?? 'unknown field. Remove it.',
      }));
    }
    case 'invalid_key':
      return (issue.issues ?? []).map(({ message }) => ({ path, message }));
    case 'invalid_union': {
      const branch = likelyBranch(issue.errors ?? []);
      return branch === undefined
        ? [{ path, message: expectation(issue.message, value, path) }]
        : schemaIssues(branch, value, path);
    }
    case 'invalid_value': {
      const words = (issue.values ?? []).filter((word) => typeof word === 'string');
      const nearest = typeof value === 'string' ? nearestName(value, words) : undefined;
      const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
      return [{ path, message: expectation(issue.message, value, path) + hint }];
    }
    default:
      return [{ path, message: expectation(issue.message, value, path) }];
  }
}

/** `50 is not allowed. Give a whole number from 64 to 32,768.` */
function expectation(expected: string, value: unknown, path: Path): string {
  if (value === undefined) return `is missing. Give ${expected}.`;
  return `${describeValue(path, value)} is not allowed. Give ${expected}.`;
}

/** A custom message begins with its verb; a plain value goes in front. */
function customSentence(message: string, value: unknown, path: Path): string {
  if (message === '' || typeof value === 'object' || value === undefined) return message;
  return `${describeValue(path, value)} ${message}`;
}

/** The one branch of a union that the value was meant for: its shape fits, only something inside does not. */
function likelyBranch(
  branches: readonly (readonly SchemaIssue[])[],
): readonly SchemaIssue[] | undefined {
  const likely = branches.filter((branch) =>
    branch.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys'),
  );
  return likely.length === 1 ? likely[0] : undefined;
}

function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Object.hasOwn(current, part) ? Reflect.get(current, part) : undefined;
  }
  return current;
}
