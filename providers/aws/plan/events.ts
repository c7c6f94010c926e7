/** Adding, changing and removing one event of a deployed function. */
import {
  bindingChange,
  sameJson,
  type Binding,
  type EventRef,
  type EventRequest,
  type Plan,
  type Step,
} from 'polyfaas/spi';
import type { AwsObserved } from '../model.ts';
import { roleArn } from '../names.ts';
import type { PlatformSettings } from '../options.ts';
import { DEFAULT_ASYNC, decodeSettings, effectiveAsync, refuseTooManyTags } from './applied.ts';
import { finalRecord, pendingRecord, planBound, recordStep, recordTags } from './bindings.ts';
import { NOTHING_BOUND, claimed } from './claimed.ts';
import { plan, refuseSlowRoutes, refuseStranger, targetOf } from './parts.ts';
import { NO_ROLE_STEPS, roleSteps } from './role.ts';
import { asyncStep } from './settings.ts';

export function planConfigureEvent(
  platform: PlatformSettings,
  { ref, identity, binding }: EventRequest,
  observed: AwsObserved,
): Plan {
  refuseStranger(ref, observed);
  const { record } = observed;
  const present = record.bindings.find(({ id }) => id === binding.id);
  const isDone = sameJson(present, binding) && !record.pending.includes(binding.id);
  const isRoute = binding.event.type === 'http';
  if (isDone) {
    return plan('configureEvent', ref, observed, {
      steps: [],
      result: { url: isRoute ? record.url : null },
    });
  }
  const bindings = [...record.bindings.filter(({ id }) => id !== binding.id), binding];
  const { steps, url } = change(platform, { ref, identity }, observed, bindings);
  return plan('configureEvent', ref, observed, {
    steps,
    changes: [bindingChange(present, binding)],
    result: { url: isRoute ? url : null },
  });
}

export function planRemoveEvent(
  platform: PlatformSettings,
  { ref, identity, bindingId }: EventRef,
  observed: AwsObserved,
): Plan {
  const isThere =
    !observed.isStranger && observed.record.bindings.some(({ id }) => id === bindingId);
  if (!isThere) return plan('removeEvent', ref, observed, { steps: [], result: {} });
  const bindings = observed.record.bindings.filter(({ id }) => id !== bindingId);
  const { steps } = change(platform, { ref, identity }, observed, bindings);
  return plan('removeEvent', ref, observed, {
    steps,
    changes: [{ action: 'delete', subject: `binding ${bindingId}` }],
    result: {},
  });
}

function change(
  platform: PlatformSettings,
  { ref, identity }: Pick<EventRequest, 'ref' | 'identity'>,
  observed: AwsObserved,
  unsorted: readonly Binding[],
): { readonly steps: readonly Step[]; readonly url: ReturnType<typeof finalRecord>['url'] } {
  const { record, latest, live } = observed;
  const bindings = unsorted.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const target = targetOf(ref, identity, observed);
  const note = live?.note;
  const ofLatest = latest?.config?.timeoutSeconds ?? 3;
  // The version beside the live one was made of the latest configuration.
  const timeoutSeconds = Math.max(note?.timeoutSeconds ?? ofLatest, note?.canary ? ofLatest : 0);
  refuseSlowRoutes(ref, timeoutSeconds, bindings);
  const bound = planBound({
    target,
    record,
    bindings,
    timeoutSeconds,
    hasShim: note?.hasShim ?? true,
    boundaryArn: platform.permissionsBoundaryArn,
  });
  // A role of the user's is the user's to change.
  const isOwnRole = latest?.roleArn === roleArn(identity, target, 'run');
  const role = isOwnRole
    ? roleSteps(target, identity, observed, {
        creates: false,
        run: undefined,
        events: bound,
        boundaryArn: platform.permissionsBoundaryArn,
      })
    : NO_ROLE_STEPS;
  const settings = decodeSettings(record.settings);
  const own = settings?.async ?? DEFAULT_ASYNC;
  const async = asyncStep(target, observed, {
    own,
    before: settings?.unsettled?.includes('async') ? null : effectiveAsync(own, record.bindings),
    isNew: false,
    bindings,
  });
  const marked = pendingRecord(record, bound, bindings, record.settings);
  const foreign = Object.keys(latest?.tags ?? {}).filter(
    (key) => !key.startsWith('polyfaas:state-'),
  );
  const parts = recordTags(target, marked, latest?.tags ?? {});
  refuseTooManyTags(ref.name, parts + foreign.length);
  const steps = [
    // What cannot be bound is refused before anything is written.
    ...bound.checks,
    ...role.prepare,
    recordStep(target, {
      id: 'pending',
      present: latest?.tags,
      record: marked,
      knows: [record],
      claim: role.prepare.length > 0 ? NOTHING_BOUND : undefined,
    }),
    ...claimed(target, bound, [record, marked], async !== undefined || role.retire.length > 0),
    ...(async ? [async] : []),
    ...role.retire,
    recordStep(target, {
      id: 'record',
      present: latest?.tags,
      record: finalRecord(record, bound, bindings, record.settings),
      parts,
      knows: [record, marked],
      claim: bound.claim,
    }),
  ];
  return { steps, url: bound.url };
}
