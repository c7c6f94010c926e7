/** Custom topics. */
import { randomBytes } from 'node:crypto';
import { guidOf } from '../core/guid.ts';
import { textOf } from '../core/json.ts';
import type { ArmCall, WireReply, World } from '../core/ports.ts';
import { sameId } from '../core/resource-id.ts';
import { resourceNotFound } from '../service-bus/resource-tree/faults.ts';
import { readFields } from '../service-bus/resource-tree/fields.ts';
import type {
  Resource,
  ResourceState,
  TypeRules,
  Wish,
  Wished,
} from '../service-bus/resource-tree/resource.ts';
import { API_VERSIONS, TOPICS } from './types.ts';
import { invalidRequest, notOffered, underWay } from './faults.ts';

/** How events have to be sent to a topic. */
export const INPUT_SCHEMAS = [
  'EventGridSchema',
  'CloudEventSchemaV1_0',
  'CustomEventSchema',
] as const;

const CREATION_MS = 5_000;
const DELETION_MS = 4_000;

export interface TopicParts {
  readonly world: World;
  readonly topics: () => readonly Resource[];
  readonly removed: (topic: Resource) => void;
  readonly keys: TopicKeys;
}

/** Access keys, two for each topic. */
export class TopicKeys {
  readonly #keys = new Map<string, Record<'key1' | 'key2', string>>();

  of({ id }: Resource): Record<'key1' | 'key2', string> {
    const found = this.#keys.get(id.toLowerCase()) ?? { key1: newKey(), key2: newKey() };
    this.#keys.set(id.toLowerCase(), found);
    return found;
  }

  drop({ id }: Resource): void {
    this.#keys.delete(id.toLowerCase());
  }
}

export function topicRules(parts: TopicParts): TypeRules {
  return {
    type: TOPICS,
    label: 'event-grid topic',
    apiVersions: API_VERSIONS,
    isTracked: true,
    creation: { ms: CREATION_MS, reply: 'operation' },
    deletion: { ms: DELETION_MS, reply: 'accepted' },
    checkName(name) {
      if (/^[A-Za-z0-9-]{3,50}$/.test(name)) return;
      throw invalidRequest(
        `Invalid topic name '${name}'. It must have 3 to 50 characters: letters, digits and '-'.`,
      );
    },
    wish: (wish) => wished(parts, wish),
    shown: (resource, state) => ({
      ...resource.properties,
      provisioningState: provisioningState(state),
      endpoint:
        state === 'making' ? null : `${parts.world.planes.eventGrid}/${resource.name}/api/events`,
      metricResourceId: guidOf(resource.id),
      privateEndpointConnections: [],
    }),
    busy: busyTopic,
    notFound: (name, group) => resourceNotFound(TOPICS, name, group),
    removed(topic) {
      parts.keys.drop(topic);
      parts.removed(topic);
    },
    action: (topic, name, call) => keyAction(parts.keys.of(topic), name, call),
  };
}

export function provisioningState(state: ResourceState): string {
  return state === 'ready' ? 'Succeeded' : state === 'making' ? 'Creating' : 'Deleting';
}

/** Of a topic that cannot be used now. */
export function busyTopic(resource: Resource) {
  const state = resource.deletion ? 'Deleting' : 'Creating';
  return underWay(resource.rules.type, resource.name, state);
}

function wished({ topics }: TopicParts, { name, call, body, properties, found }: Wish): Wished {
  const fields = readFields(properties, invalidRequest);
  const inputSchema = fields.word('inputSchema', INPUT_SCHEMAS) ?? 'EventGridSchema';
  if (inputSchema === 'CustomEventSchema') throw notOffered("input schema of one's own");
  if (found && found.properties['inputSchema'] !== inputSchema) {
    throw invalidRequest('The input schema of a topic cannot be modified.');
  }
  // The name is the first part of the topic's host name.
  if (topics().some((one) => sameId(one.name, name) && !sameId(one.id, call.path))) {
    throw invalidRequest(`The topic name '${name}' is already in use in this region.`);
  }
  const identity = body['identity'];
  return {
    ...(identity !== undefined && identity !== null && { top: { identity } }),
    properties: {
      inputSchema,
      publicNetworkAccess: fields.word('publicNetworkAccess', ['Enabled', 'Disabled']) ?? 'Enabled',
      inboundIpRules: fields.list('inboundIpRules') ?? [],
      disableLocalAuth: fields.flag('disableLocalAuth') ?? false,
      dataResidencyBoundary:
        fields.word('dataResidencyBoundary', ['WithinGeopair', 'WithinRegion']) ?? 'WithinGeopair',
      minimumTlsVersionAllowed:
        fields.word('minimumTlsVersionAllowed', ['1.0', '1.1', '1.2']) ?? '1.2',
    },
  };
}

function keyAction(
  keys: Record<'key1' | 'key2', string>,
  name: string,
  call: ArmCall,
): WireReply | undefined {
  if (name === 'listkeys') return { status: 200, body: { ...keys } };
  if (name !== 'regeneratekey') return undefined;
  const asked = textOf(Object(call.body)['keyName']);
  if (asked !== 'key1' && asked !== 'key2') {
    throw invalidRequest(`Invalid key name '${asked}'. It must be key1 or key2.`);
  }
  keys[asked] = newKey();
  return { status: 200, body: { ...keys } };
}

function newKey(): string {
  return randomBytes(32).toString('base64');
}
