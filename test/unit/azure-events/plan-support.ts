/** What the tests of plans of bindings share. */
import type { Binding, Step } from 'polyfaas/spi';
import { planEvents } from '../../../providers/azure/events/plan.ts';
import type { BindingPlan } from '../../../providers/azure/events/types.ts';
import type { FunctionRecord } from '../../../providers/azure/record.ts';
import { record, SUBSCRIPTION, TARGET, wish } from './bindings.ts';

export const OWN_QUEUE = `/subscriptions/${SUBSCRIPTION}/resourceGroups/own/providers/Microsoft.Storage/storageAccounts/own/queueServices/default/queues/jobs`;

export function kinds(steps: readonly Step[]): readonly string[] {
  return steps.map(({ id, kind }) => `${id} ${kind}`);
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function allSteps(plan: BindingPlan): readonly Step[] {
  return [...plan.checks, ...plan.sources, ...plan.after, ...plan.retire];
}

/** The record once a plan is done. */
export function after(plan: BindingPlan, bindings: readonly Binding[]): FunctionRecord {
  return record({ bindings, made: plan.kept });
}

export function settled(...bindings: readonly Binding[]): FunctionRecord {
  return after(planEvents(wish(bindings)), bindings);
}

export function planOf(steps: readonly Step[]) {
  return {
    specVersion: 1,
    provider: 'azure',
    operation: 'deploy',
    function: TARGET.ref,
    basedOn: '',
    steps,
    changes: [],
    warnings: [],
    result: {},
  } as const;
}
