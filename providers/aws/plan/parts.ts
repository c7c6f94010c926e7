/** Pieces that all planners use. */
import {
  ServerlessError,
  jsonObject,
  type Binding,
  type Change,
  type FunctionRef,
  type Operation,
  type Plan,
  type ProviderIdentity,
  type Step,
  type Warning,
} from 'polyfaas/spi';
import type { AwsObserved, Target } from '../model.ts';
import { functionArn } from '../names.ts';
import { routeIssues } from '../routes.ts';

export function targetOf(
  ref: FunctionRef,
  identity: ProviderIdentity,
  observed: Pick<AwsObserved, 'physicalName'>,
): Target {
  const { physicalName } = observed;
  return { ref, physicalName, functionArn: functionArn(identity, physicalName) };
}

export function step(
  target: Target,
  parts: Pick<Step, 'id' | 'phase' | 'title'> & {
    readonly kind?: string;
    readonly input?: object;
    readonly locks?: readonly string[];
    readonly deadlineSeconds?: number;
    readonly attemptSeconds?: number;
  },
): Step {
  return {
    id: parts.id,
    phase: parts.phase,
    kind: parts.kind ?? parts.id,
    title: parts.title,
    input: jsonObject({ target, ...parts.input }),
    locks: [`function:${target.physicalName}`, ...(parts.locks ?? [])],
    deadlineSeconds: parts.deadlineSeconds ?? 120,
    ...(parts.attemptSeconds === undefined ? {} : { attemptSeconds: parts.attemptSeconds }),
  };
}

export function plan(
  operation: Operation,
  ref: FunctionRef,
  observed: AwsObserved,
  parts: {
    readonly steps: readonly Step[];
    readonly changes?: readonly Change[];
    readonly warnings?: readonly Warning[];
    readonly result: object;
  },
): Plan {
  return {
    specVersion: 1,
    provider: 'aws',
    operation,
    function: ref,
    basedOn: observed.token,
    steps: parts.steps,
    changes: parts.changes ?? [],
    warnings: parts.warnings ?? [],
    result: jsonObject(parts.result),
  };
}

export function refuseStranger(ref: FunctionRef, observed: AwsObserved, adopt = false): void {
  // What carries the tags of another function of ours is never taken over.
  if (!observed.isStranger || (adopt && !observed.isOwned)) return;
  throw new ServerlessError({
    code: 'ALREADY_EXISTS',
    provider: 'aws',
    function: ref.name,
    message: `"${observed.physicalName}" exists and does not belong to function "${ref.name}" of app "${ref.app}", stage "${ref.stage}". ${observed.isOwned ? 'It is another function of polyfaas whose app, stage and name come out the same: rename one of them.' : 'Choose another name, or deploy with adopt: true to take it over.'}`,
  });
}

/** Routes that were added later count too, and so does the timeout of whatever version is to serve them. */
export function refuseSlowRoutes(
  ref: FunctionRef,
  timeoutSeconds: number,
  bindings: readonly Binding[],
): void {
  for (const { path, message } of routeIssues(ref.name, timeoutSeconds, bindings)) {
    throw refusal(ref, 'INVALID_ARGUMENT', `${path}: ${message}`);
  }
}

export function refusal(
  ref: FunctionRef,
  code: 'INVALID_ARGUMENT' | 'NOT_FOUND' | 'PAYLOAD_TOO_LARGE' | 'QUOTA_EXCEEDED',
  message: string,
): ServerlessError {
  return new ServerlessError({ code, provider: 'aws', function: ref.name, message });
}
