/** What a version needs that works as a service account of the user's, though the function does not by now. Pure. */
import type { Warning } from 'polyfaas/spi';
import { parseGrantKey } from './grants/need.ts';
import { needsOf } from './grants/owned.ts';
import { planOne } from './kinds.ts';
import { contextOf } from './plan.ts';
import type { BindingWish } from './types.ts';
import { ownAccount } from './warnings.ts';

/** For going back to such a version: only traffic moves, and nothing is granted to an account of the user's. */
export function accountWarnings(wish: BindingWish, serviceAccount: string): readonly Warning[] {
  const { target, record, bindings } = wish;
  const context = contextOf(wish);
  const version = { ...target, serviceAccount };
  const destinations = record.made.flatMap(({ kind, id }) =>
    kind === 'destination' ? (parseGrantKey(id) ?? []) : [],
  );
  return [
    ...bindings.flatMap((binding) =>
      ownAccount(
        version,
        `events.${binding.id}`,
        needsOf(serviceAccount, planOne(context, binding).parts.ownGrants),
      ),
    ),
    ...ownAccount(version, 'async', needsOf(serviceAccount, destinations)),
  ];
}
