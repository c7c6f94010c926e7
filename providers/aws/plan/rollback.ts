/** Back to a version that is kept. The events stay; what follows from the version is brought into line with it. */
import {
  noSuchVersion,
  type Plan,
  type ProviderIdentity,
  type RollbackRequest,
  type Step,
} from 'polyfaas/spi';
import type { AwsObserved, Statement, Target, VersionNeeds } from '../model.ts';
import { roleArn } from '../names.ts';
import type { PlatformSettings } from '../options.ts';
import { covers } from '../policy/document.ts';
import { runStatements } from '../policy/run.ts';
import type { FunctionRecord } from '../record.ts';
import { DEFAULT_ASYNC, decodeSettings, encodeSettings, unsettled } from './applied.ts';
import { markOf, pendingRecord, planBound, recordStep } from './bindings.ts';
import { claimed } from './claimed.ts';
import { driftOf } from './drift.ts';
import { plan, refusal, refuseSlowRoutes, refuseStranger, targetOf } from './parts.ts';
import { roleSteps } from './role.ts';
import { settingsOf, settingsSteps } from './settings.ts';
import { moveStep, retireStep, verifySteps } from './version.ts';

export function planRollback(
  platform: PlatformSettings,
  { ref, identity, version }: RollbackRequest,
  observed: AwsObserved,
): Plan {
  refuseStranger(ref, observed);
  const found = observed.versions.find(
    (one) => one.version === version && one.standing === undefined,
  );
  if (!found) throw noSuchVersion('aws', ref, version ?? '');
  const { live, record } = observed;
  if (!found.note) {
    throw refusal(
      ref,
      'INVALID_ARGUMENT',
      `Version "${found.version}" of "${ref.name}" was not published by polyfaas: nothing is known of what it handles. Choose another version.`,
    );
  }
  const newest = live?.note?.newest ?? null;
  const note = { ...found.note, version: found.version, canary: null, newest };
  refuseSlowRoutes(ref, note.timeoutSeconds, record.bindings);
  const target = targetOf(ref, identity, observed);
  const hasShare = Object.keys(live?.weights ?? {}).length > 0;
  const isLive = live?.version === found.version && !hasShare && !driftOf(observed).isAliasLost;
  const role = wideningSteps(platform, target, identity, observed, found.needs);
  const events = eventSteps(platform, target, identity, observed, note);
  const applied = decodeSettings(record.settings);
  // The next deploy narrows the role again.
  const settings =
    role.length > 0 && applied && applied.runPolicy !== null
      ? encodeSettings({ ...applied, runPolicy: `${applied.runPolicy}+` })
      : record.settings;
  const final: FunctionRecord = { ...record, settings, mark: markOf(record, record.bindings) };
  const lost = lostSettings(platform, target, observed);
  const marked: FunctionRecord | undefined =
    events || lost.length > 0
      ? {
          ...(events ? pendingRecord(record, events, record.bindings, settings) : final),
          settings:
            lost.length > 0
              ? unsettled(decodeSettings(settings), [
                  ...settingsOf(lost),
                  ...(applied?.unsettled ?? []),
                ])
              : settings,
        }
      : undefined;
  const steps: readonly Step[] = [
    ...role,
    ...verifySteps(target, observed, {
      version: found.version,
      hasShim: note.hasShim,
      secrets: (found.needs?.secrets ?? []).map(({ $secret }) => $secret),
    }),
    ...(marked
      ? [
          recordStep(target, {
            id: 'pending',
            record: marked,
            phase: 'switch',
            knows: [record],
            present: observed.latest?.tags,
          }),
        ]
      : []),
    moveStep(target, observed, { version: found.version, note, title: 'Make the version live' }),
    ...(events && marked
      ? claimed(target, events, [record, marked], lost.length > 0 || hasShare)
      : []),
    ...lost,
    // What had a share of the traffic was kept for that alone.
    ...(hasShare
      ? [
          retireStep(target, {
            newest: found.version,
            mayExceed: true,
            previous: null,
            served: newest,
            keepVersions: applied?.keepVersions ?? 5,
          }),
        ]
      : []),
    ...(marked || settings !== record.settings
      ? [
          recordStep(target, {
            id: 'record',
            present: observed.latest?.tags,
            record: { ...final, url: events === undefined ? record.url : events.url },
            knows: marked ? [record, marked] : [record],
            claim: events?.claim,
          }),
        ]
      : []),
  ];
  return plan('rollback', ref, observed, {
    steps: isLive ? [] : steps,
    changes: isLive
      ? []
      : [
          {
            action: 'update',
            subject: 'live version',
            from: live?.version ?? null,
            to: found.version,
          },
        ],
    result: {
      version: found.version,
      url: events === undefined ? record.url : events.url,
      bindings: record.bindings,
      digest: note.digest,
    },
  });
}

