/** System topics: what storage accounts tell. */
import { guidOf } from '../core/guid.ts';
import type { World } from '../core/ports.ts';
import { sameId } from '../core/resource-id.ts';
import { resourceNotFound } from '../service-bus/resource-tree/faults.ts';
import { readFields } from '../service-bus/resource-tree/fields.ts';
import type { Resource, TypeRules, Wish, Wished } from '../service-bus/resource-tree/resource.ts';
import { invalidRequest, notOffered } from './faults.ts';
import { accountOf } from './storage-id.ts';
import { busyTopic, provisioningState } from './topics.ts';
import { API_VERSIONS, SYSTEM_TOPICS } from './types.ts';

export const STORAGE_TOPIC_TYPE = 'Microsoft.Storage.StorageAccounts';

const CREATION_MS = 5_000;
const DELETION_MS = 4_000;

export interface SystemTopicParts {
  readonly world: World;
  readonly systemTopics: () => readonly Resource[];
  readonly removed: (topic: Resource) => void;
}

export function systemTopicRules(parts: SystemTopicParts): TypeRules {
  return {
    type: SYSTEM_TOPICS,
    label: 'event-grid systemTopic',
    apiVersions: API_VERSIONS,
    isTracked: true,
    creation: { ms: CREATION_MS, reply: 'operation' },
    deletion: { ms: DELETION_MS, reply: 'accepted' },
    checkName(name) {
      if (/^[A-Za-z0-9-]{3,128}$/.test(name)) return;
      throw invalidRequest(
        `Invalid system topic name '${name}'. It must have 3 to 128 characters: letters, digits and '-'.`,
      );
    },
    wish: (wish) => wished(parts, wish),
    shown: (resource, state) => ({
      ...resource.properties,
      provisioningState: provisioningState(state),
      metricResourceId: guidOf(resource.id),
    }),
    busy: busyTopic,
    notFound: (name, group) => resourceNotFound(SYSTEM_TOPICS, name, group),
    removed: parts.removed,
  };
}

/** The ARM id of what a system topic tells about. */
export function sourceOf(topic: Resource): string {
  const { source } = topic.properties;
  return typeof source === 'string' ? source : '';
}

function wished({ world, systemTopics }: SystemTopicParts, wish: Wish): Wished {
  const { body, properties, found, call } = wish;
  const fields = readFields(properties, invalidRequest);
  const source = fields.text('source') ?? '';
  const topicType = fields.text('topicType') ?? '';
  if (source === '') throw invalidRequest('System topic source cannot be null or empty.');
  if (topicType === '') throw invalidRequest('System topic type cannot be null or empty.');
  if (found && !sameId(sourceOf(found), source)) {
    throw invalidRequest('System topic source cannot be modified.');
  }
  if (!sameId(topicType, STORAGE_TOPIC_TYPE)) throw notOffered(`topic type ${topicType}`);
  const account = accountOf(source);
  if (account === undefined) {
    throw invalidRequest(`The source '${source}' is not one of the topic type '${topicType}'.`);
  }
  if (!sameId(world.storage.idOf(account) ?? '', source)) {
    throw invalidRequest(`The source resource '${source}' could not be found.`);
  }
  const other = systemTopics().find(
    (one) => sameId(sourceOf(one), source) && !sameId(one.id, call.path),
  );
  if (other) {
    throw invalidRequest(
      `There is an existing tracked system topic for the given source ${source}. Only one system topic is allowed per source.`,
    );
  }
  const identity = body['identity'];
  return {
    ...(identity !== undefined && identity !== null && { top: { identity } }),
    properties: { source, topicType: STORAGE_TOPIC_TYPE },
  };
}
