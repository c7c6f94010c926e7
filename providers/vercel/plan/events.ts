/** Adding, changing and removing one event of a deployed function: another deployment of the same version. */
import {
  bindingChange,
  sameJson,
  type Binding,
  type EventRef,
  type EventRequest,
  type FunctionRef,
  type Plan,
} from 'polyfaas/spi';
import type { VercelObserved } from '../model.ts';
import type { PlatformSettings } from '../options.ts';
import { releaseKept } from './kept.ts';
import { plan, refusal, refuseStranger, refuseUnhandled } from './parts.ts';
import type { Release } from './release.ts';
import { stateOf, type DeployedState } from './state.ts';
import { defaultSettings, deploymentWish } from './wish.ts';

export function planConfigureEvent(
  platform: PlatformSettings,
  { ref, binding }: EventRequest,
  observed: VercelObserved,
): Plan {
  refuseStranger(ref, observed);
  const state = stateOf(ref, observed);
  const { bindings } = state.record;
  const present = bindings.find(({ id }) => id === binding.id);
  const others = bindings.filter(({ id }) => id !== binding.id);
  const release = change(platform, ref, observed, state, [...others, binding]);
  const isRoute = binding.event.type === 'http' && binding.event.enabled;
  const result = { url: isRoute ? release.url : null };
  // What else was begun, and not finished, is not this event's.
  const isDone = sameJson(present, binding) && release.isServed;
  if (isDone || release.steps.length === 0) {
    return plan('configureEvent', ref, observed, { steps: [], warnings: release.standing, result });
  }
  return plan('configureEvent', ref, observed, {
    steps: release.steps,
    changes: [bindingChange(present, binding)],
    warnings: release.warnings,
    result,
  });
}

export function planRemoveEvent(
  platform: PlatformSettings,
  { ref, bindingId }: EventRef,
  observed: VercelObserved,
): Plan {
  const state = stateOf(ref, observed);
  const { bindings } = state.record;
  const isNoted = bindings.some(({ id }) => id === bindingId);
  if (!isNoted && !mayServeMore(platform, ref, state)) {
    return plan('removeEvent', ref, observed, { steps: [], result: {} });
  }
  const rest = bindings.filter(({ id }) => id !== bindingId);
  const { steps, warnings } = change(platform, ref, observed, state, rest);
  return plan('removeEvent', ref, observed, {
    steps,
    changes: [{ action: 'delete', subject: `binding ${bindingId}` }],
    warnings,
    result: {},
  });
}

/** What serves may have events that no record tells: who configured them died before the end. */
function mayServeMore(
  platform: PlatformSettings,
  ref: FunctionRef,
  { live, coming, record, before }: DeployedState,
): boolean {
  if (!live) return false;
  const { bindings } = record;
  const applied = before ?? defaultSettings(platform);
  const { digest } = deploymentWish(ref, platform, { note: live, bindings, applied });
  return coming.length > 0 || live.deployment.digest !== digest;
}

function change(
  platform: PlatformSettings,
  ref: FunctionRef,
  observed: VercelObserved,
  state: DeployedState,
  unsorted: readonly Binding[],
): Release {
  const { live } = state;
  if (!live) throw refusal(ref, 'NOT_FOUND', noLiveVersion(ref, observed));
  const bindings = unsorted.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  refuseUnhandled(ref, live, bindings);
  return releaseKept(platform, ref, observed, state, {
    note: live,
    bindings,
    switchBy: 'promote',
  });
}

function noLiveVersion({ name }: FunctionRef, { project }: VercelObserved): string {
  const production = project?.production ?? null;
  return production === null
    ? `"${name}" has no live version that events could be for: its deploy did not come to its end. Deploy it first.`
    : `"${name}" has no live version that events could be for: somebody else made its production deployment "${production}". Deploy it first.`;
}