/** What the alias had besides its bindings, where it is gone. */
function lostSettings(
  platform: PlatformSettings,
  target: Target,
  observed: AwsObserved,
): readonly Step[] {
  const applied = decodeSettings(observed.record.settings);
  if (applied === null || !driftOf(observed).isAliasLost) return [];
  const { steps } = settingsSteps(target, applied, observed, {
    before: applied,
    isNew: false,
    isAliasLost: true,
    bindings: observed.record.bindings,
    boundaryArn: platform.permissionsBoundaryArn,
  });
  return steps.filter(({ id }) => id === 'async' || id === 'capacity');
}

/** A later deploy took away what only the older version needs. What declared statements allowed is not known any more. */
function wideningSteps(
  platform: PlatformSettings,
  target: Target,
  identity: ProviderIdentity,
  observed: AwsObserved,
  needs: VersionNeeds | null,
): readonly Step[] {
  const { physicalName, live, record } = observed;
  const isOwnRole = needs?.roleArn === roleArn(identity, target, 'run');
  if (!needs || !isOwnRole) return [];
  const async = decodeSettings(record.settings)?.async ?? DEFAULT_ASYNC;
  const statementsFor = (config: VersionNeeds): readonly Statement[] =>
    runStatements({ identity, physicalName, config, secrets: config.secrets, async, further: [] });
  const run = statementsFor(needs);
  const now = observed.versions.find(({ version }) => version === live?.version)?.needs;
  if (now && now.roleArn === needs.roleArn && covers(statementsFor(now), run)) return [];
  return roleSteps(target, identity, observed, {
    creates: false,
    run,
    events: { before: [], during: [], after: [] },
    boundaryArn: platform.permissionsBoundaryArn,
    staysWide: true,
    keepsEvents: true,
  }).prepare;
}

/** A queue must hide its messages for longer than the function may take, and code of others takes its input bare. */
function eventSteps(
  platform: PlatformSettings,
  target: Target,
  identity: ProviderIdentity,
  observed: AwsObserved,
  note: { readonly timeoutSeconds: number; readonly hasShim: boolean },
) {
  const { live, record } = observed;
  const before = live?.note;
  const drift = driftOf(observed);
  if (!before && !drift.isAliasLost) return undefined;
  if (
    before &&
    before.timeoutSeconds === note.timeoutSeconds &&
    before.hasShim === note.hasShim &&
    before.canary === null
  ) {
    return undefined;
  }
  const bound = planBound({
    target,
    // What an earlier attempt left half done is the next deploy's to finish.
    record: { ...record, pending: [] },
    bindings: record.bindings,
    timeoutSeconds: note.timeoutSeconds,
    hasShim: note.hasShim,
    boundaryArn: platform.permissionsBoundaryArn,
    // Of the version beside the live one, nothing is known here.
    ...(before ? { before: before.canary ? { ...before, timeoutSeconds: -1 } : before } : {}),
    drifted: drift.ids,
  });
  return bound.steps.length > 0 ? bound : undefined;
}
