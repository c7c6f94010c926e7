/** Azure Event Grid: custom topics, system topics of storage accounts, and their subscriptions. */
import type { ArmCall, ArmProvider, EventGridPort, WireReply, World } from '../core/ports.ts';
import { sameId } from '../core/resource-id.ts';
import type { PlaneRequest } from '../core/service.ts';
import type { Resource } from '../service-bus/resource-tree/resource.ts';
import { ResourceTree } from '../service-bus/resource-tree/tree.ts';
import { BlobEvents } from './blob-events.ts';
import { Deliveries } from './deliveries.ts';
import type { GridEvent } from './events.ts';
import { passes } from './filters.ts';
import { publish } from './publish.ts';
import { checkedCloudEvent } from './read-events.ts';
import { SubscriptionApi } from './subscription-api.ts';
import { EventSubscriptions } from './subscriptions.ts';
import { sourceOf, systemTopicRules } from './system-topics.ts';
import { TopicKeys, topicRules } from './topics.ts';
import { invalidRequest } from './faults.ts';
import { NAMESPACE, SYSTEM_TOPICS, TOPICS } from './types.ts';

export interface EventGridFake extends EventGridPort {
  readonly provider: ArmProvider;
  /** A delivery is under way. */
  busy(): boolean;
  handle(request: PlaneRequest): Promise<WireReply>;
}

export function createEventGrid(world: World): EventGridFake {
  const keys = new TopicKeys();
  const deliveries = new Deliveries(world);
  const blobEvents = new BlobEvents(world);
  const subscriptions = new EventSubscriptions(world, (topic) => api.emptied(topic));
  const ofType = (type: string): readonly Resource[] =>
    tree.all.filter((one) => one.rules.type === type);
  const removed = (topic: Resource): void => {
    for (const one of subscriptions.of(topic)) subscriptions.remove(one);
  };
  const tree: ResourceTree = new ResourceTree(world, NAMESPACE, [
    topicRules({ world, keys, topics: () => ofType(TOPICS), removed }),
    systemTopicRules({ world, systemTopics: () => ofType(SYSTEM_TOPICS), removed }),
  ]);
  const api: SubscriptionApi = new SubscriptionApi({ world, tree, subscriptions });
  let isListening = false;

  function accept(topic: Resource, events: readonly GridEvent[]): void {
    const now = world.clock.now();
    for (const event of events) {
      for (const one of subscriptions.of(topic)) {
        const isOpen = one.isActive && one.state !== 'Deleting' && one.settings.expiresAt > now;
        if (isOpen && passes(one.settings.filter, event)) deliveries.begin(one, event);
      }
    }
  }

  /** When this is made, storage may not be there yet; and without a call there is no topic. */
  function listen(): void {
    if (isListening) return;
    isListening = true;
    world.blobs.onChange((change) => {
      const accountId = world.storage.idOf(change.account);
      if (accountId === undefined) return;
      const topic = ofType(SYSTEM_TOPICS).find((one) => sameId(sourceOf(one), accountId));
      const event = topic && blobEvents.of(change, accountId);
      if (event && tree.stateOf(topic) === 'ready') accept(topic, [event]);
    });
  }

  async function handle(call: ArmCall): Promise<WireReply | undefined> {
    listen();
    const reply = (await api.handle(call)) ?? (await tree.handle(call));
    // A PUT of a topic is answered alike, whether it was there or not.
    const isTopic = /\/topics\/[^/]+$/i.test(call.path);
    return reply?.status === 200 && call.method === 'PUT' && isTopic
      ? { ...reply, status: 201 }
      : reply;
  }

  return {
    provider: {
      namespace: NAMESPACE,
      handle,
      resourcesIn: (group) => tree.resourcesIn(group),
      deleteGroup: (group) => tree.deleteGroup(group),
      tags: (id) => tree.tags(id),
      setTags: (id, tags) => tree.setTags(id, tags),
      inventory: () => [
        ...tree.inventory(),
        ...subscriptions.all
          .filter(({ state }) => state !== 'Deleting')
          .map(({ topic, name }) => `event-grid eventSubscription ${topic.name}/${name}`),
      ],
      stop: async () => deliveries.stop(),
    },
    busy: () => deliveries.active > 0,
    handle: async (request) =>
      publish({ world, keys, accept, topic: (name) => tree.named(TOPICS, name) }, request),
    publish(topicId, events) {
      const topic = tree.find(topicId);
      if (!topic || topic.rules.type !== TOPICS || tree.stateOf(topic) !== 'ready') {
        throw new Error(`There is no Event Grid topic ${topicId}`);
      }
      if (topic.properties['inputSchema'] !== 'CloudEventSchemaV1_0') {
        throw new Error(`The Event Grid topic ${topicId} takes no CloudEvents`);
      }
      accept(
        topic,
        events.map((event) => ({
          schema: 'CloudEventSchemaV1_0',
          body: checkedCloudEvent(event, invalidRequest),
        })),
      );
    },
  };
}
