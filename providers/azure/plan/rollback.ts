/** Back to a version that is kept: its package is put together anew, with the events as they are now. */
import { noSuchVersion, type Plan, type RollbackRequest, type Step } from 'polyfaas/spi';
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
  markOf,
  markStep,
  pendingRecord,
  planBound,
  recordStep,
  refuseLongRecord,
} from './bindings.ts';
import { claimed } from './claimed.ts';
import { plan, refuseStopped, refuseStranger, schemeOf, targetOf } from './parts.ts';
import { scaleBefore, scaleOfVersion } from './scale.ts';
import {
  activateStep,
  environmentStep,
  packageSettings,
  retireStep,
  scaleStep,
  settingsStep,
  uploadStep,
} from './switch.ts';
import { packageFor, packageWish } from './wish.ts';

export function planRollback(
  platform: PlatformSettings,
  { ref, identity, version }: RollbackRequest,
  observed: AzureObserved,
): Plan {
  refuseStranger(ref, observed);
  const { record, site } = observed;
  const note = observed.versions.find((one) => one.version === version);
  if (!note || !site) throw noSuchVersion('azure', ref, version ?? '');
  const target = targetOf(platform, { ref, identity }, observed);
  const { bindings } = record;
  const before = decodeApplied(record.settings);
  const bound = planBound({
    target,
    identity,
    platform,
    plan: site.plan,
    // What an earlier attempt left half done is the next deploy's to finish.
    record: { ...record, pending: [] },
    bindings,
    timeoutSeconds: note.timeoutSeconds,
  });
  const pkg = packageFor(
    record,
    {
      content: { events: bound.stableDigest },
      // What an earlier attempt left unknown is the next deploy's to write.
      isAsBefore: before === null || before.events === bound.stableDigest,
    },
    (settings) =>
      packageWish(ref, note, { region: identity.region, plan: site.plan, settings, bound }),
  );
  const key = pkg.manifest.settings;
  const isLive = record.live?.version === note.version && record.packageDigest === pkg.digest;
  const result = {
    version: note.version,
    url: bound.hasHttp ? `${schemeOf(platform)}//${site.hostName}` : null,
    bindings,
    digest: note.digest,
  };
  if (isLive) return plan('rollback', ref, observed, { steps: [], result });
  refuseStopped(ref, observed);
  const sets = before !== null && before.events !== bound.stableDigest;
  // Options may have moved sources since.
  const binds = sets || (before !== null && bound.touched.length > 0);
  const scales = site.plan === 'flex' && site.memoryMb !== note.memoryMb;
  const next = markOf(record, pkg.digest);
  const marked = pendingRecord(record, bound, bindings, {
    next,
    republishes: true,
    settings: sets ? unsettled(record.settings) : record.settings,
  });
  const final = finalRecord(marked, bound, bindings, {
    live: note,
    packageDigest: pkg.digest,
    lastPackage: null,
    settingsKey: key,
    settings: sets ? encodeApplied({ ...before, events: bound.stableDigest }) : record.settings,
  });
  for (const one of [marked, final]) {
    refuseLongRecord(target, one, Object.keys(site.tags).filter(isNoState));
  }
  const steps: readonly Step[] = [
    ...(binds
      ? [...bound.checks, ...claimed(bound.sources, beforeMark(record, bound, marked.settings))]
      : []),
    uploadStep(target, pkg),
    ...environmentStep(target, note),
    markStep(target, marked, { record, bound }),
    ...(sets
      ? [
          settingsStep(
            target,
            {
              set: settingsFor(key, bound.settings),
              unset: [],
              bindings: 'widen',
              package: packageSettings(record, key, { republishes: true, carries: true }),
              async: null,
              keyId: null,
              versions: [note.version, ...(record.live ? [record.live.version] : [])],
              keepVersions: keptVersions(record, before.keepVersions),
              expected: next,
            },
            { id: 'settings', phase: 'switch', title: 'Set the app settings' },
          ),
        ]
      : []),
    ...(scales
      ? [scaleStep(target, site.plan, { scale: scaleOfVersion(site, note), premium: null })]
      : []),
    activateStep(target, {
      plan: site.plan,
      hostName: site.hostName,
      package: pkg,
      marked,
      previous: lastPackage(record),
      previousScale: scaleBefore(site, record.live, scales),
      previousBindings: record.bindings,
      next,
    }),
    ...(binds ? [...claimed(bound.after, [marked]), ...bound.retire] : []),
    recordStep(target, {
      id: 'record',
      phase: 'retire',
      record: {
        ...final,
        // What is not done stays for the next deploy.
        ...(binds ? {} : { made: bound.made.map((one) => ({ ...one })) }),
        pending: [...new Set([...record.pending, ...(binds ? [] : bound.touched)])].toSorted(),
      },
      expected: next,
    }),
    retireStep(target, {
      liveVersion: note.version,
      previous: record.live?.version ?? null,
      keepVersions: before?.keepVersions ?? 5,
      packages: [pkg.digest],
    }),
  ];
  return plan('rollback', ref, observed, {
    steps,
    changes: [
      {
        action: 'update',
        subject: 'live version',
        from: record.live?.version ?? null,
        to: note.version,
      },
    ],
    result,
  });
}
