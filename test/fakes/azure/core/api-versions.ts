import { ArmFault } from './service.ts';

/** Throws, as Resource Manager does, for a version that a resource type does not have. */
export function requireApiVersion(type: string, asked: string, supported: readonly string[]): void {
  if (supported.includes(asked.toLowerCase())) return;
  const [namespace = '', ...types] = type.split('/');
  throw new ArmFault(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for location 'westeurope' and API version '${asked}' for type '${types.join('/')}' of '${namespace}'. The supported api-versions are '${supported.join(', ')}'.`,
  );
}
