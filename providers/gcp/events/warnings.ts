import type { Warning } from 'polyfaas/spi';
import type { Target } from '../model.ts';
import type { PlanContext, Planned } from './context.ts';
import { grantCommand, type GrantNeed } from './grants/need.ts';
import { signingGrant } from './plan-sources.ts';

/** What people should know of a plan, besides what its declarations say by themselves. */
export function planWarnings(
  { target }: PlanContext,
  dirty: readonly Planned[],
): readonly Warning[] {
  if (target.ownsServiceAccount) return [];
  return dirty.flatMap(({ binding: { id }, parts }) =>
    ownAccount(target, `events.${id}`, [
      ...parts.ownGrants,
      ...(parts.isPushed ? [signingGrant(target)] : []),
    ]),
  );
}

/** A service account of the user's gets no roles by itself. */
export function ownAccount(
  { serviceAccount }: Target,
  field: string,
  needs: readonly GrantNeed[],
): readonly Warning[] {
  if (needs.length === 0) return [];
  return [
    {
      type: 'other',
      field,
      message: `The service account ${serviceAccount} is your own, and nothing is granted to it. What it lacks of the following, grant it:\n${needs.map(grantCommand).join('\n')}`,
    },
  ];
}
