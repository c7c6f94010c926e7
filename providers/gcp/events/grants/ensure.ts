/** The steps that grant, and that take back. */
import type { Executor } from '../../model.ts';
import { inputOf } from '../../step-input.ts';
import { done, type Where } from '../steps.ts';
import type { GrantNeed } from './need.ts';
import { grantAll, revokeAll, type PolicyScope } from './policy.ts';

interface GrantsInput {
  readonly target: Where;
  readonly grants: readonly GrantNeed[];
}

export const ensureGrants: Executor = byResource(grantAll);
export const revokeGrants: Executor = byResource(revokeAll);

/** One policy after the other. */
function byResource(
  act: (scope: PolicyScope, needs: readonly GrantNeed[]) => Promise<void>,
): Executor {
  return async (gcp, step, call) => {
    const { target, grants } = inputOf<GrantsInput>(step);
    for (const resource of new Set(grants.map((need) => need.resource))) {
      await act(
        { gcp, target, call },
        grants.filter((need) => need.resource === resource),
      );
    }
    return done();
  };
}
