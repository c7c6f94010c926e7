/** What Service Bus and Event Hubs refuse with: both are served by the same resource provider. */
import { guidOf } from '../core/guid.ts';
import { ArmFault } from '../core/service.ts';

/** https://learn.microsoft.com/azure/service-bus-messaging/service-bus-resource-manager-exceptions */
export function badRequest(message: string): ArmFault {
  return new ArmFault(
    400,
    'BadRequest',
    `SubCode=40000. ${message} CorrelationId: ${guidOf(message)}`,
  );
}

/** Another operation is under way. */
export function inTransition(): ArmFault {
  return new ArmFault(
    429,
    '429',
    'Namespace provisioning in transition. For more information visit https://aka.ms/eventhubsarmexceptions.',
    { headers: { 'retry-after': '5' } },
  );
}

export function conflicting(name: string): ArmFault {
  return new ArmFault(
    409,
    'Conflict',
    `SubCode=40901. Another conflicting operation is in progress on '${name}'.`,
  );
}

/** A name that is taken anywhere in the world. */
export function nameTaken(name: string): ArmFault {
  return new ArmFault(
    409,
    'Conflict',
    `The specified name '${name}' is not available. For more information visit https://aka.ms/eventhubsarmexceptions.`,
  );
}

/** @param type `Queue`, `Topic`, `Subscription`, `EventHub` */
export function entityNotFound(type: string, name: string): ArmFault {
  return new ArmFault(
    404,
    'NotFound',
    `The requested ${type} '${name}' was not found. CorrelationId: ${guidOf(name)}`,
  );
}
