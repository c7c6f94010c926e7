/** What Resource Manager itself refuses with. */
import { ArmFault } from '../core/service.ts';

export function groupNotFound(name: string): ArmFault {
  return new ArmFault(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`);
}

export function groupBeingDeleted(name: string): ArmFault {
  return new ArmFault(
    409,
    'ResourceGroupBeingDeleted',
    `The resource group '${name}' is in deprovisioning state and cannot perform this operation.`,
  );
}

/** @param type `Microsoft.Web/sites` */
export function resourceNotFound(type: string, name: string, group: string): ArmFault {
  return new ArmFault(
    404,
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

export function invalidType(type: string, namespace: string, apiVersion: string): ArmFault {
  return new ArmFault(
    404,
    'InvalidResourceType',
    `The resource type '${type}' could not be found in the namespace '${namespace}' for api version '${apiVersion}'.`,
  );
}

export function invalidNamespace(namespace: string): ArmFault {
  return new ArmFault(
    404,
    'InvalidResourceNamespace',
    `The resource namespace '${namespace}' is invalid.`,
  );
}

export function methodNotAllowed(method: string, path: string): ArmFault {
  return new ArmFault(
    405,
    'MethodNotAllowed',
    `The request method '${method}' is not supported for '${path}'.`,
  );
}

/** Two ways of not being let in: without a token, and with a wrong one. */
export function unauthenticated(hasToken: boolean): ArmFault {
  const challenge = 'Bearer authorization_uri="https://login.windows.net/", error="invalid_token"';
  const headers = {
    'www-authenticate': `${challenge}, error_description="The token is not good."`,
  };
  return hasToken
    ? new ArmFault(401, 'InvalidAuthenticationToken', 'The access token is invalid.', { headers })
    : new ArmFault(
        401,
        'AuthenticationFailed',
        "Authentication failed. The 'Authorization' header is missing.",
        { headers },
      );
}
