/** Pieces that all planners use. */
import {
  ServerlessError,
  planOf,
  planStep,
  refuseStranger as refuseOther,
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
  return planStep({
    ...parts,
    input: { target, ...parts.input },
    locks: [`function:${target.physicalName}`, ...(parts.locks ?? [])],
    deadlineSeconds: parts.deadlineSeconds ?? 120,
  });
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
  return planOf({
    provider: 'aws',
    operation,
    function: ref,
    basedOn: observed.token,
    ...parts,
  });
}

export function refuseStranger(ref: FunctionRef, observed: AwsObserved, adopt = false): void {
  refuseOther('aws', ref, observed, adopt);
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
