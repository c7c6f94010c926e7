/** Steps as the planners write them and the executors read them. */
import { jsonObject, planStep, type Phase, type Step, type StepResult } from 'polyfaas/spi';
import type { Target } from '../model.ts';

const DEADLINE_SECONDS = 600;

export function eventStep(
  target: Target,
  parts: {
    readonly id: string;
    readonly kind: string;
    readonly title: string;
    readonly phase: Phase;
    readonly input?: object;
    readonly locks?: readonly string[];
    readonly deadlineSeconds?: number;
  },
): Step {
  return planStep({
    id: parts.id,
    kind: parts.kind,
    phase: parts.phase,
    title: parts.title,
    input: { target: whereOf(target), ...parts.input },
    locks: [`function:${target.physicalName}`, ...(parts.locks ?? [])],
    deadlineSeconds: parts.deadlineSeconds ?? DEADLINE_SECONDS,
  });
}

/** Where a function is. The identity is told to those steps alone that need it: others may run before it is made. */
export type Where = Omit<Target, 'principalId' | 'clientId'>;

function whereOf(target: Target): Where {
  const { principalId: _, clientId: __, ...where } = target;
  return where;
}

// The decoder of step inputs: this adapter's own planners wrote them, and the engine resolved them.
export function inputOf<Input extends object>(step: Step): Input & { readonly target: Where } {
  const input: unknown = step.input;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return input as Input & { readonly target: Where };
}

export function done(output?: object): StepResult {
  return output === undefined ? { done: true } : { done: true, output: jsonObject(output) };
}
