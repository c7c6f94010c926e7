/** Namespaces, of Service Bus and of Event Hubs. */
import { mapOf, textOf } from '../core/json.ts';
import { ArmFault } from '../core/service.ts';
import { badRequest, inTransition, nameTaken } from './faults.ts';
import { resourceNotFound } from './resource-tree/faults.ts';
import { readFields } from './resource-tree/fields.ts';
import type { Resource, TypeRules, Wish, Wished } from './resource-tree/resource.ts';

export interface NamespaceKind {
  /** `Microsoft.ServiceBus/namespaces` */
  readonly type: string;
  readonly label: string;
  readonly apiVersions: readonly string[];
  /** Where its data plane is. */
  endpoint(name: string): string;
  /** Most of what can be bought of each. */
  readonly maxCapacity: Readonly<Record<'Basic' | 'Standard' | 'Premium', number>>;
  readonly defaultCapacity: number | undefined;
}

/** A namespace takes about a minute, and its deletion as long. */
const CREATION_MS = 45_000;
const DELETION_MS = 30_000;
const SKUS = ['Basic', 'Standard', 'Premium'] as const;
const NAME = /^[A-Za-z](?=.{4,48}[A-Za-z0-9]$)[A-Za-z0-9-]*$/;

export function namespaceRules(kind: NamespaceKind): TypeRules {
  return {
    type: kind.type,
    label: kind.label,
    apiVersions: kind.apiVersions,
    isTracked: true,
    createdStatus: 200,
    creation: { ms: CREATION_MS, reply: 'resource' },
    deletion: { ms: DELETION_MS, reply: 'location' },
    checkName(name) {
      if (NAME.test(name) && !/(?:-|-sb|-mgmt)$/i.test(name)) return;
      throw new ArmFault(
        400,
        'BadRequest',
        `The specified service namespace is invalid: '${name}' must have 6 to 50 letters, digits and '-', begin with a letter, end with a letter or a digit, and not end with '-sb' or '-mgmt'.`,
      );
    },
    wish: (wish) => wished(kind, wish),
    shown(resource, state) {
      const isReady = state === 'ready';
      return {
        ...resource.properties,
        provisioningState: isReady ? 'Succeeded' : state === 'making' ? 'Created' : 'Deleting',
        status: isReady ? 'Active' : state === 'making' ? 'Activating' : 'Removing',
        createdAt: new Date(resource.createdAt).toISOString(),
        updatedAt: new Date(resource.updatedAt).toISOString(),
        serviceBusEndpoint: kind.endpoint(resource.name),
        metricId: `${resource.id.split('/')[2]}:${resource.name}`,
      };
    },
    taken: nameTaken,
    busy: inTransition,
    notFound: (name, group) => resourceNotFound(kind.type, name, group),
  };
}

function wished(kind: NamespaceKind, { body, properties, found }: Wish): Wished {
  const sku = readFields(mapOf(body['sku']), badRequest);
  const before = SKUS.find((one) => found && skuOf(found) === one);
  const name = sku.word('name', SKUS) ?? before ?? 'Standard';
  const tier = sku.word('tier', SKUS) ?? name;
  if (tier !== name) throw badRequest(`The sku's tier '${tier}' does not fit its name '${name}'.`);
  if (before && (before === 'Premium') !== (name === 'Premium')) {
    throw badRequest(`The sku of a namespace cannot be changed from '${before}' to '${name}'.`);
  }
  const capacity = sku.count('capacity', 1, kind.maxCapacity[name]) ?? kind.defaultCapacity;
  const fields = readFields(properties, badRequest);
  return {
    top: { sku: { name, tier, ...(capacity !== undefined && { capacity }) } },
    properties: {
      disableLocalAuth: fields.flag('disableLocalAuth') ?? false,
      zoneRedundant: fields.flag('zoneRedundant') ?? false,
      publicNetworkAccess: fields.word('publicNetworkAccess', ['Enabled', 'Disabled']) ?? 'Enabled',
      minimumTlsVersion: fields.word('minimumTlsVersion', ['1.0', '1.1', '1.2']) ?? '1.2',
      ...(kind.defaultCapacity !== undefined && {
        isAutoInflateEnabled: fields.flag('isAutoInflateEnabled') ?? false,
        maximumThroughputUnits: fields.count('maximumThroughputUnits', 0, 40) ?? 0,
        kafkaEnabled: name !== 'Basic',
      }),
    },
  };
}

export function skuOf(namespace: Resource): string {
  return textOf(mapOf(namespace.top['sku'])['name']);
}
