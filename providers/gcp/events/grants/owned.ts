/** To whom is granted what the function needs. Pure. */
import type { PlanContext } from '../context.ts';
import type { GrantNeed } from './need.ts';

/**
 * To the service account that was made for the function, when it works as it; and also while it works as one of the
 * user's, as long as a version that is kept works as the one that was made: a rollback moves traffic alone.
 */
export function ownedGrants(
  { target, keptAccount }: Pick<PlanContext, 'target' | 'keptAccount'>,
  needs: readonly GrantNeed[],
): readonly GrantNeed[] {
  if (target.ownsServiceAccount) return needs;
  return keptAccount === null ? [] : needsOf(keptAccount, needs);
}

/** The same needs, of another service account. */
export function needsOf(serviceAccount: string, needs: readonly GrantNeed[]): readonly GrantNeed[] {
  return needs.map((need) => ({ ...need, member: `serviceAccount:${serviceAccount}` }));
}
