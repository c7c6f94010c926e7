/** What Resource Manager says of resources, whoever provides them. */
import { ArmFault } from '../../core/service.ts';

export function locationRequired(): ArmFault {
  return new ArmFault(
    400,
    'LocationRequired',
    'The location property is required for this definition.',
  );
}

export function otherLocation(name: string, is: string, asked: string): ArmFault {
  return new ArmFault(
    409,
    'InvalidResourceLocation',
    `The resource '${name}' already exists in location '${is}'. A resource with the same name cannot be created in location '${asked}'. Please select a new resource name.`,
  );
}

/** @param type `Microsoft.ServiceBus/namespaces` */
export function resourceNotFound(type: string, name: string, group: string): ArmFault {
  return new ArmFault(
    404,
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

/** @param type of the child: `namespaces/queues` */
export function parentNotFound(method: string, type: string, parentId: string): ArmFault {
  const action = method === 'GET' ? 'read' : method === 'DELETE' ? 'delete' : 'write';
  return new ArmFault(
    404,
    'ParentResourceNotFound',
    `Failed to perform '${action}' on resource(s) of type '${type}', because the parent resource '${parentId}' could not be found.`,
  );
}
