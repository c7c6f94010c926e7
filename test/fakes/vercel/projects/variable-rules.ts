/** What Vercel refuses of environment variables. */
import { badRequest, VercelFault } from '../core/fault.ts';
import { TARGETS, type Project, type Variable, type VariableType } from './store.ts';

/** https://vercel.com/docs/environment-variables/reserved-environment-variables */
const RESERVED = new Set([
  'AWS_SECRET_KEY',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'NOW_REGION',
  'TZ',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
]);

const LONGEST_KEY = 256;
/** All names and values of an environment: https://vercel.com/docs/environment-variables#environment-variable-size */
const ENVIRONMENT_BYTES = 65_536;

export function checkKey(key: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key) || key.length > LONGEST_KEY) {
    throw badRequest(
      'The name contains invalid characters. Only letters, digits, and underscores are allowed. Furthermore, the name should not start with a digit.',
    );
  }
  if (RESERVED.has(key) || key === 'VERCEL' || key.startsWith('VERCEL_')) {
    throw badRequest(
      'The name of your Environment Variable is reserved. Please choose another name.',
    );
  }
}

export function checkTargets(type: VariableType, targets: readonly string[]): void {
  if (targets.length === 0) throw badRequest('Invalid request: `target` should NOT be empty.');
  if (new Set(targets).size < targets.length) {
    throw badRequest('Invalid request: `target` should NOT have duplicate items.');
  }
  if (type === 'sensitive' && targets.includes('development')) {
    throw badRequest('You cannot set a Sensitive Environment Variable’s target to development.');
  }
}

/** @throws VercelFault when an environment would hold too much */
export function checkSize(variables: Iterable<Pick<Variable, 'key' | 'value' | 'targets'>>): void {
  const sizes = new Map<string, number>(TARGETS.map((target) => [target, 0]));
  for (const { key, value, targets } of variables) {
    const size = Buffer.byteLength(key) + Buffer.byteLength(value);
    for (const target of targets) sizes.set(target, (sizes.get(target) ?? 0) + size);
  }
  for (const [target, size] of sizes) {
    if (size <= ENVIRONMENT_BYTES) continue;
    throw badRequest(
      `The total size of your Environment Variables, including names and values, is limited to 64KB per environment: ${target} would have ${size} bytes.`,
    );
  }
}

/** Those of the same name, some target and the branch. */
export function overlapping(
  project: Project,
  wish: Pick<Variable, 'key' | 'targets' | 'gitBranch'>,
): readonly Variable[] {
  return [...project.variables.values()].filter(
    ({ key, targets, gitBranch }) =>
      key === wish.key &&
      gitBranch === wish.gitBranch &&
      targets.some((target) => wish.targets.includes(target)),
  );
}

export function sameTargets(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((target) => b.includes(target));
}

/** The text is Vercel's own, with the branch that is told although there is none. */
export function envConflict(found: Variable): VercelFault {
  const { id, key, targets, gitBranch } = found;
  const branch = gitBranch ?? 'undefined';
  return new VercelFault(
    400,
    'ENV_CONFLICT',
    `A variable with the name \`${key}\` already exists for the target ${targets.join(',')} on branch ${branch}`,
    { fields: { envVarId: id, envVarKey: key, key, target: [...targets] } },
  );
}
