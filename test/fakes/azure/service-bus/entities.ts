/** Queues, topics and subscriptions: what may be set on them. */
import { textOf, type JsonMap } from '../core/json.ts';
import { namespaceOf } from './broker.ts';
import { badRequest, conflicting, entityNotFound } from './faults.ts';
import { skuOf } from './namespaces.ts';
import { FOREVER, FOREVER_MS } from './resource-tree/duration.ts';
import { readFields } from './resource-tree/fields.ts';
import {
  AT_ONCE,
  type Resource,
  type TypeRules,
  type Wish,
  type Wished,
} from './resource-tree/resource.ts';
import type { ResourceTree } from './resource-tree/tree.ts';

export interface EntityParts {
  readonly apiVersions: readonly string[];
  tree(): ResourceTree;
  /** A queue or subscription that holds messages was made, or is gone. */
  made(entity: Resource): void;
  removed(entity: Resource): void;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const NAME = /^[A-Za-z0-9](?:[\w./~-]{0,258}[A-Za-z0-9])?$/;
const SHORT_NAME = /^[A-Za-z0-9](?:[\w.-]{0,48}[A-Za-z0-9])?$/;
/** What cannot be changed once it is made. */
const FIXED = ['requiresSession', 'requiresDuplicateDetection', 'enablePartitioning'];
/** What Basic namespaces do not have. */
const NOT_BASIC = [
  'requiresSession',
  'requiresDuplicateDetection',
  'forwardTo',
  'forwardDeadLetteredMessagesTo',
  'autoDeleteOnIdle',
];
const SIZES = [1024, 2048, 3072, 4096, 5120, 10_240, 20_480, 40_960, 81_920];

export function queueRules(parts: EntityParts): TypeRules {
  return {
    ...common(parts, 'Microsoft.ServiceBus/namespaces/queues', 'service bus queue', 'Queue'),
    checkName: (name) => checkName(NAME, name, 'queue', 260),
    wish(wish) {
      refuseTwin(parts, wish, 'topics');
      checkBasic(wish);
      return changeable(wish, { ...holding(parts, wish), ...accepting(wish) });
    },
    made: (resource) => parts.made(resource),
    removed: (resource) => parts.removed(resource),
  };
}

export function topicRules(parts: EntityParts): TypeRules {
  return {
    ...common(parts, 'Microsoft.ServiceBus/namespaces/topics', 'service bus topic', 'Topic'),
    checkName: (name) => checkName(NAME, name, 'topic', 260),
    wish(wish) {
      refuseTwin(parts, wish, 'queues');
      if (wish.parent && skuOf(wish.parent) === 'Basic') {
        throw badRequest(
          `Topics cannot be made because the namespace '${wish.parent.name}' is using the 'Basic' Tier. This operation is only supported in 'Standard' or 'Premium' tier.`,
        );
      }
      const fields = readFields(wish.properties, badRequest);
      return changeable(wish, {
        ...accepting(wish),
        supportOrdering: fields.flag('supportOrdering') ?? true,
      });
    },
    shown: (resource) => ({
      ...resource.properties,
      ...times(resource),
      subscriptionCount: parts.tree().children(resource, 'subscriptions').length,
    }),
  };
}

export function subscriptionRules(parts: EntityParts, defaultRule: JsonMap): TypeRules {
  const type = 'Microsoft.ServiceBus/namespaces/topics/subscriptions';
  return {
    ...common(parts, type, 'service bus subscription', 'Subscription'),
    checkName: (name) => checkName(SHORT_NAME, name, 'subscription', 50),
    wish(wish) {
      const fields = readFields(wish.properties, badRequest);
      return changeable(wish, {
        ...holding(parts, wish),
        deadLetteringOnFilterEvaluationExceptions:
          fields.flag('deadLetteringOnFilterEvaluationExceptions') ?? true,
      });
    },
    made(resource) {
      parts.made(resource);
      parts.tree().add(resource, 'rules', '$Default', defaultRule);
    },
    removed: (resource) => parts.removed(resource),
  };
}

function common(
  parts: EntityParts,
  type: string,
  label: string,
  word: string,
): Omit<TypeRules, 'checkName' | 'wish'> {
  return {
    type,
    label,
    apiVersions: parts.apiVersions,
    isTracked: false,
    createdStatus: 200,
    creation: AT_ONCE,
    deletion: AT_ONCE,
    shown: (resource) => ({ ...resource.properties, ...times(resource) }),
    busy: ({ name }) => conflicting(name),
    notFound: (name) => entityNotFound(word, name),
  };
}

function times({ createdAt, updatedAt }: Resource): JsonMap {
  const [created, updated] = [createdAt, updatedAt].map((time) => new Date(time).toISOString());
  return { createdAt: created, updatedAt: updated, accessedAt: '0001-01-01T00:00:00Z' };
}

function checkName(pattern: RegExp, name: string, word: string, most: number): void {
  if (pattern.test(name)) return;
  throw badRequest(
    `The ${word}'s name '${name}' must have 1 to ${most} letters, digits, '.', '-' and '_', and begin and end with a letter or a digit.`,
  );
}

/** What holds messages: queues and subscriptions. */
function holding(parts: EntityParts, wish: Wish): JsonMap {
  const fields = readFields(wish.properties, badRequest);
  return {
    lockDuration: fields.span('lockDuration', 5 * SECOND, 5 * MINUTE) ?? 'PT1M',
    maxDeliveryCount: fields.count('maxDeliveryCount', 1, 2000) ?? 10,
    requiresSession: fields.flag('requiresSession') ?? false,
    deadLetteringOnMessageExpiration: fields.flag('deadLetteringOnMessageExpiration') ?? false,
    defaultMessageTimeToLive:
      fields.span('defaultMessageTimeToLive', SECOND, FOREVER_MS + SECOND) ?? defaultSpan(wish),
    autoDeleteOnIdle: fields.span('autoDeleteOnIdle', 5 * MINUTE, FOREVER_MS + SECOND) ?? FOREVER,
    enableBatchedOperations: fields.flag('enableBatchedOperations') ?? true,
    ...forwarding(parts, wish, 'forwardTo'),
    ...forwarding(parts, wish, 'forwardDeadLetteredMessagesTo'),
    status:
      fields.word('status', ['Active', 'Disabled', 'SendDisabled', 'ReceiveDisabled']) ?? 'Active',
  };
}

/** What takes messages: queues and topics. */
function accepting(wish: Wish): JsonMap {
  const fields = readFields(wish.properties, badRequest);
  const size = fields.count('maxSizeInMegabytes', 1, 81_920) ?? 1024;
  if (!SIZES.includes(size)) {
    throw badRequest(
      `The specified value ${size} is invalid. The property MaxSizeInMegabytes must be one of the following values: 1024;2048;3072;4096;5120.`,
    );
  }
  const isPremium = wish.parent !== undefined && skuOf(wish.parent) === 'Premium';
  if (!isPremium && fields.count('maxMessageSizeInKilobytes', 0, 102_400)) {
    throw badRequest('MaxMessageSizeInKilobytes can only be set in the Premium tier.');
  }
  return {
    maxSizeInMegabytes: size,
    maxMessageSizeInKilobytes: wish.properties['maxMessageSizeInKilobytes'] ?? 256,
    requiresDuplicateDetection: fields.flag('requiresDuplicateDetection') ?? false,
    duplicateDetectionHistoryTimeWindow:
      fields.span('duplicateDetectionHistoryTimeWindow', 20 * SECOND, 7 * DAY) ?? 'PT10M',
    enablePartitioning: fields.flag('enablePartitioning') ?? false,
    enableExpress: fields.flag('enableExpress') ?? false,
    enableBatchedOperations: fields.flag('enableBatchedOperations') ?? true,
    defaultMessageTimeToLive:
      fields.span('defaultMessageTimeToLive', SECOND, FOREVER_MS + SECOND) ?? defaultSpan(wish),
    status:
      fields.word('status', ['Active', 'Disabled', 'SendDisabled', 'ReceiveDisabled']) ?? 'Active',
  };
}

/** Basic namespaces keep messages for 14 days at most. */
function defaultSpan({ parent }: Wish): string {
  return parent && skuOf(namespaceOf(parent)) === 'Basic' ? 'P14D' : FOREVER;
}

function forwarding(parts: EntityParts, wish: Wish, property: string): JsonMap {
  const target = textOf(wish.properties[property]);
  if (target === '' || !wish.parent) return {};
  const namespace = namespaceOf(wish.parent);
  const isSelf = target.toLowerCase() === wish.name.toLowerCase() && wish.parent === namespace;
  const tree = parts.tree();
  const found = tree.child(namespace, 'queues', target) ?? tree.child(namespace, 'topics', target);
  if (!found || isSelf) {
    throw badRequest(
      `The ${property} destination entity '${target}' of '${wish.name}' does not exist or is the entity itself.`,
    );
  }
  return { [property]: target };
}

/** A queue and a topic of a namespace cannot have the same name. */
function refuseTwin(parts: EntityParts, { name, parent }: Wish, kind: string): void {
  if (parent && parts.tree().child(parent, kind, name)) {
    throw badRequest(`Another entity with the name '${name}' exists in '${parent.name}'.`);
  }
}

function checkBasic({ parent, properties }: Wish): void {
  if (!parent || skuOf(parent) !== 'Basic') return;
  const wrong = NOT_BASIC.find(
    (name) => properties[name] !== undefined && properties[name] !== false,
  );
  if (wrong === undefined) return;
  throw badRequest(
    `The property '${wrong}' can't be set when creating a Queue because the namespace '${parent.name}' is using the 'Basic' Tier. This operation is only supported in 'Standard' or 'Premium' tier.`,
  );
}

function changeable({ found }: Wish, properties: JsonMap): Wished {
  const changed = FIXED.find((name) => found && found.properties[name] !== properties[name]);
  if (changed === undefined) return { properties };
  throw badRequest(
    `The value for the '${changed}' property of an existing Queue(or Topic) can't be changed.`,
  );
}
