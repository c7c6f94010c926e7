import type { NormalStreamEvent, Step } from 'polyfaas/spi';
import { streamArn } from '../arn.ts';
import { deadLetterPlan, type PlanContext } from '../context.ts';
import type { MappingWish } from '../mapping.ts';
import { eventStep } from '../steps.ts';

export function planStream(
  context: PlanContext,
  bindingId: string,
  event: NormalStreamEvent,
): readonly Step[] {
  const { target, place } = context;
  const dead = deadLetterPlan(context, bindingId, event);
  const mapping: MappingWish = {
    sourceArn: streamArn(place, event.stream),
    ...orderedSettings(event, dead.arn),
  };
  return [
    ...dead.steps,
    eventStep(target, {
      id: `event-${bindingId}-source`,
      kind: 'ensure-stream',
      title: `Have the stream "${event.stream}" ready`,
      input: { stream: event.stream, create: event.create, bindingId },
      locks: [`stream:${event.stream}`],
    }),
    eventStep(target, {
      id: `event-${bindingId}-bind`,
      kind: 'put-mapping',
      title: `Bind the stream "${event.stream}"`,
      input: { mapping },
    }),
  ];
}

/** What mappings of streams and tables have in common. */
export function orderedSettings(
  event: Pick<NormalStreamEvent, 'enabled' | 'batchSize' | 'batchWindowSeconds' | 'from' | 'retry'>,
  deadLetterArn: string | undefined,
): Omit<MappingWish, 'sourceArn'> {
  return {
    enabled: event.enabled,
    batchSize: event.batchSize,
    windowSeconds: event.batchWindowSeconds,
    from: event.from,
    retries: event.retry.maxAttempts - 1,
    ...(deadLetterArn === undefined ? {} : { deadLetterArn }),
  };
}
