/** The planners: pure, JSON in and out. */
import type { Plan, Planners, PruneRequest } from 'polyfaas/spi';
import type { AzureObserved } from '../model.ts';
import type { PlatformSettings } from '../options.ts';
import { askingForBlobs } from './blobs.ts';
import { planDeploy } from './deploy.ts';
import { planConfigureEvent, planRemoveEvent } from './events.ts';
import { plan, refuseStranger, step, targetOf } from './parts.ts';
import { planRemove } from './remove.ts';
import { planRollback } from './rollback.ts';

export function createPlanners(platform: PlatformSettings): Planners<AzureObserved> {
  return {
    deploy: (request, observed) => askingForBlobs(planDeploy(platform, request, observed)),
    configureEvent: (request, observed) =>
      askingForBlobs(planConfigureEvent(platform, request, observed)),
    removeEvent: (request, observed) =>
      askingForBlobs(planRemoveEvent(platform, request, observed)),
    preWarm: ({ ref, identity, instances }, observed) =>
      plan('preWarm', ref, observed, {
        steps: [
          step(targetOf(platform, { ref, identity }, observed), {
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
    rollback: (request, observed) => askingForBlobs(planRollback(platform, request, observed)),
    remove: (request, observed) => planRemove(platform, request, observed),
    prune: (request, observed) => planPrune(platform, request, observed),
  };
}

function planPrune(
  platform: PlatformSettings,
  { ref, identity, keepVersions }: PruneRequest,
  observed: AzureObserved,
): Plan {
  refuseStranger(ref, observed);
  const { record, versions } = observed;
  const others = versions.filter(({ version }) => version !== record.live?.version);
  // The live one is among those that stay.
  const doomed = others
    .slice(0, Math.max(0, others.length - Math.max(0, keepVersions - 1)))
    .map(({ version }) => version);
  return plan('prune', ref, observed, {
    steps:
      doomed.length === 0
        ? []
        : [
            step(targetOf(platform, { ref, identity }, observed), {
              id: 'retire',
              kind: 'delete-versions',
              phase: 'retire',
              title: 'Delete old versions',
              input: { versions: doomed },
            }),
          ],
    changes: doomed.map((version) => ({ action: 'delete', subject: `version ${version}` })),
    result: { removedVersions: doomed },
  });
}
