/** What the planners of all kinds share. */
import type { Step } from 'polyfaas/spi';
import type { Target } from '../model.ts';
import { placeOf, queueArn, type Place } from './arn.ts';
import { ensureQueueStep } from './queue/steps.ts';

export interface PlanContext {
  readonly target: Target;
  readonly place: Place;
  readonly timeoutSeconds: number;
  readonly hasShim: boolean;
  /** Of the role that schedules take. */
  readonly boundaryArn: string | null;
}

/** For what is untied: of the version, nothing matters. */
export function bareContext(target: Target): PlanContext {
  return {
    target,
    place: placeOf(target),
    timeoutSeconds: 0,
    hasShim: true,
    boundaryArn: null,
  };
}

/** What sources share that deliver and retry. */
export interface DeliveredEvent {
  readonly create: boolean;
  readonly deadLetter?: string;
}

export interface DeadLetterPlan {
  readonly steps: readonly Step[];
  readonly arn: string | undefined;
}

/**
 * The dead-letter queue of a binding: made or looked for before anything sends to it.
 *
 * @param sender The rule that may send to it too, where we made the queue.
 */
export function deadLetterPlan(
  context: PlanContext,
  bindingId: string,
  { create, deadLetter }: DeliveredEvent,
  sender?: string,
): DeadLetterPlan {
  if (deadLetter === undefined) return { steps: [], arn: undefined };
  const step = ensureQueueStep(context.target, {
    id: `event-${bindingId}-dead`,
    title: `Have the dead-letter queue "${deadLetter}" ready`,
    queue: {
      queue: deadLetter,
      create,
      bindingId,
      field: 'deadLetter',
      ...(sender ? { sender } : {}),
    },
  });
  return { steps: [step], arn: queueArn(context.place, deadLetter) };
}
