/** Pieces that all planners use. */
import {
  ServerlessError,
  jsonObject,
  type Change,
  type FunctionRef,
  type JsonObject,
  type Operation,
  type Plan,
  type Step,
  type Warning,
} from 'polyfaas/spi';
import type { LocalObserved } from '../observed.ts';

/** What every step carries: whose function it is about. */
export interface Target {
  readonly ref: FunctionRef;
  readonly physicalName: string;
}

export function step(
  target: Target,
  parts: Pick<Step, 'id' | 'phase' | 'title'> & {
    readonly kind?: string;
    readonly input?: object;
    readonly deadlineSeconds?: number;
    readonly attemptSeconds?: number;
  },
): Step {
  return {
    id: parts.id,
    phase: parts.phase,
    kind: parts.kind ?? parts.id,
    title: parts.title,
    input: jsonObject({ ...target, ...parts.input }),
    locks: [`function:${target.physicalName}`],
    deadlineSeconds: parts.deadlineSeconds ?? 60,
    ...(parts.attemptSeconds === undefined ? {} : { attemptSeconds: parts.attemptSeconds }),
  };
}

export function plan(
  operation: Operation,
  ref: FunctionRef,
  observed: LocalObserved,
  parts: {
    readonly steps: readonly Step[];
    readonly changes?: readonly Change[];
    readonly warnings?: readonly Warning[];
    readonly result: object;
  },
): Plan {
  return {
    specVersion: 1,
    provider: 'local',
    operation,
    function: ref,
    basedOn: observed.token,
    steps: parts.steps,
    changes: parts.changes ?? [],
    warnings: parts.warnings ?? [],
    result: jsonObject(parts.result),
  };
}

export function refuseStranger(ref: FunctionRef, observed: LocalObserved, adopt = false): void {
  // What carries the tags of another function of ours is never taken over.
  if (!observed.isStranger || (adopt && !observed.isOwned)) return;
  throw new ServerlessError({
    code: 'ALREADY_EXISTS',
    provider: 'local',
    function: ref.name,
    message: `"${observed.physicalName}" exists and does not belong to function "${ref.name}" of app "${ref.app}", stage "${ref.stage}". ${observed.isOwned ? 'It is another function of polyfaas whose app, stage and name come out the same: rename one of them.' : 'Choose another name, or deploy with adopt: true to take it over.'}`,
  });
}

/** The URL that a plan's result promises: known only when the routes are there. */
export function urlOf(hasRoutes: boolean, stepId: string): JsonObject | null {
  return hasRoutes ? { $from: `${stepId}.url` } : null;
}
