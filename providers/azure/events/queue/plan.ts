/** Queues: of Azure Storage, or of Service Bus. */
import { bindingSetting } from '../../manifest.ts';
import {
  deadLetterParts,
  draftOf,
  NO_PARTS,
  settingRef,
  triggerOf,
  type BindingParts,
  type EventOf,
  type PlanContext,
} from '../context.ts';
import { connectionName } from '../names.ts';
import { ROLE, type RoleNeed } from '../roles.ts';
import { queueSource, type SourceRef } from '../source.ts';

const QUEUE = 'QUEUE';

export function planQueue(
  context: PlanContext,
  bindingId: string,
  event: EventOf<'queue'>,
): BindingParts {
  const source = queueSource(context, event.queue);
  const dead = deadLetterParts(context, event);
  const service = source.service === 'serviceBus' ? 'serviceBus' : 'storage';
  const connection = connectionName(service, source.hostId);
  return {
    ...NO_PARTS,
    uses: [
      ...dead.uses,
      { source, field: 'queue', create: event.create, deliveries: event.retry.maxAttempts },
    ],
    roles: [...readerRoles(source), ...dead.roles],
    trigger: event.enabled
      ? triggerOf(bindingId, service === 'serviceBus' ? 'serviceBusQueue' : 'storageQueue', {
          queueName: settingRef(bindingId, QUEUE),
          connection,
        })
      : null,
    settings: { [bindingSetting(bindingId, QUEUE)]: source.name },
    connections: [{ name: connection, service, hostId: source.hostId }],
    source: source.name,
    deadLetter: dead.deadLetter,
    // The function sends a message again that is to come later. Service Bus delivers it again by itself, at once.
    again: service === 'storage' ? draftOf(source) : null,
  };
}

function readerRoles({ service, id }: SourceRef): readonly RoleNeed[] {
  return [
    {
      scope: id,
      roleId: service === 'serviceBus' ? ROLE.serviceBusReceiver : ROLE.queueContributor,
    },
  ];
}
