import {
  bindingChanges,
  type DeployRequest,
  digestOf,
  type Plan,
  reconcileBindings,
  sameJson,
  type Step,
} from 'polyfaas/spi';
import { secretsOf } from '../environment.ts';
import { placeOf } from '../events/arn.ts';
import { arnOfSource } from '../events/made/sources.ts';
import { planRemainsSweep } from '../events/plan-sweep.ts';
import type { AwsObserved, Statement } from '../model.ts';
import { ownershipTags } from '../names.ts';
import type { PlatformSettings } from '../options.ts';
import { covers, samePolicy } from '../policy/document.ts';
import { runStatements } from '../policy/run.ts';
import { EMPTY_RECORD, TAG } from '../record.ts';
import {
  asyncOf,
  decodeSettings,
  encodeSettings,
  refuseTooManyTags,
  unsettled,
  type AppliedSettings,
} from './applied.ts';
import { finalRecord, pendingRecord, planBound, recordStep, recordTags } from './bindings.ts';
import { versionChanges } from './changes.ts';
import { NOTHING_BOUND, claimed } from './claimed.ts';
import { warningsOf } from './deploy-warnings.ts';
import { driftOf, driftWarnings, hasOtherBoundary } from './drift.ts';
import { misplacedWarnings, refuseMisplaced } from './package-options.ts';
import { plan, refusal, refuseSlowRoutes, refuseStranger, targetOf } from './parts.ts';
import { NO_ROLE_STEPS, roleSteps } from './role.ts';
import { newestServed, servingOf } from './served.ts';
import { settingsOf, settingsSteps } from './settings.ts';
import {
  applicable,
  capacityWarnings,
  fits,
  isShared,
  refuseShared,
  runPolicyOf,
  served,
} from './shared.ts';
import { foreignTags, userTagChanges } from './tags.ts';
import { promotion, trafficOf, versionOf } from './traffic.ts';
import { retireStep, versionSteps, type VersionSteps } from './version.ts';
import { versionWish, type VersionWish } from './wish.ts';

const NO_VERSION_STEPS: VersionSteps = {
  checks: [],
  prepare: [],
  publish: [],
  switches: [],
  retire: [],
};

