/** Azure Service Bus: namespaces with queues and topics, the REST API for senders, and its triggers. */
import { guidOf } from '../core/guid.ts';
import type { ArmCall, ArmProvider, ServiceBusPort, WireReply, World } from '../core/ports.ts';
import type { PlaneRequest } from '../core/service.ts';
import { watchSites } from '../listeners/bindings.ts';
import { Broker, DEAD_LETTERS } from './broker.ts';
import { queueRules, subscriptionRules, topicRules } from './entities.ts';
import { ServiceBusListener } from './listener.ts';
import type { MessageStore } from './message-store.ts';
import { nameAvailability } from './name-availability.ts';
import { namespaceRules } from './namespaces.ts';
import { ServiceBusPlane } from './plane.ts';
import { lazily } from './resource-tree/lazily.ts';
import type { Resource } from './resource-tree/resource.ts';
import { ResourceTree } from './resource-tree/tree.ts';
import { DEFAULT_RULE, ruleRules } from './rules.ts';

const NAMESPACE = 'Microsoft.ServiceBus';
const API_VERSIONS = [
  '2017-04-01',
  '2021-06-01-preview',
  '2021-11-01',
  '2022-01-01-preview',
  '2022-10-01-preview',
  '2023-01-01-preview',
  '2024-01-01',
  '2025-05-01-preview',
];

export interface ServiceBusFake extends ServiceBusPort {
  readonly provider: ArmProvider;
  /** Deliveries are under way, or due now. */
  busy(): boolean;
  handle(request: PlaneRequest): Promise<WireReply>;
  /** Lets the name of a namespace be somebody else's. */
  plant(namespace: string): void;
}

export function createServiceBus(world: World): ServiceBusFake {
  const broker = new Broker(world, () => tree);
  const entities = {
    apiVersions: API_VERSIONS,
    tree: (): ResourceTree => tree,
    made: (entity: Resource) => broker.open(entity),
    removed: (entity: Resource) => broker.close(entity),
  };
  const tree: ResourceTree = new ResourceTree(world, NAMESPACE, [
    namespaceRules({
      type: `${NAMESPACE}/namespaces`,
      label: 'service bus namespace',
      apiVersions: API_VERSIONS,
      endpoint: (name) => `${world.planes.serviceBus}/${name}/`,
      maxCapacity: { Basic: 1, Standard: 1, Premium: 16 },
      defaultCapacity: undefined,
    }),
    queueRules(entities),
    topicRules(entities),
    subscriptionRules(entities, DEFAULT_RULE),
    ruleRules(API_VERSIONS),
  ]);
  const plane = new ServiceBusPlane(world, tree, broker);
  const listeners = new Set<ServiceBusListener>();
  const watching = lazily(() =>
    watchSites(world, ({ siteId, host, triggers }) => {
      const own = triggers
        .filter(({ type }) => type.toLowerCase() === 'servicebustrigger')
        .map((trigger) => new ServiceBusListener({ world, tree, broker, siteId, host, trigger }));
      for (const listener of own) {
        listeners.add(listener);
        listener.wake();
      }
      const unwatch = broker.onOpen(() => own.forEach((listener) => listener.wake()));
      return () => {
        unwatch();
        for (const listener of own) listener.stop();
      };
    }),
  );
  let sent = 0;

  function entityOf(namespace: string, path: string): Resource {
    const found = tree.named(`${NAMESPACE}/namespaces`, namespace);
    const [name = '', word, subscription] = path.split('/');
    const topic = found && tree.child(found, 'topics', name);
    const entity =
      topic && word?.toLowerCase() === 'subscriptions' && subscription !== undefined
        ? tree.child(topic, 'subscriptions', subscription)
        : ((found && tree.child(found, 'queues', name)) ?? topic);
    if (entity) return entity;
    throw new Error(`There is no ${path} in a Service Bus namespace ${namespace}`);
  }

  /** `orders`, `orders/$deadletterqueue`, `news/subscriptions/one`, `news/subscriptions/one/$deadletterqueue` */
  function storeOf(namespace: string, path: string): MessageStore | undefined {
    const entity = entityOf(namespace, path);
    const isDead = path.toLowerCase().endsWith(`/${DEAD_LETTERS}`);
    return isDead ? broker.deadOf(entity) : broker.storeOf(entity);
  }

  return {
    provider: {
      namespace: NAMESPACE,
      handle: async (call: ArmCall) => {
        watching.start();
        return nameAvailability(call, tree, API_VERSIONS) ?? tree.handle(call);
      },
      resourcesIn: (group) => tree.resourcesIn(group),
      deleteGroup: (group) => tree.deleteGroup(group),
      tags: (id) => tree.tags(id),
      setTags: (id, tags) => tree.setTags(id, tags),
      // Rules belong to their subscription.
      inventory: () => tree.inventory().filter((line) => !line.startsWith('service bus rule ')),
      stop: async () => watching.stop(),
    },
    busy: () => watching.busy() || [...listeners].some((listener) => listener.isBusy),
    handle: (request) => Promise.resolve(plane.handle(request)),
    plant: (name) => tree.plant(name),
    send(namespace, entity, body, options = {}) {
      watching.start();
      sent += 1;
      broker.send(entityOf(namespace, entity), {
        body,
        messageId: options.messageId ?? guidOf(`message ${sent}`).replaceAll('-', ''),
        contentType: options.contentType,
        subject: options.subject,
        sessionId: options.sessionId,
        correlationId: undefined,
        to: undefined,
        replyTo: undefined,
        applicationProperties: options.applicationProperties ?? {},
        enqueueAt: options.enqueueAt ?? world.clock.now(),
        timeToLiveMs: undefined,
      });
    },
    peek: (namespace, entity) => storeOf(namespace, entity)?.messages ?? [],
    drain: (namespace, entity) => storeOf(namespace, entity)?.drain() ?? [],
  };
}
