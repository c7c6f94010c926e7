import { formatPath, type Path } from '../spec/issues.ts';
import { type SchemaIssue, schemaIssues } from '../spec/zod-issues.ts';
import type { SpecIssue } from './provider.ts';

export type { SchemaIssue };

/**
 * What is wrong with an adapter's own settings, as the checks of the rest of the configuration say it: the value, what
 * is allowed, and what was probably meant.
 *
 * @param issues what the schema found, as Zod 4 gives it. Their messages are the words for what is allowed, as the end of "Give ..."; that
 *   of unknown fields has a line for each, such as `unknownField` makes.
 * @param value what was checked.
 * @param path where it stands.
 */
export function settingIssues(
  issues: readonly SchemaIssue[],
  value: unknown,
  path: Path,
): readonly SpecIssue[] {
  return schemaIssues(issues, value, path).map((issue) => ({
    path: formatPath(issue.path),
    message: issue.message,
  }));
}
