/** Asynchronous invocations, as part of a whole deploy. */
import { digestOf, type DeployRequest } from 'polyfaas/spi';
import { asyncRules, planAsync } from '../events/async.ts';
import { has, ownOf } from '../events/made/list.ts';
import { contextOf } from '../events/plan.ts';
import type { AsyncPlan, BindingWish } from '../events/types.ts';
import type { VersionNote } from '../record.ts';
import type { AppliedSettings } from './applied.ts';

export interface DeployedAsync extends AsyncPlan {
  /** What it depends on. */
  readonly digest: string;
}

/** Null for a version that cannot be invoked. */
export function asyncWish(
  wish: BindingWish,
  { spec }: DeployRequest,
  { handles }: Pick<VersionNote, 'handles'>,
  before: AppliedSettings | null,
): DeployedAsync | null {
  if (handles.length > 0 && !handles.includes('invoke')) return null;
  const { target, platform, record, bindings, timeoutSeconds, repairsAll, missing, keptAccount } =
    wish;
  const policy = spec.async;
  const rules = asyncRules(contextOf(wish), policy);
  const digest = digestOf({ policy, rules, timeoutSeconds });
  const isWhole = !ownOf(target).some((one) => has(missing, one));
  const isSettled = isWhole && !repairsAll && before?.async === digest;
  return {
    ...planAsync({
      target,
      platform,
      record,
      bindings,
      policy,
      timeoutSeconds,
      isSettled,
      keptAccount,
    }),
    digest,
  };
}
