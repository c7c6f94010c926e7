/** Pieces that all planners use. */
import {
  planOf,
  planStep,
  refuseStranger as refuseOther,
  type Change,
  type FunctionRef,
  type JsonObject,
  type Operation,
  type Plan,
  type Step,
  type Warning,
} from 'polyfaas/spi';
import type { LocalObserved } from '../observed.ts';

/** What every step carries: whose function it is about. */
export interface Target {
  readonly ref: FunctionRef;
  readonly physicalName: string;
}

export function step(
  target: Target,
  parts: Pick<Step, 'id' | 'phase' | 'title'> & {
    readonly kind?: string;
    readonly input?: object;
    readonly deadlineSeconds?: number;
    readonly attemptSeconds?: number;
  },
): Step {
  return planStep({
    ...parts,
    input: { ...target, ...parts.input },
    locks: [`function:${target.physicalName}`],
    deadlineSeconds: parts.deadlineSeconds ?? 60,
  });
}

export function plan(
  operation: Operation,
  ref: FunctionRef,
  observed: LocalObserved,
  parts: {
    readonly steps: readonly Step[];
    readonly changes?: readonly Change[];
    readonly warnings?: readonly Warning[];
    readonly result: object;
  },
): Plan {
  return planOf({
    provider: 'local',
    operation,
    function: ref,
    basedOn: observed.token,
    ...parts,
  });
}

export function refuseStranger(ref: FunctionRef, observed: LocalObserved, adopt = false): void {
  refuseOther('local', ref, observed, adopt);
}

/** The URL that a plan's result promises: known only when the routes are there. */
export function urlOf(hasRoutes: boolean, stepId: string): JsonObject | null {
  return hasRoutes ? { $from: `${stepId}.url` } : null;
}
