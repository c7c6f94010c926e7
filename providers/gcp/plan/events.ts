/** Adding, changing and removing one event of a deployed function: no build, and no new version. */
import {
  bindingChange,
  digestOf,
  sameJson,
  type Binding,
  type EventRef,
  type EventRequest,
  type Plan,
  type Step,
  type Warning,
} from 'polyfaas/spi';
import type { GcpObserved } from '../model.ts';
import type { PlatformSettings } from '../options.ts';
import { REMOVING, UNFINISHED } from '../record.ts';
import { encodeApplied, unsettled, type AppliedSettings } from './applied.ts';
import { plan, refusal, refuseOtherRegion, refuseStranger } from './parts.ts';
import { rebound } from './rebound.ts';
import { betweenRecords, pendingBindings } from './records.ts';
import { stateOf } from './state.ts';

type Wish = Pick<EventRequest, 'ref' | 'identity'>;

export function planConfigureEvent(
  platform: PlatformSettings,
  { ref, identity, binding }: EventRequest,
  observed: GcpObserved,
): Plan {
  refuseOtherRegion(ref, observed, identity);
  refuseStranger(ref, observed);
  const { record } = observed;
  const present = record.bindings.find(({ id }) => id === binding.id);
  const isDone = sameJson(present, binding) && !record.pending.includes(binding.id);
  const url = binding.event.type === 'http' ? (observed.function?.url ?? null) : null;
  if (isDone) return plan('configureEvent', ref, observed, { steps: [], result: { url } });
  const bindings = [...record.bindings.filter(({ id }) => id !== binding.id), binding];
  const { steps, warnings } = change(platform, { ref, identity }, observed, bindings);
  return plan('configureEvent', ref, observed, {
    steps,
    changes: [bindingChange(present, binding)],
    warnings,
    result: { url },
  });
}

export function planRemoveEvent(
  platform: PlatformSettings,
  { ref, identity, bindingId }: EventRef,
  observed: GcpObserved,
): Plan {
  const isThere =
    observed.description !== undefined &&
    observed.record.bindings.some(({ id }) => id === bindingId);
  if (!isThere) return plan('removeEvent', ref, observed, { steps: [], result: {} });
  const bindings = observed.record.bindings.filter(({ id }) => id !== bindingId);
  const { steps, warnings } = change(platform, { ref, identity }, observed, bindings);
  return plan('removeEvent', ref, observed, {
    steps,
    changes: [{ action: 'delete', subject: `binding ${bindingId}` }],
    warnings,
    result: {},
  });
}

function change(
  platform: PlatformSettings,
  { ref, identity }: Wish,
  observed: GcpObserved,
  unsorted: readonly Binding[],
): { readonly steps: readonly Step[]; readonly warnings: readonly Warning[] } {
  const { record, live, before, isUnfinished } = stateOf(observed);
  if (!live) {
    throw refusal(
      ref,
      'NOT_FOUND',
      `"${ref.name}" has no live version that events could be for: its deploy did not come to its end. Deploy it first.`,
    );
  }
  if (record.next === REMOVING) {
    throw refusal(
      ref,
      'CONFLICT',
      `"${ref.name}" is being removed, or its removal was broken off. Deploy it, which makes all of it anew, or remove it again.`,
    );
  }
  const bindings = unsorted.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  // Of the record before, too: who was overtaken by both the removal of an event and its addition sees that.
  const nextOf = (applied: AppliedSettings): string => digestOf({ applied, bindings, record });
  const { target, applied, ...bound } = rebound(platform, { ref, identity }, observed, {
    record,
    bindings,
    version: live,
    before,
    next: nextOf,
  });
  const settings = before ? encodeApplied(unsettled(before, applied)) : '';
  const next = nextOf(applied);
  const claim = {
    ...record,
    ...pendingBindings(record, bindings, bound.touched),
    name: ref.name,
    next,
    made: bound.made,
    settings,
  };
  const final = {
    ...claim,
    // What a deploy left undone stays for the next one; the one that began it goes no further.
    next: isUnfinished ? UNFINISHED : null,
    bindings,
    pending: [],
    made: bound.kept,
    settings: before ? encodeApplied(applied) : '',
  };
  const work = [...bound.sources, ...bound.after];
  return {
    steps: betweenRecords(target, observed, { checks: bound.checks, claim, work, final }),
    warnings: bound.warnings,
  };
}
