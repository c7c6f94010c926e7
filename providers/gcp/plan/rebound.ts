/** Bindings of a version that is built already. */
import { digestOf, type Binding, type EventRequest, type Step, type Warning } from 'polyfaas/spi';
import { accountWarnings } from '../events/account-warnings.ts';
import { planBindings } from '../events/plan.ts';
import type { BindingWish } from '../events/types.ts';
import type { GcpObserved, Target } from '../model.ts';
import { DEFAULT_HTTP_ACCESS, DEFAULT_KEY_ID, type PlatformSettings } from '../options.ts';
import type { FunctionRecord, MadeSource, VersionNote } from '../record.ts';
import { appliedSettings, type AppliedSettings } from './applied.ts';
import { accessStep, settingsStep } from './foundation.ts';
import { needsOf } from './needs.ts';
import { placeIn, refuseSlow, targetOf } from './parts.ts';
import { keptAccountOf } from './versions.ts';

export interface Rebound {
  readonly target: Target;
  readonly checks: readonly Step[];
  /** Phase `prepare`. */
  readonly sources: readonly Step[];
  /** Phases `bind` and `retire`. */
  readonly after: readonly Step[];
  readonly touched: readonly string[];
  readonly made: readonly MadeSource[];
  readonly kept: readonly MadeSource[];
  /** What is applied in the end. */
  readonly applied: AppliedSettings;
  readonly hasHttp: boolean;
  readonly warnings: readonly Warning[];
}

/** What belongs to no version, and is not about bindings, stays as it was applied. */
export function rebound(
  platform: PlatformSettings,
  { ref, identity }: Pick<EventRequest, 'ref' | 'identity'>,
  observed: GcpObserved,
  parts: {
    readonly record: FunctionRecord;
    readonly bindings: readonly Binding[];
    readonly version: VersionNote;
    readonly before: AppliedSettings | null;
    /** The digest of what is about to be done. */
    readonly next: (applied: AppliedSettings) => string;
  },
): Rebound {
  const { record, bindings, version, before } = parts;
  refuseSlow(ref, version.timeoutSeconds, bindings);
  const caller = before?.caller ?? observed.function?.serviceAccount ?? null;
  const target = targetOf(
    platform,
    { ref, identity },
    { serviceAccount: caller, url: observed.function?.url ?? '', observed },
  );
  const place = placeIn(platform, { ref, identity });
  const wish: BindingWish = {
    target,
    identity,
    platform,
    record,
    bindings,
    timeoutSeconds: version.timeoutSeconds,
    repairsAll: before === null || before.caller === null,
    missing: observed.missing,
    keptAccount: keptAccountOf(record.versions, target, place),
  };
  const bound = planBindings(wish);
  const worksAs = version.serviceAccount ?? place.ownServiceAccount;
  // As the one that was made it has what it needs; as the one of now, it is warned of as ever.
  const isOthers = worksAs !== place.ownServiceAccount && worksAs !== target.serviceAccount;
  const { defaults } = platform;
  const httpAccess = before?.httpAccess ?? defaults.httpAccess ?? DEFAULT_HTTP_ACCESS;
  const keyId = before?.keyId ?? defaults.invokeKeyId ?? DEFAULT_KEY_ID;
  const isPublic = bound.hasHttp && httpAccess === 'public';
  const applied = appliedSettings({
    policies: digestOf(bound.policies),
    // Only a deploy knows the rules: what it left undone is the next one's.
    async: before?.async ?? null,
    caller: target.serviceAccount,
    httpAccess,
    isPublic,
    keyId,
    secrets: before?.secrets ?? null,
    minInstances: before?.minInstances ?? null,
    keepVersions: before?.keepVersions ?? null,
    ingress: before?.ingress ?? null,
    tags: before?.tags ?? null,
  });
  const needs = needsOf(before, applied);
  const after: readonly Step[] = [
    ...(needs.settings
      ? [
          settingsStep(target, {
            id: 'settings',
            phase: 'bind',
            policies: bound.policies,
            async: null,
            isAudienceKnown: target.url !== '',
            isPublic,
            minInstances: null,
            keyId,
            expected: parts.next(applied),
          }),
        ]
      : []),
    ...(needs.access
      ? [accessStep(target, { isPublic, callerBefore: before?.caller ?? null })]
      : []),
    ...bound.after,
    ...bound.retire,
  ];
  return {
    target,
    checks: bound.checks,
    sources: bound.sources,
    after,
    touched: bound.touched,
    made: bound.made,
    kept: bound.kept,
    applied,
    hasHttp: bound.hasHttp,
    warnings: [...bound.warnings, ...(isOthers ? accountWarnings(wish, worksAs) : [])],
  };
}
