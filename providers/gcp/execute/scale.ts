/** Instances of the service that are kept ready: no build, and no new revision. */
import type { Executor } from '../model.ts';
import type { ScaleInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { changeService } from './service.ts';

export const scaleService: Executor = async (gcp, step, call) => {
  const { service, minInstances } = inputOf<ScaleInput>(step);
  const found = await changeService(gcp, call, {
    service,
    mask: 'scaling.minInstanceCount',
    stage: 'scaling the service',
    wish: (present) =>
      present.minInstances === minInstances
        ? undefined
        : { scaling: { minInstanceCount: minInstances } },
  });
  return 'done' in found ? found : { done: true };
};
