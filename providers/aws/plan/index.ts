/** The planners: pure, JSON in and out. */
import type { Planners, PruneRequest, Plan, RollbackRequest } from 'polyfaas/spi';
import type { AwsObserved } from '../model.ts';
import type { PlatformSettings } from '../options.ts';
import { decodeSettings } from './applied.ts';
import { planDeploy } from './deploy.ts';
import { planConfigureEvent, planRemoveEvent } from './events.ts';
import { plan, refusal, refuseStranger, step, targetOf } from './parts.ts';
import { planRemove } from './remove.ts';
import { moveStep, retireStep } from './version.ts';

export function createPlanners(platform: PlatformSettings): Planners<AwsObserved> {
  return {
    deploy: (request, observed) => planDeploy(platform, request, observed),
    configureEvent: (request, observed) => planConfigureEvent(platform, request, observed),
    removeEvent: (request, observed) => planRemoveEvent(platform, request, observed),
    preWarm: ({ ref, identity, instances }, observed) =>
      plan('preWarm', ref, observed, {
        steps: [
          step(targetOf(ref, identity, observed), {
            id: 'warm',
            phase: 'bind',
            title: `Start instances, up to ${instances}`,
            input: { instances },
            deadlineSeconds: 300,
            attemptSeconds: 300,
          }),
        ],
        result: { distinctInstances: { $from: 'warm.distinctInstances' }, guaranteed: false },
      }),
    rollback: planRollback,
    remove: (request, observed) => planRemove(platform, request, observed),
    prune: planPrune,
  };
}

function planRollback({ ref, identity, version }: RollbackRequest, observed: AwsObserved): Plan {
  refuseStranger(ref, observed);
  const found = observed.versions.find((one) => one.version === version);
  if (!found) {
    throw refusal(ref, 'NOT_FOUND', `"${ref.name}" keeps no version "${version ?? ''}".`);
  }
  const { live, record } = observed;
  if (!found.note) {
    throw refusal(
      ref,
      'INVALID_ARGUMENT',
      `Version "${found.version}" of "${ref.name}" was not published by polyfaas: nothing is known of what it handles. Choose another version.`,
    );
  }
  const target = targetOf(ref, identity, observed);
  const isLive = live?.version === found.version && Object.keys(live.weights).length === 0;
  const note = { ...found.note, version: found.version, canary: null };
  return plan('rollback', ref, observed, {
    steps: isLive
      ? []
      : [
          step(target, {
            id: 'verify',
            kind: 'verify-version',
            phase: 'verify',
            title: 'Start an instance of it',
            input: { version: found.version, hasShim: note.hasShim, secrets: [] },
            deadlineSeconds: 180,
            attemptSeconds: 180,
          }),
          moveStep(target, observed, {
            version: found.version,
            note,
            title: 'Make the version live',
          }),
          // What had a share of the traffic was kept for that alone.
          ...(Object.keys(live?.weights ?? {}).length > 0
            ? [
                retireStep(target, {
                  newest: found.version,
                  mayExceed: true,
                  previous: null,
                  keepVersions: decodeSettings(record.settings)?.keepVersions ?? 5,
                }),
              ]
            : []),
        ],
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
      url: record.url,
      bindings: record.bindings,
      digest: note.digest,
    },
  });
}

function planPrune({ ref, identity, keepVersions }: PruneRequest, observed: AwsObserved): Plan {
  refuseStranger(ref, observed);
  const { live } = observed;
  const serving = new Set([live?.version, ...Object.keys(live?.weights ?? {})]);
  const others = observed.versions.filter(({ version }) => !serving.has(version));
  // What serves is among those that stay.
  const servingCount = observed.versions.length - others.length;
  const doomed = others
    .slice(0, Math.max(0, others.length - Math.max(0, keepVersions - servingCount)))
    .map(({ version }) => version);
  return plan('prune', ref, observed, {
    steps:
      doomed.length === 0
        ? []
        : [
            step(targetOf(ref, identity, observed), {
              id: 'retire',
              kind: 'delete-versions',
              phase: 'retire',
              title: 'Delete old versions',
              input: { versions: doomed },
              deadlineSeconds: 300,
            }),
          ],
    changes: doomed.map((version) => ({ action: 'delete', subject: `version ${version}` })),
    result: { removedVersions: doomed },
  });
}
