/** Reads the result of a plan: what a provider's planner promised, checked. */
import { ServerlessError } from '../errors/index.ts';
import type { JsonObject, JsonValue } from '../function/json.types.ts';
import type { Deployment, JournalEntry } from '../manager/types.ts';
import type { Binding } from '../spi/bindings.ts';
import type { Plan } from '../spi/plan.ts';

export function readDeployment(
  plan: Plan,
  result: JsonObject,
  journal: readonly JournalEntry[],
): Deployment {
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
    warnings: plan.warnings,
    digest,
    journal,
  };
}

// The planner wrote these as `Binding[]`; a plan from elsewhere is checked for its shape.
function isBindings(value: JsonValue | undefined): value is JsonValue & readonly Binding[] {
  return (
    Array.isArray(value) &&
    value.every((item: unknown) => typeof item === 'object' && item !== null && 'event' in item)
  );
}

function broken(operation: string): ServerlessError {
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `The result of this ${operation} plan is not of the expected shape. Make the plan anew with the same version of polyfaas.`,
  });
}
