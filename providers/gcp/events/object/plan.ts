/**
 * Objects in buckets: Cloud Storage tells of them in a topic of the binding's own ("Pub/Sub notifications for Cloud
 * Storage"), whose messages are pushed to the function.
 */
import type { MadeSource } from '../../record.ts';
import { NO_PARTS, type BindingParts, type EventOf, type PlanContext } from '../context.ts';
import { ownId, subscriptionName, topicName } from '../names.ts';
import { bucketSource } from '../source.ts';
import { EVENT_STEP, eventStep } from '../steps.ts';
import { planPushed } from '../subscription/plan.ts';

/** A notification of a bucket, wished for. JSON. */
export interface NotificationWish {
  /** The plain name. */
  readonly bucket: string;
  /** `projects/p/topics/t` */
  readonly topic: string;
  readonly eventTypes: readonly string[];
  readonly prefix: string;
}

const EVENT_TYPES = { created: 'OBJECT_FINALIZE', deleted: 'OBJECT_DELETE' } as const;

export function planObject(
  context: PlanContext,
  bindingId: string,
  event: EventOf<'object'>,
  policy: string,
): BindingParts {
  const { target } = context;
  const source = bucketSource(event.bucket);
  const id = ownId(target, bindingId, { kind: 'object', bucket: source.id });
  const topic = topicName(target.projectId, id);
  const pushed = planPushed(context, bindingId, event, {
    name: subscriptionName(target.projectId, id),
    topic,
    policy,
    title: `Push what is told of the bucket "${source.name}" to the function`,
  });
  const notification: NotificationWish = {
    bucket: source.name,
    topic,
    eventTypes: event.on.map((one) => EVENT_TYPES[one]).toSorted(),
    prefix: event.prefix,
  };
  const told: MadeSource = { kind: 'notification', id: notificationId(notification) };
  return {
    ...NO_PARTS,
    ...pushed,
    uses: [
      { source, field: 'bucket', create: event.create, keepsLetters: false, consumer: null },
      ...pushed.uses,
    ],
    bound: [...pushed.bound, { kind: 'ownTopic', id: topic }, told],
    ownTopic: topic,
    after: [
      ...pushed.after,
      eventStep(target, {
        id: `event-${bindingId}-notify`,
        kind: EVENT_STEP.notification,
        title: `Have the bucket "${source.name}" tell of its objects`,
        phase: 'bind',
        input: { notification },
        makes: [told],
        locks: [source.id],
      }),
    ],
    source: source.name,
  };
}

export function notificationId({ bucket, topic }: NotificationWish): string {
  return `projects/_/buckets/${bucket}#${topic}`;
}
