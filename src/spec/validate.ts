/** Validation with all problems at once. Loads zod and croner: import it when a configuration is to be checked. */
import type { z } from 'zod';
import { configIssues, functionIssues } from './cross-checks.ts';
import { eventIssues } from './cross-checks-events.ts';
import { type Issue, type Path, formatPath, issuesError } from './issues.ts';
import { functionNameProblem } from './names.ts';
import { copyPlainData } from './plain-data.ts';
import { configSchema, eventSchema, functionSchema } from './schema.ts';
import type { EventSpec, FunctionSpec, FunctionSpecBase, PolyfaasConfig } from './types.ts';
import { schemaIssues } from './zod-issues.ts';

/**
 * Checks a whole configuration.
 *
 * @returns a copy that holds nothing but what the types say.
 * @throws ServerlessError INVALID_ARGUMENT that names every problem: path, value, what is allowed, next step.
 *   `details.issues` is a list of `{ path, message }`. No value under `env`, and no secret, is ever named.
 */
export function validateConfig(value: unknown): PolyfaasConfig {
  return validate('The configuration', configSchema, value, [], (copy) => configIssues(copy));
}

/** Checks one function, as {@link validateConfig} does. */
export function validateFunction(
  name: string,
  value: unknown,
  options: { readonly defaults?: Partial<FunctionSpecBase> | undefined } = {},
): FunctionSpec {
  const path = ['functions', name];
  const problem = functionNameProblem(name);
  const named: readonly Issue[] = problem === undefined ? [] : [{ path, message: problem }];
  return validate('The declaration', functionSchema, value, path, (copy) => [
    ...named,
    ...functionIssues(copy, options.defaults, path),
  ]);
}

/** Checks one event, as {@link validateConfig} does. */
export function validateEvent(value: unknown): EventSpec {
  const path = ['event'];
  return validate('The declaration', eventSchema, value, path, (copy) => eventIssues(copy, path));
}

function validate<Value>(
  subject: string,
  schema: z.ZodType<Value>,
  given: unknown,
  path: Path,
  check: (copy: unknown) => readonly Issue[],
): Value {
  const { value, issues } = copyPlainData(given);
  const parsed = schema.safeParse(value);
  // What could not be copied is no longer there: that it is missing is not the user's problem.
  const refused = new Set(issues.map((issue) => formatPath([...path, ...issue.path])));
  const found = [
    ...issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] })),
    ...(parsed.success ? [] : schemaIssues(parsed.error.issues, value, path)).filter(
      (issue) => !refused.has(formatPath(issue.path)),
    ),
    ...check(value),
  ];
  if (found.length > 0 || !parsed.success) throw issuesError(subject, found);
  return parsed.data;
}
