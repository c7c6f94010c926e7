/** The resource group. */
import type { JsonValue } from 'polyfaas/spi';
import { pages, read } from '../arm/calls.ts';
import { textAt, textsAt } from '../arm/json.ts';
import { operate } from '../arm/operation.ts';
import { isMissing } from '../errors.ts';
import type { Executor } from '../model.ts';
import { API, groupId, isOfScope, scopeTags } from '../names.ts';
import { inputOf } from '../step-input.ts';
import { keptOf } from '../arm/turn.ts';
import { ensure } from './ensure.ts';

export const ensureGroup: Executor = async (azure, step, call) => {
  const { target } = inputOf<object>(step);
  const { subscriptionId, resourceGroup, location, ref } = target;
  const path = groupId(subscriptionId, resourceGroup);
  const progress = await ensure(
    azure,
    call,
    { path, apiVersion: API.group, body: { location, tags: scopeTags(ref) } },
    // One that is being deleted is waited for.
    { stage: 'having the group ready', recognise: () => {} },
  );
  return progress.done ? { done: true } : progress.result;
};

/**
 * True for what Azure itself puts beside Application Insights, and leaves behind: an alert on failures, and the group of
 * people that it would tell.
 */
function isOfAzure(resource: JsonValue): boolean {
  const type = (textAt(resource, 'type') ?? '').toLowerCase();
  const name = textAt(resource, 'name') ?? '';
  return (
    (type === 'microsoft.alertsmanagement/smartdetectoralertrules' &&
      /^Failure Anomalies - /i.test(name)) ||
    (type === 'microsoft.insights/actiongroups' &&
      /^Application Insights Smart Detection$/i.test(name))
  );
}

/** Only one that was made for the app and stage, and only when nothing is left in it. */
export const deleteGroup: Executor = async (azure, step, call) => {
  const { target } = inputOf<object>(step);
  const { subscriptionId, resourceGroup, ref } = target;
  const path = groupId(subscriptionId, resourceGroup);
  const { signal } = call;
  if (keptOf(call)['operation'] === undefined) {
    const found = await read(azure, path, API.group, signal);
    if (found === undefined || !isOfScope(ref, textsAt(found, 'tags'))) return { done: true };
    if (textAt(found, 'properties', 'provisioningState') !== 'Deleting') {
      for await (const one of pages(azure, `${path}/resources`, API.resources, { signal })) {
        if (!isOfAzure(one)) return { done: true };
      }
    }
  }
  try {
    const request = { method: 'DELETE', path, apiVersion: API.group } as const;
    const progress = await operate(azure, call, request, 'deleting the group');
    return progress.done ? { done: true } : progress.result;
  } catch (error) {
    if (isMissing(error)) return { done: true };
    throw error;
  }
};
