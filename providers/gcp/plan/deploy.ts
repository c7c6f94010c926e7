import {
  bindingChanges,
  type Change,
  type DeployRequest,
  digestOf,
  type FromRef,
  type FunctionRef,
  type Plan,
  reconcileBindings,
  sameJson,
  type Step,
  type Warning,
} from 'polyfaas/spi';
import { secretNames } from '../environment.ts';
import { merge } from '../events/made/list.ts';
import { planBindings, withAsync } from '../events/plan.ts';
import { isOpen } from '../ingress.ts';
import type { GcpObserved } from '../model.ts';
import { tagOf } from '../names.ts';
import { isBuilt, isKept } from '../observe.ts';
import { functionSettings, type PlatformSettings } from '../options.ts';
import type { VersionNote } from '../record.ts';
import { appliedSettings, encodeApplied, unsettled } from './applied.ts';
import { asyncWish } from './async.ts';
import { buildSteps, retireStep, trafficStep } from './build.ts';
import { builtFields, tagChanges, versionChanges } from './changes.ts';
import { driftOf } from './drift.ts';
import {
  accessStep,
  accountSteps,
  checkSteps,
  secretAccessStep,
  settingsStep,
} from './foundation.ts';
import { grantedSecrets, needsOf, secretGrants } from './needs.ts';
import {
  BUILD,
  placeIn,
  plan,
  refuseOtherRegion,
  refuseRenamed,
  refuseSlow,
  refuseStranger,
  targetOf,
} from './parts.ts';
import {
  betweenRecords,
  builtNote,
  pendingBindings,
  pendingIds,
  recordStep,
  type RecordWish,
} from './records.ts';
import { ingressStep, labelsStep, scaleStep } from './service-settings.ts';
import { stateOf } from './state.ts';
import { demoted, keptAccountOf, retain, taggedRevisions } from './versions.ts';
import { versionWish } from './wish.ts';

