/** Pieces that the planners of every provider use. */
import { type ErrorCode, ServerlessError } from '../errors/index.ts';
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

/** Whose the resource of a name is. */
export interface Ownership {
  readonly physicalName: string;
  /** It is there, and does not carry this function's tags. */
  readonly isStranger: boolean;
  /** It carries the tags of some function of polyfaas. */
  readonly isOwned: boolean;
}

/** What a planner says of a plan. */
export interface PlanParts {
  readonly steps: readonly Step[];
  readonly changes?: readonly Change[] | undefined;
  readonly warnings?: readonly Warning[] | undefined;
  /** Anything that is JSON. May hold references to what steps put out. */
  readonly result: object;
}

/** What the planners of one provider share. */
export interface ProviderPlans {
  /**
   * A plan, its result made JSON.
   *
   * @param observed its token is what the plan is based on.
   */
  readonly plan: (
    operation: Operation,
    ref: FunctionRef,
    observed: { readonly token: string },
    parts: PlanParts,
  ) => Plan;
  /** What a planner throws. */
  readonly refusal: (ref: FunctionRef, code: ErrorCode, message: string) => ServerlessError;
  /**
   * Refuses to touch what belongs to somebody else. What carries the tags of another function of polyfaas is never
   * taken over, also when that is asked for.
   *
   * @param adopt take over what has no tags of polyfaas. Default false.
   * @throws ServerlessError ALREADY_EXISTS
   */
  readonly refuseStranger: (ref: FunctionRef, observed: Ownership, adopt?: boolean) => void;
}

/** @param provider its name. */
export function plansOf(provider: string): ProviderPlans {
  const refusal: ProviderPlans['refusal'] = (ref, code, message) =>
    new ServerlessError({ code, provider, function: ref.name, message });
  return {
    refusal,
    plan: (operation, ref, { token }, { steps, changes = [], warnings = [], result }) => ({
      specVersion: 1,
      provider,
      operation,
      function: ref,
      basedOn: token,
      steps,
      changes,
      warnings,
      result: jsonObject(result),
    }),
    refuseStranger(ref, { physicalName, isStranger, isOwned }, adopt = false) {
      if (!isStranger || (adopt && !isOwned)) return;
      const nextStep = isOwned
        ? 'It is another function of polyfaas whose app, stage and name come out the same: rename one of them.'
        : 'Choose another name, or deploy with adopt: true to take it over.';
      throw refusal(
        ref,
        'ALREADY_EXISTS',
        `"${physicalName}" exists and does not belong to function "${ref.name}" of app "${ref.app}", stage "${ref.stage}". ${nextStep}`,
      );
    },
  };
}
