/** What Event Grid refuses with. */
import { guidOf } from '../core/guid.ts';
import type { FakeClock } from '../core/ports.ts';
import { ArmFault } from '../core/service.ts';

export function invalidRequest(message: string): ArmFault {
  return new ArmFault(400, 'InvalidRequest', message);
}

export function invalidSubscription(message: string): ArmFault {
  return invalidRequest(`Invalid event subscription request: ${message}`);
}

/** Something else is being done with it. */
export function underWay(type: string, name: string, state: string): ArmFault {
  return new ArmFault(
    409,
    'Conflict',
    `The operation cannot be performed on '${type}/${name}' because it is in provisioning state '${state}'.`,
  );
}

export function subscriptionNotFound(): ArmFault {
  return new ArmFault(404, 'ResourceNotFound', "Event subscription doesn't exist.");
}

/** What fails the operation that makes a subscription whose destination is not there. */
export function endpointNotFound(clock: FakeClock, what: string, detail: string): ArmFault {
  return new ArmFault(
    400,
    'Endpoint validation',
    `${what} endpoint not found. Resource details: ${detail}. Resource should pre-exist before attempting this operation. ${activity(clock, detail)}`,
  );
}

/** @param how which request went wrong, and how */
export function handshakeFailed(clock: FakeClock, url: string, how: string): ArmFault {
  return new ArmFault(
    400,
    'Url validation',
    `Webhook validation handshake failed for ${url}. ${how} For troublehooting, visit https://aka.ms/esvalidation. ${activity(clock, url)}`,
  );
}

/** Event Grid has it, and this fake does not: nobody shall take its refusal for one of the service. */
export function notOffered(what: string): Error {
  return new Error(`Event Grid's ${what} is not offered here`);
}

function activity(clock: FakeClock, seed: string): string {
  const at = new Date(clock.now()).toISOString();
  return `Activity id:${guidOf(`${seed} ${at}`)}, timestamp: ${at} (UTC).`;
}