export function planDeploy(
  platform: PlatformSettings,
  request: DeployRequest,
  observed: GcpObserved,
): Plan {
  const { ref, identity, spec } = request;
  refuseOtherRegion(ref, observed, identity);
  refuseStranger(ref, observed, request.adopt);
  refuseRenamed(ref, observed);
  const settings = functionSettings(spec, platform);
  const { record, live, kept, before, isUnfinished, lost } = stateOf(observed);
  const target = targetOf(platform, request, {
    serviceAccount: settings.serviceAccount,
    url: urlOf(observed),
    observed,
  });
  const { result: bindings, ...changedBindings } = reconcileBindings(
    spec.bindings,
    record.bindings,
    request,
  );
  refuseSlow(ref, spec.timeoutSeconds, bindings);

  const wish = versionWish(request, platform, settings, target);
  const { note } = wish;
  const present = kept.find(({ digest }) => digest === note.digest);
  const builds = present === undefined;
  const retained = retain(record.versions, note.version, {
    previous: live?.version ?? null,
    keepVersions: spec.keepVersions,
    isNewest: builds,
  });
  const eventWish = {
    target,
    identity,
    platform,
    record,
    bindings,
    timeoutSeconds: spec.timeoutSeconds,
    // Deliveries are signed as the caller.
    repairsAll: before === null || before.caller !== target.serviceAccount,
    missing: observed.missing,
    keptAccount: keptAccountOf(retained.notes, target, placeIn(platform, request)),
  };
  const async = asyncWish(eventWish, request, note, before);
  const plain = planBindings(eventWish);
  const bound = async ? withAsync(plain, async) : plain;
  const isPublic = bound.hasHttp && settings.httpAccess === 'public';
  const named = secretNames(spec.env, target.projectId);
  const secrets = grantedSecrets(before, target, [target.settingsSecret, ...named]);
  const applied = appliedSettings({
    policies: digestOf(bound.policies),
    async: async?.digest ?? '',
    caller: target.serviceAccount,
    httpAccess: settings.httpAccess,
    isPublic,
    keyId: settings.invokeKeyId,
    secrets,
    minInstances: spec.minInstances,
    keepVersions: spec.keepVersions,
    ingress: settings.ingress,
    tags: spec.tags,
  });

  const needs = needsOf(before, applied);
  const known = before?.caller === target.serviceAccount ? (before.secrets ?? []) : [];
  const ownChecks = checkSteps(target, {
    settings: builds || needs.account ? settings : null,
    isOwnNeeded: builds && !needs.account && target.ownsServiceAccount,
    secrets: named.filter((secret) => !known.includes(secret)),
  });
  const grants = secretGrants(target, secrets);
  const { ingress } = settings;
  const { minInstances } = spec;
  const caller = target.serviceAccount;
  const drift = driftOf(observed, { live, kept, isPublic, caller, minInstances, ingress });
  const moves = builds || live?.digest !== note.digest || isUnfinished || drift.traffic;
  // A build leaves nothing of it.
  const scales =
    drift.scale ||
    (spec.minInstances > 0 ? builds || needs.scale : needs.scale && isBuilt(observed.function));
  // A build keeps what the service has, and makes one open.
  const setsIngress =
    drift.ingress ||
    (isOpen(ingress) ? needs.ingress && isBuilt(observed.function) : builds || needs.ingress);
  const relabels = needs.tags && !builds;
  const ingressSteps = setsIngress ? [ingressStep(target, ingress)] : [];
  const versions = demoted(record.versions, retained.dropped);

  const next = digestOf({ version: note.digest, applied, bindings });
  const claim = {
    ...record,
    name: ref.name,
    next,
    made: merge(bound.made, grants),
    settings: before
      ? encodeApplied({
          ...unsettled(before, applied),
          ...(scales ? { minInstances: null } : {}),
          ...(setsIngress ? { ingress: null } : {}),
          ...(drift.access ? { isPublic: null } : {}),
        })
      : '',
    // Until the switch, all is what it was.
    ...(moves
      ? { pending: pendingIds(record, bound.touched) }
      : { ...pendingBindings(record, bindings, bound.touched), versions }),
  } satisfies RecordWish;
  const added = builds ? [builtNote(note)] : [];
  const switched: RecordWish = {
    ...claim,
    ...pendingBindings(record, bindings, bound.touched),
    live: note.version,
    versions: [...versions.filter((one) => !builds || isOther(one, note)), ...added],
  };
  const final: RecordWish = {
    ...switched,
    next: null,
    versions: [...retained.notes, ...added],
    bindings,
    pending: [],
    made: merge(bound.kept, grants),
    settings: encodeApplied(applied),
  };

  const revision = builds ? { $from: `${BUILD}.revision` } : (present.revision ?? '');
  const settingsParts = {
    policies: bound.policies,
    async: async?.rules ?? null,
    isPublic,
    minInstances: spec.minInstances,
    keyId: settings.invokeKeyId,
    expected: next,
  };
  const early: readonly Step[] = [
    ...(needs.account ? accountSteps(target) : []),
    // The roles of an account of the user's are theirs.
    ...(target.ownsServiceAccount && needs.secrets
      ? [secretAccessStep(target, [target.settingsSecret, ...named])]
      : []),
    ...(!target.ownsServiceAccount && needs.account
      ? [secretAccessStep(target, [target.settingsSecret])]
      : []),
    // A revision does not start without them.
    ...(live === undefined || (observed.settingsLost && moves)
      ? [
          settingsStep(target, {
            ...settingsParts,
            id: 'first-settings',
            phase: 'prepare',
            isAudienceKnown: typeof target.url === 'string',
          }),
        ]
      : []),
    ...bound.sources,
    ...(builds
      ? buildSteps(target, wish, {
          deletesFailed: isHopeless(observed),
          adopt: observed.isStranger,
          live: live?.revision ?? null,
          ingress,
          next,
        })
      : []),
    ...(moves
      ? [
          trafficStep(target, {
            version: note.version,
            revision,
            tags: taggedRevisions(kept),
            expected: next,
          }),
        ]
      : []),
  ];
  const writesSettings =
    needs.settings || observed.settingsLost
      ? [
          settingsStep(target, {
            ...settingsParts,
            id: 'settings',
            phase: 'bind',
            isAudienceKnown: true,
          }),
        ]
      : [];
  const changesAccess =
    needs.access || drift.access
      ? [accessStep(target, { isPublic, callerBefore: before?.caller ?? null })]
      : [];
  const late: readonly Step[] = [
    // Closed before anybody is let in, and opened after some are not.
    ...(isOpen(ingress) ? [] : ingressSteps),
    // The code inside may trust what nobody checks only once nobody is let in unchecked.
    ...(isPublic ? [...writesSettings, ...changesAccess] : [...changesAccess, ...writesSettings]),
    ...(isOpen(ingress) ? ingressSteps : []),
    ...(relabels ? [labelsStep(target, spec.tags)] : []),
    ...bound.after,
    ...(scales ? [scaleStep(target, spec.minInstances)] : []),
    ...bound.retire,
    ...(retained.dropped.length + retained.doomed.length > 0
      ? [
          retireStep(target, {
            keep: [
              ...taggedRevisions(retained.notes.filter((one) => isOther(one, note))),
              { revision, tag: tagOf(note.version) },
            ],
            delete: retained.doomed,
          }),
        ]
      : []),
  ];
  const work = [
    ...early,
    // With nothing to be done behind it, the last write says the same.
    ...(moves && late.length > 0
      ? [
          recordStep(target, {
            id: 'switched',
            phase: 'switch',
            record: switched,
            expected: { next },
          }),
        ]
      : []),
    ...late,
  ];
  const result = {
    version: note.version,
    url: bound.hasHttp ? target.url : null,
    bindings,
    digest: note.digest,
  };
  if (work.length === 0 && lost.length === 0 && sameJson(before, applied)) {
    return plan('deploy', ref, observed, { steps: [], result });
  }

  const changes: readonly Change[] = [
    ...versionChanges(note, live, observed, builtFields(spec, settings.runtime)),
    ...tagChanges(before, spec),
    ...bindingChanges(changedBindings),
    ...lost
      .filter(isKept)
      .map(({ version }): Change => ({ action: 'delete', subject: `version ${version}` })),
  ];
  return plan('deploy', ref, observed, {
    steps: betweenRecords(target, observed, {
      checks: [...ownChecks, ...bound.checks],
      claim,
      work,
      final,
    }),
    changes: changes.length === 0 ? [{ action: 'update', subject: 'settings' }] : changes,
    warnings: [...bound.warnings, ...(relabels ? [relabelled(ref)] : [])],
    result,
  });
}

function relabelled({ name }: FunctionRef): Warning {
  return {
    type: 'other',
    field: `functions.${name}.tags`,
    message: `The labels of the Cloud Run service of "${name}", which its costs are told by, change at once. Those that Cloud Functions shows follow when the next version is built.`,
  };
}

function urlOf({ function: found }: GcpObserved): string | FromRef {
  const url = isBuilt(found) ? found.url : null;
  return url ?? { $from: `${BUILD}.url` };
}

/** It failed before it had a service, or lost it, so that there is nothing to update. */
function isHopeless({ function: found, isStranger }: GcpObserved): boolean {
  if (found === null || isStranger || found.service !== null) return false;
  return found.state !== 'DEPLOYING' && found.state !== 'DELETING';
}

function isOther(one: VersionNote, { version }: VersionNote): boolean {
  return one.version !== version;
}
