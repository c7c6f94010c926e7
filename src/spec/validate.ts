/** Validation with all problems at once. Loads zod and croner: import it when a configuration is to be checked. */
import type { z } from 'zod';
import { type FunctionContext, configIssues, functionIssues } from './cross-checks.ts';
import { eventIssues } from './cross-checks-events.ts';
import { type Issue, type Path, formatPath, issuesError } from './issues.ts';
import { functionNameProblem } from './names.ts';
import { copyPlainData } from './plain-data.ts';
import { configSchema, eventSchema, functionSchema } from './schema.ts';
import type { EventSpec, FunctionSpec, PolyfaasConfig } from './types.ts';
import { schemaIssues } from './zod-issues.ts';

/**
 * Checks a whole configuration.
 *
 * @param subject names it in errors: where it comes from.
 * @returns a copy that holds nothing but what the types say.
 * @throws ServerlessError INVALID_ARGUMENT that names every problem: path, value, what is allowed, next step.
 *   `details.issues` is a list of `{ path, message }`. No value under `env`, and no secret, is ever named.
 */
export function validateConfig(value: unknown, subject = 'The configuration'): PolyfaasConfig {
  return validate(subject, configSchema, value, [], (copy) => configIssues(copy));
}

/** Checks one function, as {@link validateConfig} does. */
export function validateFunction(
  name: string,
  value: unknown,
  options: FunctionContext = {},
): FunctionSpec {
  const path = ['functions', name];
  const problem = functionNameProblem(name);
  const named: readonly Issue[] = problem === undefined ? [] : [{ path, message: problem }];
  return validate('The declaration', functionSchema, value, path, (copy) => [
    ...named,
    ...functionIssues(copy, options, path),
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
  const { value, issues } = copyPlainData(given, path);
  const parsed = schema.safeParse(value);
  // What could not be copied is no longer there: what else is wrong with it is not the user's problem.
  const refused = new Set(issues.map((issue) => formatPath(issue.path)));
  const others = [
    ...(parsed.success ? [] : schemaIssues(parsed.error.issues, value, path)),
    ...check(value),
  ];
  const found = [...issues, ...others.filter((issue) => !refused.has(formatPath(issue.path)))];
  if (found.length > 0 || !parsed.success) throw issuesError(subject, found);
  return parsed.data;
}
