/** Pieces that all planners use. */
import {
  type Binding,
  type FromRef,
  type FunctionRef,
  plansOf,
  planStep,
  type Step,
} from 'polyfaas/spi';
import type { Target, VercelObserved } from '../model.ts';
import type { PlatformSettings } from '../options.ts';
import type { VersionNote } from '../record.ts';

export const { plan, refusal, refuseStranger } = plansOf('vercel');

/** The id of the step whose output tells the project, where it is not there yet. */
export const PROJECT = 'project';

/** The input of a step, before all of it is known. */
export type Pending<Input> = { readonly [Key in keyof Input]: Input[Key] | FromRef };

/** Where things of a function are. */
export function targetOf(
  { team }: Pick<PlatformSettings, 'team'>,
  ref: FunctionRef,
  { physicalName, project }: Pick<VercelObserved, 'physicalName' | 'project'>,
): Target {
  return { ref, team, physicalName, projectId: project?.id ?? null };
}

export function projectIdOf({ projectId }: Pick<Target, 'projectId'>): string | FromRef {
  return projectId ?? { $from: `${PROJECT}.projectId` };
}

/** Everything of a project waits for its turn. */
export function step(
  target: Pick<Target, 'physicalName'>,
  parts: Pick<Step, 'id' | 'phase' | 'kind' | 'title'> & {
    readonly input: object;
    readonly deadlineSeconds?: number;
    readonly attemptSeconds?: number;
  },
): Step {
  return planStep({
    ...parts,
    locks: [`project:${target.physicalName}`],
    deadlineSeconds: parts.deadlineSeconds ?? 120,
  });
}

/** @throws ServerlessError INVALID_ARGUMENT for a version that does not handle what is bound. */
export function refuseUnhandled(
  ref: FunctionRef,
  { version, config: { handles } }: Pick<VersionNote, 'version' | 'config'>,
  bindings: readonly Binding[],
): void {
  // Nothing is known of code without any.
  if (handles.length === 0) return;
  const alien = bindings.find(({ event }) => !handles.includes(event.type));
  if (!alien) return;
  throw refusal(
    ref,
    'INVALID_ARGUMENT',
    `functions.${ref.name}.events.${alien.id}: version "${version}" has no "${alien.event.type}" handler; it handles: ${handles.join(', ')}. Remove the event first, or deploy a version that handles it.`,
  );
}
