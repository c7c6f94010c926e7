/** The check of an adapter's own settings, in the sentences of the rest of the configuration. */
import { ServerlessError } from '../../errors/serverless-error.ts';
import { formatPath } from '../../spec/issues.ts';
import { type SchemaIssue, schemaIssues } from '../../spec/zod-issues.ts';
import type { SpecIssue } from '../provider.ts';
import { expected, type FoundIssue } from './expected.ts';

export type { FoundIssue, SchemaIssue };

/** A schema of Zod 4, told by its shape, so that no type of Zod is in the API. */
export interface SettingsSchema<Settings> {
  safeParse(
    value: unknown,
    params: { readonly error: (issue: FoundIssue) => string },
  ):
    | { readonly success: true; readonly data: Settings }
    | {
        readonly success: false;
        readonly error: { readonly issues: readonly SchemaIssue[] };
      };
}

/** The settings as the schema gives them, or what is wrong with them. */
export type CheckedSettings<Settings> =
  | { readonly ok: true; readonly settings: Settings; readonly issues: readonly [] }
  | { readonly ok: false; readonly issues: readonly SpecIssue[] };

/**
 * Checks an adapter's own settings: every problem at once, each with the value (never of what sounds like a secret), what
 * is allowed, and what was probably meant.
 *
 * @param schema of Zod 4. Where it has a text of its own, that is the end of "Give ...", such as "an ARN of IAM"; that
 *   of a `refine` or `custom` follows the value and begins with its verb, such as "must begin with "https:"". The rest is
 *   said here.
 * @param given as the user wrote it; undefined stands for an empty object.
 * @param path where it stands.
 */
export function checkSettings<Settings>(
  schema: SettingsSchema<Settings>,
  given: unknown,
  path: readonly string[],
): CheckedSettings<Settings> {
  const value = given ?? {};
  const parsed = schema.safeParse(value, { error: (issue) => expected(issue, path) });
  if (parsed.success) return { ok: true, settings: parsed.data, issues: [] };
  const issues = schemaIssues(parsed.error.issues, value, path).map((issue) => ({
    path: formatPath(issue.path),
    message: issue.message,
  }));
  return { ok: false, issues };
}

/** One INVALID_ARGUMENT for every problem of an adapter's settings; `details.issues` has them as data. */
export function settingsError(provider: string, issues: readonly SpecIssue[]): ServerlessError {
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider,
    message: issues.map(({ path, message }) => `${path}: ${message}`).join('\n'),
    details: { issues: issues.map(({ path, message }) => ({ path, message })) },
  });
}
