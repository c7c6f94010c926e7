/** The planners: pure, JSON in and out. */
import type { Plan, Planners, PruneRequest } from 'polyfaas/spi';
import type { AwsObserved } from '../model.ts';
import type { PlatformSettings } from '../options.ts';
import { askingForClients } from './clients.ts';
import { planDeploy } from './deploy.ts';
import { planConfigureEvent, planRemoveEvent } from './events.ts';
import { plan, refuseStranger, step, targetOf } from './parts.ts';
import { planRemove } from './remove.ts';
import { planRollback } from './rollback.ts';

export function createPlanners(platform: PlatformSettings): Planners<AwsObserved> {
  return {
    deploy: (request, observed) => askingForClients(planDeploy(platform, request, observed)),
    configureEvent: (request, observed) =>
      askingForClients(planConfigureEvent(platform, request, observed)),
    removeEvent: (request, observed) =>
      askingForClients(planRemoveEvent(platform, request, observed)),
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
    rollback: (request, observed) => askingForClients(planRollback(platform, request, observed)),
    remove: (request, observed) => askingForClients(planRemove(platform, request, observed)),
    prune: planPrune,
  };
}

function planPrune({ ref, identity, keepVersions }: PruneRequest, observed: AwsObserved): Plan {
  refuseStranger(ref, observed);
  const { live } = observed;
  const serving = new Set([live?.version, ...Object.keys(live?.weights ?? {})]);
  const others = observed.versions.filter(
    ({ version, standing }) => !serving.has(version) && standing === undefined,
  );
  // What serves is among those that stay.
  const servingCount = observed.versions.filter(({ version }) => serving.has(version)).length;
  const old = others.slice(
    0,
    Math.max(0, others.length - Math.max(0, keepVersions - servingCount)),
  );
  // The last of those that follow what serves may be about to go live.
  const last = observed.versions.findLast(({ standing }) => standing === 'later');
  const doomed = observed.versions
    .filter((one) => old.includes(one) || (one.standing !== undefined && one !== last))
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
