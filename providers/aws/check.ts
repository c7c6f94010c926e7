/** What only AWS knows of a declaration. Pure; every problem at once. */
import {
  asyncDestinations,
  checkSettings,
  sameJson,
  type FunctionRef,
  type NormalFunctionSpec,
  type SpecIssue,
} from 'polyfaas/spi';
import { environmentIssues } from './environment.ts';
import { functionSettings, type FunctionSettings, type PlatformSettings } from './options.ts';
import { functionSchema } from './options/schema.ts';
import { routeIssues } from './routes.ts';
import { runtimeProblem } from './runtime.ts';

/** Lambda retries an asynchronous invocation at most twice (API reference, `PutFunctionEventInvokeConfig`). */
export const MAX_ASYNC_ATTEMPTS = 3;

/** What `retry` says when nothing was declared: Lambda's own delays are then no news. */
const DEFAULT_RETRY = {
  maxAttempts: 3,
  backoff: 'exponential',
  delaySeconds: 1,
  maxDelaySeconds: 900,
  jitter: true,
};

export function functionIssues(
  spec: NormalFunctionSpec,
  platform: PlatformSettings,
  /** Both are in the environment. Default: the longest that there may be. */
  scope: Pick<FunctionRef, 'app' | 'stage'> = { app: 'x'.repeat(40), stage: 'x'.repeat(20) },
): readonly SpecIssue[] {
  const path = `functions.${spec.name}`;
  const options = `${path}.providerOptions.aws`;
  const own = ['functions', spec.name, 'providerOptions', 'aws'];
  const checked = checkSettings(functionSchema, spec.providerOptions.aws, own);
  const runtime = runtimeProblem(spec.runtime);
  return [
    ...checked.issues,
    ...(runtime === undefined ? [] : [{ path: `${path}.runtime`, message: runtime }]),
    ...environmentIssues({ ...scope, name: spec.name }, spec.env),
    ...tagIssues(path, spec.tags),
    ...asyncIssues(path, spec),
    ...routeIssues(spec.name, spec.timeoutSeconds, spec.bindings),
    ...(checked.ok ? capacityIssues(options, spec, functionSettings(spec, platform)) : []),
  ];
}

/** Lambda API reference, `TagResource`. */
function tagIssues(path: string, tags: Readonly<Record<string, string>>): readonly SpecIssue[] {
  return Object.entries(tags).flatMap(([key, value]): readonly SpecIssue[] => {
    const at = `${path}.tags.${key}`;
    if (/^(?:aws|polyfaas):/i.test(key)) {
      return [{ path: at, message: 'keys that begin with "aws:" or "polyfaas:" are reserved.' }];
    }
    if (key.length > 128) {
      return [
        { path: at, message: `the key has ${key.length} characters; at most 128 are allowed.` },
      ];
    }
    if (value.length > 256) {
      return [
        { path: at, message: `the value has ${value.length} characters; at most 256 are allowed.` },
      ];
    }
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(key + value)) {
      return [
        { path: at, message: 'only letters, digits, spaces and _ . : / = + - @ are allowed.' },
      ];
    }
    return [];
  });
}

function asyncIssues(path: string, { async }: NormalFunctionSpec): readonly SpecIssue[] {
  const { retry } = async;
  const issues: SpecIssue[] = [];
  if (retry.maxAttempts > MAX_ASYNC_ATTEMPTS) {
    issues.push({
      path: `${path}.async.retry.maxAttempts`,
      message: `Lambda tries an asynchronous call at most ${MAX_ASYNC_ATTEMPTS} times; ${retry.maxAttempts} is lowered to that.`,
      warning: 'limit',
    });
  }
  for (const { field, type, name } of asyncDestinations(async)) {
    if (!name.endsWith('.fifo')) continue;
    // AWS Lambda developer guide, "Capturing records of Lambda asynchronous invocations": standard ones only.
    const message = `"${name}" is a FIFO ${type}; Lambda sends outcomes to standard ones only. Name another.`;
    issues.push({ path: `${path}.async.${field}`, message });
  }
  const { maxAttempts: _ours, ...delays } = retry;
  const { maxAttempts: _theirs, ...usual } = DEFAULT_RETRY;
  if (retry.maxAttempts > 1 && !sameJson(delays, usual)) {
    issues.push({
      path: `${path}.async.retry`,
      message: 'Lambda chooses the delays between the attempts of an asynchronous call itself.',
      warning: 'ignored',
    });
  }
  return issues;
}

function capacityIssues(
  path: string,
  spec: NormalFunctionSpec,
  settings: FunctionSettings,
): readonly SpecIssue[] {
  const { reserved, provisioned } = settings;
  const issues: SpecIssue[] = [];
  if (spec.maxInstances !== undefined && reserved !== null && reserved !== spec.maxInstances) {
    issues.push({
      path: `${path}.reservedConcurrency`,
      message: `${reserved} contradicts maxInstances, ${spec.maxInstances}; on AWS they are the same. Give one of them.`,
    });
  }
  if (provisioned && spec.minInstances > 0 && provisioned.min !== spec.minInstances) {
    issues.push({
      path: `${path}.provisionedConcurrency.min`,
      message: `${provisioned.min} contradicts minInstances, ${spec.minInstances}; on AWS they are the same. Give one of them.`,
    });
  }
  if (provisioned && reserved !== null && provisioned.max > reserved) {
    issues.push({
      path: `${path}.provisionedConcurrency.max`,
      message: `${provisioned.max} is more than the ${reserved} that are reserved. Raise maxInstances, or lower it.`,
    });
  }
  for (const [index, schedule] of (provisioned?.schedules ?? []).entries()) {
    if (reserved !== null && schedule.max > reserved) {
      issues.push({
        path: `${path}.provisionedConcurrency.schedules[${index}].max`,
        message: `${schedule.max} is more than the ${reserved} that are reserved.`,
      });
    }
  }
  return issues;
}
