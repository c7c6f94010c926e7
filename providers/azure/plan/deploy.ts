import {
  bindingChanges,
  type Change,
  type DeployRequest,
  digestOf,
  type Plan,
  reconcileBindings,
  sameJson,
  type Step,
} from 'polyfaas/spi';
import { packageSetting, SETTING } from '../manifest.ts';
import type { AzureObserved } from '../model.ts';
import { ownershipTags, placeOf } from '../names.ts';
import { functionSettings, type PlatformSettings } from '../options.ts';
import { EMPTY_RECORD, TAG } from '../record.ts';
import { settingsFor } from '../setting-names.ts';
import { foreignTags } from '../tags.ts';
import {
  appliedSettings,
  decodeApplied,
  encodeApplied,
  subnetsIn,
  unfounded,
  unsettled,
  usesSecrets,
  type AppliedSettings,
} from './applied.ts';
import { asyncDraft, destinationChecks, destinationRoles, destinationSteps } from './async.ts';
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
import { versionChanges } from './changes.ts';
import { claimed } from './claimed.ts';
import { hasDrifted, hasLostSettings } from './drift.ts';
import { baseSettings, foundationSteps, unwantedSettings } from './foundation.ts';
import { plan, refuseStopped, refuseStranger, schemeOf, targetOf } from './parts.ts';
import { refuseOtherName, refuseOtherPlace } from './place.ts';
import { scaleBefore, scaleDiffers, scaleWish } from './scale.ts';
import { siteStep, vaultStep } from './site.ts';
import {
  activateStep,
  packageSettings,
  retireStep,
  scaleStep,
  secretsStep,
  settingsStep,
  uploadStep,
  versionNoteStep,
} from './switch.ts';
import { tagChanges, userTags } from './user-tags.ts';
import { packageFor, packageWish, versionWish } from './wish.ts';

