/** Pieces that all planners use. */
import { type FunctionRef, type JsonObject, plansOf, planStep, type Step } from 'polyfaas/spi';

export const { plan, refuseStranger } = plansOf('local');

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

/** The URL that a plan's result promises: known only when the routes are there. */
export function urlOf(hasRoutes: boolean, stepId: string): JsonObject | null {
  return hasRoutes ? { $from: `${stepId}.url` } : null;
}
