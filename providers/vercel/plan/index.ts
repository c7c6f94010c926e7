/** The planners: pure, JSON in and out. */
import type { Plan, Planners, PreWarmRequest } from 'polyfaas/spi';
import type { VercelObserved } from '../model.ts';
import type { PlatformSettings } from '../options.ts';
import { STEP, type WarmInput } from '../steps.ts';
import { planDeploy } from './deploy.ts';
import { planConfigureEvent, planRemoveEvent } from './events.ts';
import { plan, refuseStranger, step, targetOf } from './parts.ts';
import { planPrune } from './prune.ts';
import { planRemove } from './remove.ts';
import { planRollback } from './rollback.ts';

export function createPlanners(platform: PlatformSettings): Planners<VercelObserved> {
  return {
    deploy: (request, observed) => planDeploy(platform, request, observed),
    configureEvent: (request, observed) => planConfigureEvent(platform, request, observed),
    removeEvent: (request, observed) => planRemoveEvent(platform, request, observed),
    preWarm: (request, observed) => planPreWarm(platform, request, observed),
    rollback: (request, observed) => planRollback(platform, request, observed),
    remove: (request, observed) => planRemove(platform, request, observed),
    prune: (request, observed) => planPrune(platform, request, observed),
  };
}

const WARM_SECONDS = 300;

function planPreWarm(
  platform: PlatformSettings,
  { ref, instances }: PreWarmRequest,
  observed: VercelObserved,
): Plan {
  refuseStranger(ref, observed);
  const target = targetOf(platform, ref, observed);
  const input: WarmInput = { ref, instances };
  return plan('preWarm', ref, observed, {
    steps: [
      step(target, {
        id: 'warm',
        kind: STEP.warm,
        phase: 'bind',
        title: `Start instances, up to ${instances}`,
        input,
        deadlineSeconds: WARM_SECONDS,
        attemptSeconds: WARM_SECONDS,
      }),
    ],
    result: { distinctInstances: { $from: 'warm.distinctInstances' }, guaranteed: false },
  });
}
