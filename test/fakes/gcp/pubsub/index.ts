/** Cloud Pub/Sub: topics, subscriptions, pushes, pulls and dead letters. */
import type { ApiService, PubSubPort, RestCall, WireReply, World } from '../core/ports.ts';
import { alreadyExists, noProject, shortName } from './faults.ts';
import { Broker } from './broker.ts';
import { checkName, projectOf } from './names.ts';
import { SubscriptionApi } from './subscription-api.ts';
import { TopicApi } from './topic-api.ts';

export interface PubSubFake extends PubSubPort {
  readonly services: readonly ApiService[];
  /** A push is under way, or due at the clock's present time. */
  busy(): boolean;
  stop(): Promise<void>;
}

const PATH =
  /^\/v1\/(projects\/[^/]+)\/(topics|subscriptions)(?:\/([^/:]+)(?::([^/]+)|(\/subscriptions))?)?$/;

export function createPubSub(world: World): PubSubFake {
  const broker = new Broker(world);
  const topics = new TopicApi(world, broker);
  const subscriptions = new SubscriptionApi(world, broker);

  function route(call: RestCall): WireReply | undefined {
    const [, project = '', kind = '', id, verb, nested] = PATH.exec(call.path) ?? [];
    if (kind === '') return undefined;
    if (projectOf(project) !== world.projectId) throw noProject(projectOf(project));
    const api = kind === 'topics' ? topics : subscriptions;
    if (id === undefined) return api.list(call, project);
    const name = `${project}/${kind}/${id}`;
    if (verb !== undefined) return api.act(call, name, verb);
    if (nested === undefined) return api.one(call, name);
    return kind === 'topics' ? topics.subscriptions(call, name) : undefined;
  }

  const lineOf = (kind: string, name: string): string =>
    `${kind} ${projectOf(name) === world.projectId ? shortName(name) : name}`;

  async function stop(): Promise<void> {
    broker.stop();
  }

  return {
    services: [
      {
        api: 'pubsub',
        handle: async (call) => route(call),
        inventory: () => [
          ...[...broker.topics.keys()].map((name) => lineOf('topic', name)),
          ...[...broker.subscriptions.keys()].map((name) => lineOf('subscription', name)),
        ],
        stop,
      },
    ],
    busy: () => [...broker.subscriptions.values()].some((one) => one.isBusy),
    stop,
    publish: (topic, messages) => broker.publish(topic, messages),
    topicExists: (topic) => broker.topics.has(topic),
    createTopic(topic) {
      checkName('topics', topic, 'name');
      if (broker.topics.has(topic)) throw alreadyExists(topic);
      broker.putTopic(topic, { name: topic });
    },
    createPushSubscription({ name, topic, endpoint, serviceAccount, audience, form }) {
      checkName('subscriptions', name, 'name');
      const oidcToken = { serviceAccountEmail: serviceAccount, audience };
      const pushConfig = { pushEndpoint: endpoint, oidcToken };
      broker.createSubscription(name, { name, topic, pushConfig }, form);
    },
    deleteTopic: (topic) => broker.deleteTopic(topic),
    deleteSubscription: (subscription) => broker.deleteSubscription(subscription),
    peek: (subscription) => broker.subscriptions.get(subscription)?.peek() ?? [],
    drain: (subscription) => broker.subscriptions.get(subscription)?.drain() ?? [],
    subscriptionsOf: (topic) => broker.subscriptionsOf(topic).map(({ name }) => name),
  };
}
