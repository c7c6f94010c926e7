/** Pieces that all planners use. */
import {
  type Binding,
  type FunctionRef,
  plansOf,
  planStep,
  type ProviderIdentity,
  type Step,
} from 'polyfaas/spi';
import type { AwsObserved, Target } from '../model.ts';
import { functionArn, hasPlainRoles } from '../names.ts';
import { routeIssues } from '../routes.ts';

export const { plan, refusal, refuseStranger } = plansOf('aws');

export function targetOf(
  ref: FunctionRef,
  identity: ProviderIdentity,
  observed: Pick<AwsObserved, 'physicalName' | 'functionArn' | 'latest'>,
): Target {
  const { physicalName } = observed;
  return {
    ref,
    physicalName,
    functionArn: functionArn(identity, physicalName),
    ...(hasPlainRoles(observed) ? { plainRoles: true } : {}),
  };
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
