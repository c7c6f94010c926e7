/** Topics of Pub/Sub, each binding with a subscription of its own. */
import { NO_PARTS, type BindingParts, type EventOf, type PlanContext } from '../context.ts';
import { ownId, subscriptionName } from '../names.ts';
import { topicSource } from '../source.ts';
import { planPushed } from '../subscription/plan.ts';
import { topicFilter } from './filter.ts';

export function planTopic(
  context: PlanContext,
  bindingId: string,
  event: EventOf<'topic'>,
  policy: string,
): BindingParts {
  const { target } = context;
  const source = topicSource(context, event.topic);
  const filter = topicFilter(event.filter);
  const id = ownId(target, bindingId, { kind: 'topic', topic: source.id, filter });
  const pushed = planPushed(context, bindingId, event, {
    name: subscriptionName(target.projectId, id),
    topic: source.id,
    policy,
    filter,
    title: `Push the messages of the topic "${source.name}" to the function`,
  });
  return {
    ...NO_PARTS,
    ...pushed,
    uses: [
      { source, field: 'topic', create: event.create, keepsLetters: false, consumer: null },
      ...pushed.uses,
    ],
    source: source.name,
  };
}
