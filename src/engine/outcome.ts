/** Reads the result of a plan: what a provider's planner promised, checked. */
import { ServerlessError } from '../errors/index.ts';
import type { Deployment } from '../manager/types.ts';
import type { Binding } from '../spi/bindings.ts';
import type { Plan } from '../spi/plan.ts';
import type { PlanRun } from './run-plan.ts';

export function readDeployment(plan: Plan, { result, journal, warnings }: PlanRun): Deployment {
  const { version, url, bindings, digest } = result;
  if (typeof version !== 'string' || typeof digest !== 'string' || !isBindings(bindings)) {
    throw broken(plan.operation);
  }
  return {
    function: plan.function,
    provider: plan.provider,
    version,
    changed: plan.steps.length > 0,
    url: typeof url === 'string' ? url : null,
    bindings,
    warnings,
    digest,
    journal,
  };
}

/** True for a list of bindings. The planner wrote it; a plan from elsewhere is checked for its shape. */
export function isBindings(value: unknown): value is readonly Binding[] {
  return Array.isArray(value) && value.every(isBinding);
}

function isBinding(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (!('id' in value && 'origin' in value && 'event' in value)) return false;
  const { id, origin, event } = value;
  const hasType =
    typeof event === 'object' &&
    event !== null &&
    'type' in event &&
    typeof event.type === 'string';
  return typeof id === 'string' && (origin === 'spec' || origin === 'api') && hasType;
}

function broken(operation: string): ServerlessError {
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `The result of this ${operation} plan is not of the expected shape. Make the plan anew with the same version of polyfaas.`,
  });
}
