/** Pieces that the planners of every provider use. */
import { ServerlessError } from '../errors/index.ts';
import type { Change, FunctionRef, Operation, Plan, Step, Warning } from './plan.ts';
import { jsonObject } from './results.ts';

/** What a planner says of a step; the rest has defaults. */
export interface StepParts extends Pick<
  Step,
  'id' | 'phase' | 'title' | 'locks' | 'deadlineSeconds'
> {
  /** Default: the id. */
  readonly kind?: string | undefined;
  /** Anything that is JSON. */
  readonly input: object;
  readonly attemptSeconds?: number | undefined;
}

/**
 * A step of a plan, its input made JSON.
 *
 * @throws ServerlessError INVALID_ARGUMENT when the input is no JSON object.
 */
export function planStep({ kind, input, attemptSeconds, ...parts }: StepParts): Step {
  return {
    id: parts.id,
    phase: parts.phase,
    kind: kind ?? parts.id,
    title: parts.title,
    input: jsonObject(input),
    locks: parts.locks,
    deadlineSeconds: parts.deadlineSeconds,
    ...(attemptSeconds === undefined ? {} : { attemptSeconds }),
  };
}

/** What a plan is made of. */
export interface PlanParts {
  readonly provider: string;
  readonly operation: Operation;
  readonly function: FunctionRef;
  /** The token of what was observed. */
  readonly basedOn: string;
  readonly steps: readonly Step[];
  readonly changes?: readonly Change[] | undefined;
  readonly warnings?: readonly Warning[] | undefined;
  /** May hold references to what steps put out. */
  readonly result: object;
}

/** A plan, its result made JSON. */
export function planOf({ result, changes = [], warnings = [], ...parts }: PlanParts): Plan {
  return {
    specVersion: 1,
    provider: parts.provider,
    operation: parts.operation,
    function: parts.function,
    basedOn: parts.basedOn,
    steps: parts.steps,
    changes,
    warnings,
    result: jsonObject(result),
  };
}

/** Whose the resource of a name is. */
export interface Ownership {
  readonly physicalName: string;
  /** It is there, and does not carry this function's tags. */
  readonly isStranger: boolean;
  /** It carries the tags of some function of polyfaas. */
  readonly isOwned: boolean;
}

/**
 * Refuses to touch what belongs to somebody else. What carries the tags of another function of polyfaas is never taken
 * over, also when that is asked for.
 *
 * @throws ServerlessError ALREADY_EXISTS
 */
export function refuseStranger(
  provider: string,
  ref: FunctionRef,
  { physicalName, isStranger, isOwned }: Ownership,
  adopt = false,
): void {
  if (!isStranger || (adopt && !isOwned)) return;
  throw new ServerlessError({
    code: 'ALREADY_EXISTS',
    provider,
    function: ref.name,
    message: `"${physicalName}" exists and does not belong to function "${ref.name}" of app "${ref.app}", stage "${ref.stage}". ${isOwned ? 'It is another function of polyfaas whose app, stage and name come out the same: rename one of them.' : 'Choose another name, or deploy with adopt: true to take it over.'}`,
  });
}
