/** Checks of what callers pass to `loadConfig`: those without types get a typed error, not a stack trace. */
import { ServerlessError } from '../errors/serverless-error.ts';
import { describeValue } from '../spec/describe-value.ts';
import { unknownField } from '../spec/unknown-field.ts';

const OPTIONS: readonly string[] = ['cwd', 'file', 'stage', 'env'];

/** Refuses what is no object of options, what no option is called, and each option of the wrong type. */
export function checkLoadOptions(options: unknown): void {
  if (!isObject(options)) {
    const found = describeValue([], options);
    const file = typeof options === 'string' ? `{ file: ${found} }` : '{ stage: "dev" }';
    throw invalid('options', `${found} is not an object. Write loadConfig(${file}).`);
  }
  for (const [field, value] of Object.entries(options)) {
    if (value === undefined || OPTIONS.includes(field)) continue;
    throw invalid(field, unknownField(field, OPTIONS, 'the options of loadConfig'));
  }
  for (const field of ['cwd', 'file', 'stage']) {
    const value: unknown = Reflect.get(options, field);
    if (value !== undefined && typeof value !== 'string') {
      throw invalid(
        field,
        `${describeValue([field], value)} is not a string. Give a string, or leave it out.`,
      );
    }
  }
  checkVariables(Reflect.get(options, 'env'));
}

function checkVariables(env: unknown): void {
  if (env === undefined) return;
  const next = 'Give an object of strings such as process.env, or leave it out.';
  if (!isObject(env)) {
    throw invalid('env', `${describeValue(['env'], env)} is not an object of strings. ${next}`);
  }
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || typeof value === 'string') continue;
    const found = describeValue(['env', name], value);
    throw invalid('env', `${found} of ${JSON.stringify(name)} is not a string. ${next}`);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(path: string, message: string): ServerlessError {
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `${path}: ${message}`,
    details: { issues: [{ path, message }] },
  });
}
