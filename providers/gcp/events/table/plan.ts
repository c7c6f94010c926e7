/**
 * Tables: collections of Firestore. Eventarc delivers their changes, and knows neither attempts nor order; so the function
 * puts them into a topic of the binding's own at once, ordered by document, whose messages are pushed to it.
 */
import { RELAY_PATH } from '../../manifest.ts';
import type { MadeSource } from '../../record.ts';
import { NO_PARTS, type BindingParts, type EventOf, type PlanContext } from '../context.ts';
import { memberOf, ROLE } from '../grants/need.ts';
import { boundLabels } from '../labels.ts';
import { ownId, subscriptionName, topicName, triggerName } from '../names.ts';
import { tableSource } from '../source.ts';
import { EVENT_STEP, eventStep } from '../steps.ts';
import { planPushed } from '../subscription/plan.ts';

/** An Eventarc trigger, wished for. JSON. */
export interface TriggerWish {
  /** With `-` for its place, which is that of the database. */
  readonly name: string;
  readonly bindingId: string;
  /** The field of the binding that names the table. */
  readonly field: string;
  readonly projectId: string;
  readonly database: string;
  readonly collection: string;
  readonly serviceAccount: string;
  /** The Cloud Run service, by its plain name. */
  readonly service: string;
  readonly region: string;
  readonly path: string;
  readonly labels: Readonly<Record<string, string>>;
}

export function planTable(
  context: PlanContext,
  bindingId: string,
  event: EventOf<'table'>,
  policy: string,
): BindingParts {
  const { target } = context;
  const source = tableSource(context, event.table);
  const fixed = { kind: 'table', table: source.id };
  const id = ownId(target, bindingId, fixed);
  const topic = topicName(target.projectId, id);
  const pushed = planPushed(context, bindingId, event, {
    name: subscriptionName(target.projectId, id),
    topic,
    policy,
    ordered: true,
    title: `Push the changes of the table "${source.name}" to the function`,
  });
  const trigger: TriggerWish = {
    name: triggerName(target, bindingId, fixed),
    bindingId,
    field: 'table',
    projectId: source.projectId,
    database: source.database,
    collection: source.name,
    serviceAccount: target.serviceAccount,
    service: target.physicalName,
    region: target.location,
    path: `${RELAY_PATH}${bindingId}`,
    labels: boundLabels(target.ref, { id: bindingId, kind: 'table' }),
  };
  const delivered: MadeSource = { kind: 'trigger', id: `${trigger.name}#${source.database}` };
  return {
    ...NO_PARTS,
    ...pushed,
    uses: [
      { source, field: 'table', create: event.create, keepsLetters: false, consumer: null },
      ...pushed.uses,
    ],
    bound: [...pushed.bound, { kind: 'ownTopic', id: topic }, delivered],
    ownTopic: topic,
    ownGrants: [
      ...pushed.ownGrants,
      { resource: topic, role: ROLE.publisher, member: memberOf(target) },
      {
        resource: `projects/${target.projectId}`,
        role: ROLE.eventReceiver,
        member: memberOf(target),
      },
    ],
    after: [
      ...pushed.after,
      eventStep(target, {
        id: `event-${bindingId}-trigger`,
        kind: EVENT_STEP.trigger,
        title: `Have Firestore tell of the changes of "${source.name}"`,
        phase: 'bind',
        input: { trigger },
        makes: [delivered],
        locks: [trigger.name],
      }),
    ],
    source: source.name,
    relay: topic,
  };
}
