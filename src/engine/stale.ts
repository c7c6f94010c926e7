import { ServerlessError } from '../errors/index.ts';
import type { Plan } from '../spi/plan.ts';
import type { ObservedFunction } from '../spi/provider.ts';

/** Refuses a plan whose world has moved on. */
export function refuseStale(plan: Plan, observed: ObservedFunction): void {
  if (plan.basedOn === observed.token) return;
  throw new ServerlessError({
    code: 'CONFLICT',
    provider: plan.provider,
    function: plan.function.name,
    message: `"${plan.function.name}" has changed since this plan was made (it was ${plan.basedOn}, it is ${observed.token}). Make the plan anew and look at it again.`,
    details: { basedOn: plan.basedOn, observed: observed.token },
  });
}
