/** Event hubs and their consumer groups: what may be set on them. */
import { mapOf, textOf } from '../core/json.ts';
import { badRequest, conflicting, entityNotFound } from '../service-bus/faults.ts';
import { skuOf } from '../service-bus/namespaces.ts';
import { readFields } from '../service-bus/resource-tree/fields.ts';
import {
  AT_ONCE,
  type Resource,
  type TypeRules,
  type Wish,
  type Wished,
} from '../service-bus/resource-tree/resource.ts';
import type { ResourceTree } from '../service-bus/resource-tree/tree.ts';

export interface HubParts {
  readonly apiVersions: readonly string[];
  tree(): ResourceTree;
  made(hub: Resource): void;
  removed(hub: Resource): void;
}

/** What every hub has. */
export const DEFAULT_GROUP = '$Default';

/** https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas */
const MAX_DAYS: Readonly<Record<string, number>> = { Basic: 1, Standard: 7, Premium: 90 };
const MAX_GROUPS: Readonly<Record<string, number>> = { Basic: 1, Standard: 20, Premium: 100 };
const MAX_HUBS = 10;

export function hubRules(parts: HubParts): TypeRules {
  return {
    ...common(parts, 'Microsoft.EventHub/namespaces/eventhubs', 'event hub', 'EventHub'),
    checkName(name) {
      if (/^[A-Za-z0-9](?:[\w.-]{0,254}[A-Za-z0-9])?$/.test(name)) return;
      throw badRequest(
        `The event hub's name '${name}' must have 1 to 256 letters, digits, '.', '-' and '_', and begin and end with a letter or a digit.`,
      );
    },
    wish: (wish) => wishedHub(parts, wish),
    shown(resource) {
      const count = Number(resource.properties['partitionCount']);
      return {
        ...resource.properties,
        ...times(resource),
        status: 'Active',
        partitionIds: Array.from({ length: count }, (_, id) => String(id)),
      };
    },
    made(resource) {
      parts.tree().add(resource, 'consumergroups', DEFAULT_GROUP, {});
      parts.made(resource);
    },
    removed: (resource) => parts.removed(resource),
  };
}

export function groupRules(parts: HubParts): TypeRules {
  const type = 'Microsoft.EventHub/namespaces/eventhubs/consumergroups';
  return {
    ...common(parts, type, 'event hub consumer group', 'ConsumerGroup'),
    checkName(name) {
      if (/^[A-Za-z0-9$](?:[\w.-]{0,48}[A-Za-z0-9])?$/.test(name)) return;
      throw badRequest(`The consumer group's name '${name}' must have 1 to 50 characters.`);
    },
    wish({ found, parent, properties }) {
      const hub = parent;
      const sku = hub?.parent ? skuOf(hub.parent) : 'Standard';
      const count = hub ? parts.tree().children(hub, 'consumergroups').length : 0;
      const most = MAX_GROUPS[sku] ?? 20;
      if (!found && count >= most) {
        throw badRequest(
          `Exceeded the maximum number of allowed receivers per partition in a consumer group: an event hub of the ${sku} tier has at most ${most} consumer groups.`,
        );
      }
      const userMetadata = readFields(properties, badRequest).text('userMetadata');
      return { properties: userMetadata === undefined ? {} : { userMetadata } };
    },
    shown: (resource) => ({ ...resource.properties, ...times(resource) }),
  };
}

function common(
  parts: HubParts,
  type: string,
  label: string,
  word: string,
): Omit<TypeRules, 'checkName' | 'wish' | 'shown'> {
  return {
    type,
    label,
    apiVersions: parts.apiVersions,
    isTracked: false,
    createdStatus: 200,
    creation: AT_ONCE,
    deletion: AT_ONCE,
    busy: ({ name }) => conflicting(name),
    notFound: (name) => entityNotFound(word, name),
  };
}

function times({ createdAt, updatedAt }: Resource): { createdAt: string; updatedAt: string } {
  return {
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}

function wishedHub(parts: HubParts, { parent, found, properties }: Wish): Wished {
  const sku = parent ? skuOf(parent) : 'Standard';
  const fields = readFields(properties, badRequest);
  const before = found ? Number(found.properties['partitionCount']) : undefined;
  const partitionCount =
    fields.count('partitionCount', 1, sku === 'Premium' ? 100 : 32) ?? before ?? 4;
  if (before !== undefined && partitionCount !== before) {
    throw badRequest("PartitionCount can't be changed for an event hub.");
  }
  if (parent && !found && parts.tree().children(parent, 'eventhubs').length >= MAX_HUBS) {
    throw badRequest(
      `The maximum number of resources of type EventHub has been reached or exceeded. Actual: ${MAX_HUBS + 1}, Max allowed: ${MAX_HUBS}.`,
    );
  }
  const hours = retention(sku, properties);
  const capture = mapOf(properties['captureDescription']);
  if (capture['enabled'] === true) throw badRequest('This fake does not capture.');
  return {
    properties: {
      partitionCount,
      messageRetentionInDays: Math.max(1, Math.floor(hours / 24)),
      retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: hours },
    },
  };
}

function retention(sku: string, properties: Wish['properties']): number {
  const most = MAX_DAYS[sku] ?? 7;
  const fields = readFields(properties, badRequest);
  const description = mapOf(fields.map('retentionDescription'));
  if (textOf(description['cleanupPolicy']).toLowerCase() === 'compact') {
    throw badRequest('This fake does not compact.');
  }
  const days = fields.count('messageRetentionInDays', 1, 90);
  if (days !== undefined && days > most) {
    throw badRequest(
      `The value '${days}' for MessageRetentionInDays isn't valid for the ${sku} tier. The value can't exceed '${most}' day(s).`,
    );
  }
  const hours = readFields(description, badRequest).count('retentionTimeInHours', 1, most * 24);
  return hours ?? (days ?? Math.min(most, 7)) * 24;
}