export function planDeploy(
  platform: PlatformSettings,
  request: DeployRequest,
  observed: AwsObserved,
): Plan {
  const { ref, identity, spec } = request;
  refuseStranger(ref, observed, request.adopt);
  const target = targetOf(ref, identity, observed);
  const wish = versionWish(platform, request, target);
  refuseOtherPackage(request, wish, observed);
  refusePings(request, wish);
  refuseMisplaced(request);
  const isNew = observed.latest === null;
  const claims = observed.isStranger;
  const record = claims ? EMPTY_RECORD : observed.record;
  const before = claims ? null : decodeSettings(record.settings);

  const { result: bindings, ...changedBindings } = reconcileBindings(
    spec.bindings,
    record.bindings,
    request,
  );
  const shared = isShared(wish, observed);
  refuseShared(request, wish, observed, bindings);
  const liveNote = claims ? undefined : observed.live?.note;
  // Each version that gets a part of the traffic must have its time.
  const timeoutSeconds = Math.max(
    spec.timeoutSeconds,
    shared ? (liveNote?.timeoutSeconds ?? 0) : 0,
  );
  refuseSlowRoutes(ref, timeoutSeconds, bindings);
  const drift = driftOf(observed);
  const setsBoundary = hasOtherBoundary(platform.permissionsBoundaryArn, before, observed);
  const bound = planBound({
    target,
    record,
    bindings,
    timeoutSeconds,
    hasShim: wish.note.hasShim,
    boundaryArn: platform.permissionsBoundaryArn,
    drifted: drift.ids,
    setsBoundary,
    ...(liveNote ? { before: served(liveNote, wish) } : {}),
  });
  // What an earlier function of that name had, or this one before its record was lost, may still call it.
  const isRemade = isNew && observed.leftovers.length > 0;
  const forgot = isRemade || observed.unrecorded === 'calling';
  const run = runStatements({
    identity,
    physicalName: observed.physicalName,
    config: wish.config,
    secrets: secretsOf(spec.env),
    async: asyncOf(request),
    further: wish.settings.policyStatements,
  });
  const wished = appliedSettings(request, wish, {
    runPolicy: runPolicyOf(digestOf(run), before, shared),
    boundaryArn: platform.permissionsBoundaryArn,
  });
  const applied = applicable(wished, before, shared);
  const settings = settingsSteps(target, applied, observed, {
    before,
    isNew,
    claims,
    isAliasLost: drift.isAliasLost,
    isShared: shared,
    setsBoundary,
    bindings,
    makes: new Set(bound.made.map((source) => arnOfSource(placeOf(target), source))),
    boundaryArn: platform.permissionsBoundaryArn,
  });
  const traffic = trafficOf(wish, observed);
  const changesCapacity = settings.steps.some(({ id }) => id === 'capacity');
  const isSameVersion = traffic !== 'publish';

  const role = !wish.ownsRole
    ? NO_ROLE_STEPS
    : roleSteps(target, identity, observed, {
        creates:
          isNew ||
          claims ||
          before?.runPolicy === null ||
          observed.latest?.roleArn !== wish.config.roleArn ||
          isRoleGone(observed),
        run: needsRunPolicy(observed, before, applied, { run, shared }) ? run : undefined,
        events: bound,
        boundaryArn: platform.permissionsBoundaryArn,
        setsBoundary,
        staysWide: shared,
        forgotEvents: observed.unrecorded === 'calling',
      });

  const done = encodeSettings(applied);
  const hasBindSteps = bound.steps.length > 0 || settings.steps.length > 0;
  const marked = pendingRecord(
    record,
    bound,
    bindings,
    settings.steps.length > 0
      ? unsettled(claims || isNew ? applied : before, [
          ...settingsOf(settings.steps),
          ...(applied.unsettled ?? []),
        ])
      : claims || isNew
        ? done
        : record.settings,
  );
  const userTags = userTagChanges(spec.tags, observed, before);
  const ownTags = { ...ownershipTags(ref), ...spec.tags };
  const version = isSameVersion
    ? NO_VERSION_STEPS
    : versionSteps(target, wish, observed, {
        secrets: secretsOf(spec.env).map(({ $secret }) => $secret),
        created: {
          record: marked,
          tags: isRemade ? { ...ownTags, [TAG.remains]: 'calling' } : ownTags,
        },
        claims,
        changesCapacity,
      });
  const final = finalRecord(record, bound, bindings, done);
  const isMarkedByThen = sameJson(
    final,
    isNew || claims ? marked : { ...record, mark: final.mark },
  );
  const marks = hasBindSteps && !isNew && !claims;
  // Once the new version is live, nothing but the record tells that events are still to be made for it.
  const marksFirst =
    marks &&
    traffic !== 'same' &&
    (drift.isAliasLost || (liveNote != null && !fits(served(liveNote, wish), wish)));
  const writesRecord =
    marks || !isMarkedByThen || ((isNew || claims) && hasBindSteps) || userTags.differ;
  refuseTooManyTags(
    ref.name,
    recordTags(target, marked, observed.latest?.tags ?? {}) +
      Object.keys(foreignTags(observed, ownTags)).length +
      Object.keys(ownTags).length,
  );

  const retires = !isNew && (traffic !== 'same' || before?.keepVersions !== spec.keepVersions);
  const ending = settings.steps.length + version.retire.length + role.retire.length;
  const isFollowed = retires || ending > 0;
  const widens = role.prepare.length > 0 ? NOTHING_BOUND : undefined;
  const steps: Step[] = [
    // What cannot be bound is refused before anything is written.
    ...bound.checks,
    ...settings.checks,
    ...version.checks,
    ...role.prepare,
    ...settings.prepare,
    ...version.prepare,
    ...version.publish,
    ...(marksFirst
      ? [
          recordStep(target, {
            id: 'pending',
            record: marked,
            phase: 'switch',
            knows: [record],
            claim: widens,
            present: observed.latest?.tags,
          }),
        ]
      : []),
    ...version.switches,
    ...(traffic === 'move' ? [promotion(target, wish, observed, changesCapacity)] : []),
    ...(marks && !marksFirst
      ? [
          recordStep(target, {
            id: 'pending',
            record: marked,
            knows: [record],
            claim: widens,
            present: observed.latest?.tags,
          }),
        ]
      : []),
    ...(forgot ? [planRemainsSweep(target, bindings)] : []),
    ...(claims ? bound.steps : claimed(target, bound, [record, marked], isFollowed)),
    ...settings.steps,
    ...(retires
      ? [
          retireStep(target, {
            newest: isSameVersion ? versionOf(wish, observed) : { $from: 'publish.version' },
            mayExceed: isSameVersion,
            previous: servingOf(observed.live),
            served: newestServed(observed),
            keepVersions: spec.keepVersions,
          }),
        ]
      : []),
    ...version.retire,
    ...role.retire,
    ...(writesRecord
      ? [
          recordStep(target, {
            id: 'record',
            present: observed.latest?.tags,
            record: final,
            tags: userTags.set,
            untag: userTags.unset,
            parts: recordTags(target, marked, observed.latest?.tags ?? {}),
            // What was somebody else's may have any.
            ...(claims ? {} : { knows: [record, marked], claim: bound.claim }),
          }),
        ]
      : []),
  ];
  const changes = [
    ...versionChanges(request, wish, observed, traffic),
    ...bindingChanges(changedBindings),
    ...settings.changes,
    ...(userTags.differ && !isNew ? [{ action: 'update' as const, subject: 'tags' }] : []),
  ];
  return plan('deploy', ref, observed, {
    steps,
    changes:
      steps.length > 0 && changes.length === 0
        ? [{ action: 'update', subject: 'settings' }]
        : changes,
    warnings: [
      ...warningsOf(request, wish, observed, bound, bindings),
      ...driftWarnings(ref.name, drift, observed, bindings, traffic),
      ...capacityWarnings(ref.name, wished, applied),
      ...misplacedWarnings(platform, request),
    ],
    result: {
      version: traffic === 'publish' ? { $from: 'publish.version' } : versionOf(wish, observed),
      url: bound.url,
      bindings,
      digest: wish.digest,
    },
  });
}

