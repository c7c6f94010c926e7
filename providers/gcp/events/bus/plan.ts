/** Buses: topics of Pub/Sub whose messages are CloudEvents (binary mode: attributes `ce-...`, the data as the body). */
import { NO_PARTS, type BindingParts, type EventOf, type PlanContext } from '../context.ts';
import { ownId, subscriptionName } from '../names.ts';
import { topicSource } from '../source.ts';
import { planPushed } from '../subscription/plan.ts';
import { busFilter } from './filter.ts';

export function planBus(
  context: PlanContext,
  bindingId: string,
  event: EventOf<'bus'>,
  policy: string,
): BindingParts {
  const { target } = context;
  const source = topicSource(context, event.bus);
  const filter = busFilter(event.pattern, source.name);
  const id = ownId(target, bindingId, { kind: 'bus', topic: source.id, filter });
  const pushed = planPushed(context, bindingId, event, {
    name: subscriptionName(target.projectId, id),
    topic: source.id,
    policy,
    filter,
    title: `Push the events of the bus "${source.name}" to the function`,
  });
  return {
    ...NO_PARTS,
    ...pushed,
    uses: [
      { source, field: 'bus', create: event.create, keepsLetters: false, consumer: null },
      ...pushed.uses,
    ],
    source: source.name,
  };
}
