/** Queues: a topic of Pub/Sub, and its one subscription. */
import { NO_PARTS, type BindingParts, type EventOf, type PlanContext } from '../context.ts';
import { fixedHash, ownId, subscriptionName } from '../names.ts';
import { topicSource } from '../source.ts';
import { planPushed } from '../subscription/plan.ts';

export function planQueue(
  context: PlanContext,
  bindingId: string,
  event: EventOf<'queue'>,
  policy: string,
): BindingParts {
  const source = topicSource(context, event.queue);
  const name = queueSubscription(context, bindingId, source.id);
  const pushed = planPushed(context, bindingId, event, {
    name,
    topic: source.id,
    policy,
    // What has a group is delivered in order; what has none is not held up.
    ordered: true,
    title: `Push the messages of the queue "${source.name}" to the function`,
  });
  return {
    ...NO_PARTS,
    ...pushed,
    uses: [
      {
        source,
        field: 'queue',
        create: event.create,
        keepsLetters: false,
        consumer: name,
      },
      ...pushed.uses,
    ],
    source: source.name,
  };
}

/**
 * The messages of a queue are in its subscription: a binding that is only called otherwise goes on with the one that is
 * there.
 */
export function queueSubscription(
  { target, record }: Pick<PlanContext, 'target' | 'record'>,
  bindingId: string,
  topic: string,
): string {
  const { projectId, physicalName } = target;
  const fixed = { kind: 'queue', topic, ordered: true };
  const own = subscriptionName(projectId, ownId(target, bindingId, fixed));
  const hash = fixedHash({ physicalName, ...fixed });
  const isOfQueue = (id: string): boolean =>
    id.startsWith(subscriptionName(projectId, `polyfaas-${physicalName}-`)) &&
    id.endsWith(`-${hash}`);
  const known = record.made.filter(({ kind, id }) => kind === 'subscription' && isOfQueue(id));
  if (known.some(({ id }) => id === own)) return own;
  return known[0]?.id ?? own;
}