export function planDeploy(
  platform: PlatformSettings,
  request: DeployRequest,
  observed: AzureObserved,
): Plan {
  const { ref, identity, spec } = request;
  refuseStranger(ref, observed, request.adopt);
  refuseOtherName(ref, observed);
  const settings = functionSettings(spec, platform);
  const { site, isStranger: claims } = observed;
  const isNew = site === null;
  const record = claims ? EMPTY_RECORD : observed.record;
  const before = decodeApplied(record.settings);
  const subnets = subnetsIn(record.settings);
  refuseOtherPlace(request, settings, observed, before);
  const { result: bindings, ...changedBindings } = reconcileBindings(
    spec.bindings,
    record.bindings,
    request,
  );
  const wish = versionWish(request, settings);
  const { note } = wish;

  const destinations = destinationRoles(
    platform,
    targetOf(platform, request, observed, { settings }),
    spec.async,
  );

  // What the function app stands on is looked at when it is not known to be there.
  const vault = usesSecrets(spec) ? settings.keyVault : (before?.vault ?? null);
  const appliedBut = (events: string) =>
    appliedSettings(request, settings, {
      events,
      location: identity.region,
      vault,
      destinations: destinations.map(({ scope }) => scope),
    });
  const founds =
    isNew ||
    claims ||
    observed.identity === null ||
    !site.httpsOnly ||
    before?.base !== appliedBut('').base ||
    hasDrifted(platform, settings, request, observed);
  const target = targetOf(platform, request, observed, { settings, makesIdentity: founds });
  const bound = planBound({
    target,
    identity,
    platform,
    plan: settings.plan,
    record,
    bindings,
    lost: claims ? [] : observed.lost,
    timeoutSeconds: spec.timeoutSeconds,
    destinations,
  });
  const applied = appliedBut(bound.stableDigest);
  const done = encodeApplied(applied);
  const pkg = packageFor(record, packageContent(before, applied), (settingsKey) =>
    packageWish(ref, note, {
      region: identity.region,
      plan: settings.plan,
      settings: settingsKey,
      bound,
    }),
  );
  const key = pkg.manifest.settings;

  // Azure itself keeps the package that is served there, too.
  const hasLostAll = observed.missing.includes('packages');
  const republishes =
    isNew ||
    claims ||
    hasLostAll ||
    record.live?.digest !== note.digest ||
    record.packageDigest !== pkg.digest;
  if (republishes) refuseStopped(ref, observed);
  const isOtherVersion = record.live?.version !== note.version || record.packageDigest === null;
  const setsAll =
    founds ||
    !sameJson(settingsPart(before), settingsPart(applied)) ||
    hasLostSettings(settingsFor(record.settingsKey, bound.settings), observed);
  const setsEnv = isOtherVersion && note.env.length > 0;
  const binds = bound.touched.length > 0;
  const scale = scaleWish(spec);
  const scales =
    !isNew &&
    !claims &&
    (scaleDiffers(scale, site, settings) || before?.instances !== applied.instances);
  const opensVault = vault !== null && usesSecrets(spec) && (founds || before?.vault !== vault);
  const tags = userTags(request, settings, observed, before?.tags ?? []);
  const isSettled = sameJson(before, applied) && !tags.differ;
  const changesMuch = republishes || setsAll || setsEnv || binds || scales;
  if (!changesMuch && isSettled && record.next === null) {
    return plan('deploy', ref, observed, {
      steps: [],
      result: {
        version: note.version,
        url: bound.hasHttp ? `${schemeOf(platform)}//${site?.hostName ?? ''}` : null,
        bindings,
        digest: wish.digest,
      },
    });
  }

  const next = markOf(record, republishes ? pkg.digest : `s-${digestOf({ applied, bindings })}`);
  const marked = pendingRecord(record, bound, bindings, {
    next,
    republishes,
    settings: !setsAll
      ? record.settings
      : founds
        ? unfounded(record.settings, applied)
        : unsettled(record.settings),
  });
  const place = placeOf(ref, identity.account, platform);
  const versions = [note.version, ...(record.live ? [record.live.version] : [])];
  const envInput = {
    unset: [],
    bindings: 'leave',
    package: null,
    async: null,
    keyId: null,
    versions,
    keepVersions: keptVersions(record, spec.keepVersions),
    expected: null,
  } as const;
  const checksSecrets = wish.secrets.length > 0 && (setsEnv || founds);
  const liveNote = {
    ...note,
    createdAt: republishes ? { $from: 'activate.createdAt' } : (record.live?.createdAt ?? null),
  };
  const usesSources = binds || setsAll;
  const alwaysReady = packageSetting(key, SETTING.alwaysReady);
  const final = finalRecord(marked, bound, bindings, {
    live: liveNote,
    packageDigest: pkg.digest,
    lastPackage: null,
    settingsKey: key,
    settings: done,
  });
  for (const one of [marked, final]) {
    refuseLongRecord(target, one, [
      ...Object.keys(foreignTags(site?.tags ?? {})),
      ...Object.keys(ownershipTags(ref)),
      TAG.storage,
      ...(spec.description === '' ? [] : [TAG.description]),
      ...Object.keys(spec.tags),
    ]);
  }

  // Before a first deploy there is no record, and nobody else to see one.
  const sources =
    isNew || claims
      ? bound.sources
      : claimed(bound.sources, beforeMark(record, bound, marked.settings));
  const steps: Step[] = [
    // What cannot be bound is refused before anything is written.
    ...bound.checks,
    ...(setsAll
      ? destinationChecks(
          platform,
          target,
          spec.async,
          bound.made.map(({ id }) => id),
        )
      : []),
    ...(isNew || claims || !usesSources
      ? []
      : noteSteps(
          founds ? { ...target, principalId: '', clientId: '' } : target,
          record,
          bound,
          founds ? marked.settings : record.settings,
        )),
    ...(founds ? foundationSteps(platform, target, settings, { adoptsPlan: claims }) : []),
    ...(opensVault ? vaultStep(target, vault) : []),
    ...(usesSources ? sources : []),
    ...(setsAll ? destinationSteps(platform, target, spec.async) : []),
    ...(founds
      ? [siteStep(target, place, { settings, scale, observed, subnets, adopt: claims })]
      : []),
    ...(republishes ? [uploadStep(target, pkg)] : []),
    ...(checksSecrets
      ? [
          settingsStep(
            target,
            { ...envInput, set: wish.env },
            {
              id: 'secrets',
              phase: 'publish',
              title: 'Set the variables of the version',
            },
          ),
          secretsStep(target, note.version, wish.secrets, settings.keyVault),
        ]
      : []),
    // What was somebody else's may have any record.
    ...(changesMuch ? [markStep(target, marked, claims ? undefined : { record, bound })] : []),
    // Also what was written before the mark: nobody kept others from writing over it.
    ...(setsAll || setsEnv
      ? [
          settingsStep(
            target,
            setsAll
              ? {
                  ...envInput,
                  set: {
                    ...settings.appSettings,
                    ...(founds ? baseSettings(target, settings) : {}),
                    ...settingsFor(key, bound.settings),
                    ...wish.env,
                    ...(spec.minInstances > 0 ? { [alwaysReady]: String(spec.minInstances) } : {}),
                  },
                  unset: [
                    ...(spec.minInstances > 0 ? [] : [alwaysReady]),
                    ...unwantedSettings(settings),
                    ...(before?.further.names ?? []).filter(
                      (name) => settings.appSettings[name] === undefined,
                    ),
                  ],
                  bindings: republishes ? 'widen' : 'exact',
                  package: packageSettings(record, key, { republishes, carries: false }),
                  async: asyncDraft(spec.async),
                  keyId: settings.invokeKeyId,
                  expected: next,
                }
              : { ...envInput, set: wish.env, expected: next },
            { id: 'settings', phase: 'switch', title: 'Set the app settings' },
          ),
        ]
      : []),
    ...(scales || (founds && settings.plan !== 'flex')
      ? [scaleStep(target, settings.plan, { scale, premium: settings.premium })]
      : []),
    ...(republishes
      ? [
          activateStep(target, {
            plan: settings.plan,
            hostName: founds ? { $from: 'site.hostName' } : (site?.hostName ?? ''),
            package: pkg,
            marked,
            previous: hasLostAll ? null : lastPackage(record),
            previousScale: isNew || claims ? null : scaleBefore(site, record.live, scales),
            previousBindings: record.bindings,
            next,
          }),
        ]
      : []),
    ...(usesSources ? claimed(bound.after, [marked]) : []),
    ...bound.retire,
    ...(republishes ? [versionNoteStep(target, liveNote)] : []),
    recordStep(target, {
      id: 'record',
      phase: 'retire',
      record: final,
      expected: changesMuch ? next : null,
      tags: tags.set,
      untag: tags.unset,
    }),
    ...(republishes || before?.keepVersions !== spec.keepVersions
      ? [
          retireStep(target, {
            liveVersion: note.version,
            previous: record.live?.version ?? null,
            keepVersions: spec.keepVersions,
            packages: [pkg.digest],
          }),
        ]
      : []),
  ];
  const changes: readonly Change[] = [
    ...versionChanges(note, observed),
    ...bindingChanges(changedBindings),
    ...(isNew ? [] : tagChanges(tags, observed, spec.description)),
  ];
  return plan('deploy', ref, observed, {
    steps,
    changes: changes.length === 0 ? [{ action: 'update', subject: 'settings' }] : changes,
    warnings: bound.warnings,
    result: {
      version: note.version,
      url: bound.hasHttp
        ? founds
          ? { $from: 'site.url' }
          : `${schemeOf(platform)}//${site?.hostName ?? ''}`
        : null,
      bindings,
      digest: wish.digest,
    },
  });
}

/** What a write of the app settings follows from. */
function settingsPart(applied: ReturnType<typeof decodeApplied>): object | null {
  if (applied === null) return null;
  const {
    keepVersions: _versions,
    tags: _tags,
    vault: _vault,
    instances: _instances,
    ...part
  } = applied;
  return part;
}

/** What the settings of a package say, and whether that is so already. */
function packageContent(before: AppliedSettings | null, applied: AppliedSettings) {
  const partOf = ({ events, async, alwaysReady }: AppliedSettings) => ({
    events,
    async,
    alwaysReady,
  });
  const content = partOf(applied);
  return { content, isAsBefore: before !== null && sameJson(partOf(before), content) };
}
