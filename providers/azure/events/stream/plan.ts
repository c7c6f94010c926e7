/** Streams: Event Hubs, each binding with a consumer group of its own. */
import { bindingSetting } from '../../manifest.ts';
import {
  deadLetterParts,
  NO_PARTS,
  settingRef,
  triggerOf,
  type BindingParts,
  type EventOf,
  type PlanContext,
} from '../context.ts';
import { connectionName, subscriptionName } from '../names.ts';
import { registrationRetry } from '../retry.ts';
import { ROLE } from '../roles.ts';
import { hubSource } from '../source.ts';
import { eventStep } from '../steps.ts';

const HUB = 'HUB';
const GROUP = 'GROUP';

/** The ARM id of the consumer group of a binding. */
export function consumerGroupId(
  { target }: Pick<PlanContext, 'target'>,
  bindingId: string,
  hubId: string,
): string {
  return `${hubId}/consumergroups/${subscriptionName(target, bindingId)}`;
}

export function planStream(
  context: PlanContext,
  bindingId: string,
  event: EventOf<'stream'>,
): BindingParts {
  const { target } = context;
  const dead = deadLetterParts(context, event);
  const source = hubSource(context, event.stream);
  const connection = connectionName('eventHubs', source.hostId);
  const group = subscriptionName(target, bindingId);
  const groupId = consumerGroupId(context, bindingId, source.id);
  const retry = registrationRetry(event.retry, dead.deadLetter !== null);
  return {
    ...NO_PARTS,
    uses: [...dead.uses, { source, field: 'stream', create: event.create }],
    roles: [{ scope: source.id, roleId: ROLE.eventHubsReceiver }, ...dead.roles],
    bound: [{ kind: 'consumerGroup', id: groupId }],
    prepare: [
      eventStep(target, {
        id: `event-${bindingId}-own`,
        kind: 'ensure-consumer-group',
        title: `Have a consumer group of the stream "${source.name}" ready`,
        phase: 'prepare',
        input: { groupId, bindingId },
      }),
    ],
    trigger: event.enabled
      ? triggerOf(bindingId, 'eventHub', {
          eventHubName: settingRef(bindingId, HUB),
          consumerGroup: settingRef(bindingId, GROUP),
          connection,
          cardinality: 'many',
          ...(retry === undefined ? {} : { retry }),
        })
      : null,
    settings: {
      [bindingSetting(bindingId, HUB)]: source.name,
      [bindingSetting(bindingId, GROUP)]: group,
    },
    connections: [{ name: connection, service: 'eventHubs', hostId: source.hostId }],
    source: source.name,
    deadLetter: dead.deadLetter,
  };
}
