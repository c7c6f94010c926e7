/** Steps as the planners of event sources write them. */
import { jsonObject, planStep, type Phase, type Step, type StepResult } from 'polyfaas/spi';
import type { Target } from '../model.ts';
import type { MadeSource } from '../record.ts';

/** Kinds of steps. */
export const EVENT_STEP = {
  check: 'check-sources',
  topic: 'ensure-topic',
  bucket: 'ensure-bucket',
  letters: 'ensure-dead-letters',
  grants: 'ensure-grants',
  subscription: 'put-subscription',
  notification: 'put-notification',
  job: 'put-job',
  trigger: 'put-trigger',
  deleteBound: 'delete-bound',
  revoke: 'revoke-grants',
  deleteSources: 'delete-sources',
} as const;

const DEADLINE_SECONDS = 600;

export function eventStep(
  target: Target,
  parts: {
    readonly id: string;
    readonly kind: string;
    readonly title: string;
    readonly phase: Phase;
    readonly input?: object;
    /** What it makes, as the record notes it. */
    readonly makes?: readonly MadeSource[];
    readonly locks?: readonly string[];
  },
): Step {
  return planStep({
    id: parts.id,
    kind: parts.kind,
    phase: parts.phase,
    title: parts.title,
    input: {
      target: whereOf(target),
      ...parts.input,
      ...(parts.makes === undefined ? {} : { makes: parts.makes }),
    },
    locks: [`function:${target.physicalName}`, ...(parts.locks ?? [])],
    deadlineSeconds: DEADLINE_SECONDS,
  });
}

/** Where a function is. Its URL is told to those steps alone that need it: others run before it is known. */
export type Where = Omit<Target, 'url'>;

export function whereOf(target: Target): Where {
  const { url: _, ...where } = target;
  return where;
}

export function done(output?: object): StepResult {
  return output === undefined ? { done: true } : { done: true, output: jsonObject(output) };
}
