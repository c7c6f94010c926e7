import type { JsonObject, Plan } from 'polyfaas/spi';
import { resolveObject } from '../../../src/spi/refs.ts';

/** Carries out so many steps of a plan, each with what those before it put out. */
export function applySteps(
  plan: Plan,
  steps: number,
  perform: (kind: string, input: JsonObject) => JsonObject,
): Plan {
  const outputs = new Map<string, JsonObject>();
  for (const step of plan.steps.slice(0, steps)) {
    outputs.set(step.id, perform(step.kind, resolveObject(step.input, outputs)));
  }
  if (steps >= plan.steps.length) resolveObject(plan.result, outputs);
  return plan;
}
