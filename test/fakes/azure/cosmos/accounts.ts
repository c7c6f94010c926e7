/** Accounts of Azure Cosmos DB. */
import { at, mapOf, textOf } from '../core/json.ts';
import { resourceNotFound } from '../service-bus/resource-tree/faults.ts';
import { readFields } from '../service-bus/resource-tree/fields.ts';
import type { Resource, TypeRules, Wish, Wished } from '../service-bus/resource-tree/resource.ts';
import { badRequest, inProgress, nameTaken } from './faults.ts';

export const ACCOUNT_TYPE = 'Microsoft.DocumentDB/databaseAccounts';

/** An account takes minutes, and so does its deletion. */
const CREATION_MS = 180_000;
const DELETION_MS = 120_000;
const KINDS = ['GlobalDocumentDB', 'MongoDB', 'Parse'] as const;
const LEVELS = ['Eventual', 'Session', 'BoundedStaleness', 'Strong', 'ConsistentPrefix'] as const;

export function accountRules(apiVersions: readonly string[]): TypeRules {
  return {
    type: ACCOUNT_TYPE,
    label: 'cosmos account',
    apiVersions,
    isTracked: true,
    createdStatus: 200,
    creation: { ms: CREATION_MS, reply: 'operation' },
    deletion: { ms: DELETION_MS, reply: 'operation' },
    checkName(name) {
      if (/^[a-z0-9](?:[a-z0-9-]{1,42}[a-z0-9])$/.test(name)) return;
      throw badRequest(
        `The value of databaseAccount name '${name}' is invalid. It can contain only lowercase letters, numbers and the '-' character, and must be between 3 and 44 characters.`,
      );
    },
    wish: wished,
    shown: (resource, state) => ({
      provisioningState:
        state === 'ready' ? 'Succeeded' : state === 'making' ? 'Creating' : 'Deleting',
      ...resource.properties,
      ...(state === 'ready' && { documentEndpoint: endpointOf(resource) }),
    }),
    taken: nameTaken,
    busy: ({ name }) => inProgress(name),
    notFound: (name, group) => resourceNotFound(ACCOUNT_TYPE, name, group),
  };
}

export function endpointOf({ name }: Resource): string {
  return `https://${name}.documents.azure.com:443/`;
}

export function isServerless(account: Resource): boolean {
  return capabilitiesOf(account.properties['capabilities']).includes('EnableServerless');
}

function capabilitiesOf(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.map((one) => textOf(mapOf(one)['name'])) : [];
}

function wished({ body, properties, found }: Wish): Wished {
  const fields = readFields(properties, badRequest);
  const offer = fields.word('databaseAccountOfferType', ['Standard']);
  if (offer === undefined && !found) {
    throw badRequest('The databaseAccountOfferType property is required: it must be Standard.');
  }
  const locations = fields.list('locations') ?? [];
  if (locations.length === 0 || locations.some((one) => textOf(at(one, 'locationName')) === '')) {
    throw badRequest('At least one location must be specified, each with its locationName.');
  }
  const capabilities = fields.list('capabilities') ?? [];
  const names = capabilitiesOf(capabilities);
  const before = found && capabilitiesOf(found.properties['capabilities']);
  const wasServerless = before?.includes('EnableServerless');
  if (found && wasServerless !== names.includes('EnableServerless')) {
    throw badRequest('The capability EnableServerless of an existing account cannot be changed.');
  }
  const policy = readFields(mapOf(fields.map('consistencyPolicy')), badRequest);
  const kind = readFields(body, badRequest).word('kind', KINDS) ?? 'GlobalDocumentDB';
  if (kind !== 'GlobalDocumentDB') throw badRequest(`This fake has no accounts of kind '${kind}'.`);
  return {
    top: { kind },
    properties: {
      databaseAccountOfferType: 'Standard',
      locations,
      capabilities,
      consistencyPolicy: {
        defaultConsistencyLevel: policy.word('defaultConsistencyLevel', LEVELS) ?? 'Session',
      },
      disableLocalAuth: fields.flag('disableLocalAuth') ?? false,
      publicNetworkAccess: fields.word('publicNetworkAccess', ['Enabled', 'Disabled']) ?? 'Enabled',
      minimalTlsVersion: fields.word('minimalTlsVersion', ['Tls', 'Tls11', 'Tls12']) ?? 'Tls12',
    },
  };
}
