/** Adding, changing and removing one event of a deployed function. */
import {
  bindingChange,
  sameJson,
  type Binding,
  type EventRef,
  type EventRequest,
  type Plan,
  type Step,
  type Warning,
} from 'polyfaas/spi';
import type { AzureObserved } from '../model.ts';
import type { PlatformSettings } from '../options.ts';
import { settingsFor } from '../setting-names.ts';
import { isNoState } from '../tags.ts';
import { decodeApplied, encodeApplied, unsettled } from './applied.ts';
import {
  beforeMark,
  finalRecord,
  keptVersions,
  lastPackage,
  noteSteps,
  markOf,
  markStep,
  pendingRecord,
  planBound,
  recordStep,
  refuseLongRecord,
} from './bindings.ts';
import { claimed } from './claimed.ts';
import { plan, refuseStopped, refuseStranger, schemeOf, targetOf } from './parts.ts';
import { scaleOfVersion } from './scale.ts';
import { activateStep, packageSettings, scaleStep, settingsStep, uploadStep } from './switch.ts';
import { packageFor, packageWish } from './wish.ts';

type Wish = Pick<EventRequest, 'ref' | 'identity'>;

export function planConfigureEvent(
  platform: PlatformSettings,
  { ref, identity, binding }: EventRequest,
  observed: AzureObserved,
): Plan {
  refuseStranger(ref, observed);
  const { record, site } = observed;
  const present = record.bindings.find(({ id }) => id === binding.id);
  const isDone = sameJson(present, binding) && !record.pending.includes(binding.id);
  const url =
    binding.event.type === 'http' && site ? `${schemeOf(platform)}//${site.hostName}` : null;
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
  observed: AzureObserved,
): Plan {
  const isThere =
    !observed.isStranger && observed.record.bindings.some(({ id }) => id === bindingId);
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
  observed: AzureObserved,
  unsorted: readonly Binding[],
): { readonly steps: readonly Step[]; readonly warnings: readonly Warning[] } {
  const { record, site } = observed;
  const { live } = record;
  const bindings = unsorted.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const target = targetOf(platform, { ref, identity }, observed);
  const kind = site?.plan ?? 'flex';
  const before = decodeApplied(record.settings);
  const bound = planBound({
    target,
    identity,
    platform,
    plan: kind,
    record,
    bindings,
    timeoutSeconds: live?.timeoutSeconds ?? 0,
  });
  const pkg = live
    ? packageFor(
        record,
        {
          content: { events: bound.stableDigest },
          isAsBefore: before?.events === bound.stableDigest,
        },
        (settings) =>
          packageWish(ref, live, { region: identity.region, plan: kind, settings, bound }),
      )
    : null;
  const key = pkg?.manifest.settings ?? null;
  const republishes = pkg !== null && record.packageDigest !== pkg.digest;
  if (republishes) refuseStopped(ref, observed);
  const sets = before === null || before.events !== bound.stableDigest || bound.touched.length > 0;
  // A deploy that was broken off may have given the instances another version's memory.
  const memory =
    republishes && live && site?.plan === 'flex' && site.memoryMb !== live.memoryMb
      ? scaleOfVersion(site, live)
      : null;
  const next = markOf(record, republishes ? pkg.digest : `s-${bound.stableDigest}`);
  const marked = pendingRecord(record, bound, bindings, {
    next,
    republishes,
    settings: unsettled(record.settings),
  });
  refuseLongRecord(target, marked, Object.keys(site?.tags ?? {}).filter(isNoState));
  const settled = before
    ? encodeApplied({ ...before, events: bound.stableDigest })
    : record.settings;
  const steps = [
    // What cannot be bound is refused before anything is written.
    ...bound.checks,
    ...(site ? noteSteps(target, record, bound) : []),
    ...claimed(bound.sources, beforeMark(record, bound, marked.settings)),
    ...(republishes ? [uploadStep(target, pkg)] : []),
    markStep(target, marked, { record, bound }),
    ...(sets
      ? [
          settingsStep(
            target,
            {
              set: settingsFor(key, bound.settings),
              unset: [],
              bindings: republishes ? 'widen' : 'exact',
              package:
                key === null ? null : packageSettings(record, key, { republishes, carries: true }),
              async: null,
              keyId: null,
              versions: live ? [live.version] : [],
              keepVersions: keptVersions(record, before?.keepVersions ?? 5),
              expected: next,
            },
            { id: 'settings', phase: 'switch', title: 'Set the app settings' },
          ),
        ]
      : []),
    ...(memory === null ? [] : [scaleStep(target, kind, { scale: memory, premium: null })]),
    ...(republishes
      ? [
          activateStep(target, {
            plan: kind,
            hostName: site?.hostName ?? '',
            package: pkg,
            marked,
            previous: lastPackage(record),
            previousScale: null,
            previousBindings: record.bindings,
            next,
          }),
        ]
      : []),
    ...claimed(bound.after, [marked]),
    ...bound.retire,
    recordStep(target, {
      id: 'record',
      phase: 'retire',
      record: finalRecord(marked, bound, bindings, {
        live,
        packageDigest: pkg?.digest ?? record.packageDigest,
        lastPackage: pkg ? null : record.lastPackage,
        settingsKey: key ?? record.settingsKey,
        settings: settled,
      }),
      expected: next,
    }),
  ];
  return {
    steps,
    warnings: [...bound.warnings, ...(republishes ? [republished(ref.name)] : [])],
  };
}

function republished(name: string): Warning {
  return {
    type: 'republish',
    message: `The events of a function app are a part of its package: "${name}" is published again with the same code, and restarts. Requests may wait for some seconds.`,
  };
}
