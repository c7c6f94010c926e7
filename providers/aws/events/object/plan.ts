import type { Binding, NormalObjectEvent, Step } from 'polyfaas/spi';
import { bucketArn, bucketName } from '../arn.ts';
import { deadLetterPlan, type PlanContext } from '../context.ts';
import { configurationId, statementId } from '../names.ts';
import { eventStep } from '../steps.ts';
import { entryOf } from './entry.ts';

/** What one object binding needs for itself. The bucket's own configuration is one step for all bindings. */
export function planObject(
  context: PlanContext,
  bindingId: string,
  event: NormalObjectEvent,
): readonly Step[] {
  return [
    ...deadLetterPlan(context, bindingId, event).steps,
    eventStep(context.target, {
      id: `event-${bindingId}-source`,
      kind: 'ensure-bucket',
      title: `Have the bucket "${event.bucket}" ready`,
      input: { bucket: bucketName(event.bucket), create: event.create, bindingId },
      locks: [`bucket:${bucketName(event.bucket)}`],
    }),
  ];
}

/** Brings all our entries of one bucket into line; without bindings, takes them away. */
export function planNotifications(
  context: PlanContext,
  parts: {
    readonly id: string;
    readonly bucket: string;
    /** Every object binding of the bucket that is wished. */
    readonly bindings: readonly Binding[];
    readonly phase?: 'bind' | 'retire';
  },
): Step {
  const { target, place } = context;
  const bucket = bucketName(parts.bucket);
  const entries = parts.bindings.flatMap(({ id, event }) =>
    event.type === 'object' && event.enabled ? [entryOf(configurationId(target, id), event)] : [],
  );
  const arn = bucketArn(place, bucket);
  return eventStep(target, {
    id: parts.id,
    kind: 'put-notifications',
    title: `Set what the bucket "${bucket}" tells`,
    input: { bucket, arn, statementId: statementId('object', arn), entries },
    // The whole configuration is replaced at once: nobody else may do so meanwhile.
    locks: [`bucket:${bucket}`],
    ...(parts.phase === undefined ? {} : { phase: parts.phase }),
  });
}
