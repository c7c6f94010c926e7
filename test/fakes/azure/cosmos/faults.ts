/** What Azure Cosmos DB refuses with. */
import { guidOf } from '../core/guid.ts';
import { ArmFault } from '../core/service.ts';

/** Most of its messages are those of its inner service, wrapped. */
export function badRequest(message: string): ArmFault {
  return new ArmFault(400, 'BadRequest', `${message}\r\nActivityId: ${guidOf(message)}`);
}

export function inProgress(name: string): ArmFault {
  return new ArmFault(
    412,
    'PreconditionFailed',
    `There is already an operation in progress which requires exclusive lock on this service ${name}. Please retry the operation after sometime.\r\nActivityId: ${guidOf(name)}`,
  );
}

export function nameTaken(name: string): ArmFault {
  return badRequest(`Dns record for ${name} under zone Document is already taken.`);
}

export function notFound(name: string): ArmFault {
  const inner = `{"Errors":["Resource Not Found. Learn more: https://aka.ms/cosmosdb-tsg-not-found"]}`;
  return new ArmFault(
    404,
    'NotFound',
    `Message: ${inner}\r\nActivityId: ${guidOf(name)}, Microsoft.Azure.Documents.Common/2.14.0`,
  );
}