function appliedSettings(
  request: DeployRequest,
  { settings, ownsRole }: VersionWish,
  { runPolicy, boundaryArn }: { readonly runPolicy: string; readonly boundaryArn: string | null },
): AppliedSettings {
  return {
    async: asyncOf(request),
    reserved: settings.reserved,
    provisioned: settings.provisioned,
    keepWarm: settings.keepWarm,
    logRetentionDays: settings.logRetentionDays,
    keepVersions: request.spec.keepVersions,
    ...(request.spec.tracing ? { sampleRate: request.spec.tracing.sampleRate } : {}),
    runPolicy: ownsRole ? runPolicy : null,
    ...(boundaryArn === null ? {} : { boundary: boundaryArn }),
    tags: Object.keys(request.spec.tags).toSorted(),
  };
}

function isRoleGone({ actual, isStranger }: AwsObserved): boolean {
  return actual !== null && !isStranger && actual.policies === null;
}

function needsRunPolicy(
  { actual, latest }: AwsObserved,
  before: AppliedSettings | null,
  wish: AppliedSettings,
  { run, shared }: { readonly run: readonly Statement[]; readonly shared: boolean },
): boolean {
  if (latest === null || before?.runPolicy !== wish.runPolicy) return true;
  if (actual === null) return false;
  const present = actual.policies?.run ?? [];
  return shared ? !covers(present, run) : !samePolicy(present, run);
}

function refuseOtherPackage(
  { ref }: DeployRequest,
  wish: VersionWish,
  { latest }: AwsObserved,
): void {
  if (!latest || latest.packageType === wish.packageType) return;
  const [now, then] = [latest.packageType, wish.packageType].map((type) =>
    type === 'Zip' ? 'code' : 'an image',
  );
  throw refusal(
    ref,
    'INVALID_ARGUMENT',
    `functions.${ref.name}: it is deployed as ${now}, and Lambda cannot turn it into ${then}. Remove it first, or give the new one another name.`,
  );
}

/** Code that knows no envelope would take a ping for a call. */
function refusePings({ ref }: DeployRequest, { settings, note }: VersionWish): void {
  if (settings.keepWarm === null || note.hasShim) return;
  throw refusal(
    ref,
    'INVALID_ARGUMENT',
    `functions.${ref.name}.providerOptions.aws.keepWarm: pings would run this code, for images, other runtimes and zips that are ready hold none of polyfaas. Declare minInstances instead.`,
  );
}
