import type { NormalQueueEvent, Step } from 'polyfaas/spi';
import { queueArn } from '../arn.ts';
import { deadLetterPlan, type PlanContext } from '../context.ts';
import type { MappingWish } from '../mapping.ts';
import { eventStep } from '../steps.ts';
import { ensureQueueStep } from './steps.ts';
import { visibilitySeconds } from './wish.ts';

/** More messages than this need a batch window of at least 1 s (Lambda API reference, `BatchSize`). */
const BATCH_WITHOUT_WINDOW = 10;

export function planQueue(
  context: PlanContext,
  bindingId: string,
  event: NormalQueueEvent,
): readonly Step[] {
  const { target, place, timeoutSeconds } = context;
  const dead = deadLetterPlan(context, bindingId, event);
  const windowSeconds = queueWindowSeconds(event);
  const mapping: MappingWish = {
    sourceArn: queueArn(place, event.queue),
    enabled: event.enabled,
    batchSize: event.batchSize,
    windowSeconds,
  };
  return [
    ...dead.steps,
    ensureQueueStep(target, {
      id: `event-${bindingId}-source`,
      title: `Have the queue "${event.queue}" ready`,
      queue: {
        queue: event.queue,
        create: event.create,
        bindingId,
        field: 'queue',
        source: {
          timeoutSeconds,
          visibilitySeconds: visibilitySeconds(timeoutSeconds, windowSeconds),
          redrive:
            dead.arn === undefined
              ? null
              : { deadLetterTargetArn: dead.arn, maxReceiveCount: event.retry.maxAttempts },
        },
      },
    }),
    eventStep(target, {
      id: `event-${bindingId}-bind`,
      kind: 'put-mapping',
      title: `Bind the queue "${event.queue}"`,
      input: { mapping },
    }),
  ];
}

/** The batch window that the mapping gets: large batches need one. */
export function queueWindowSeconds(
  event: Pick<NormalQueueEvent, 'batchSize' | 'batchWindowSeconds'>,
): number {
  return event.batchSize > BATCH_WITHOUT_WINDOW
    ? Math.max(1, event.batchWindowSeconds)
    : event.batchWindowSeconds;
}
