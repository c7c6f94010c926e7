/** Takes the function away: everything of it is in its project. */
import type { Plan, RemoveRequest } from 'polyfaas/spi';
import type { VercelObserved } from '../model.ts';
import type { PlatformSettings } from '../options.ts';
import { STEP, type DeleteProjectInput } from '../steps.ts';
import { plan, step, targetOf } from './parts.ts';

const DELETING_SECONDS = 300;

/** What belongs to somebody else stays. */
export function planRemove(
  platform: PlatformSettings,
  { ref }: RemoveRequest,
  observed: VercelObserved,
): Plan {
  const { project, isStranger } = observed;
  if (project === null || isStranger) {
    return plan('remove', ref, observed, { steps: [], result: {} });
  }
  const target = targetOf(platform, ref, observed);
  const input: DeleteProjectInput = { projectId: project.id };
  return plan('remove', ref, observed, {
    steps: [
      step(target, {
        id: 'delete',
        kind: STEP.deleteProject,
        phase: 'retire',
        title: `Delete the project "${target.physicalName}"`,
        input,
        deadlineSeconds: DELETING_SECONDS,
      }),
    ],
    changes: [{ action: 'delete', subject: 'function' }],
    result: {},
  });
}
