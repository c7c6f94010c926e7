/** `projects.topics`. https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics */
import { mapOf, type JsonMap } from '../core/json.ts';
import { checkLabels } from '../core/labels.ts';
import type { RestCall, WireReply, World } from '../core/ports.ts';
import { protoJson } from '../core/proto-json.ts';
import type { Broker } from './broker.ts';
import { alreadyExists, notSupported } from './faults.ts';
import { messageOf } from './message.ts';
import { checkName } from './names.ts';
import { pageOf } from './pages.ts';
import { handlePolicy } from './policy-api.ts';
import { demand, type Permission } from './roles.ts';
import { checkedMask } from './mask.ts';
import { readRetention } from './settings.ts';

const PROTO = protoJson('pubsub');
const MUTABLE = ['labels', 'messageStoragePolicy', 'messageRetentionDuration'];
const NOT_OFFERED = [
  'schemaSettings',
  'ingestionDataSourceSettings',
  'messageTransforms',
  'kmsKeyName',
  'tags',
];

export class TopicApi {
  readonly #world: World;
  readonly #broker: Broker;

  constructor(world: World, broker: Broker) {
    this.#world = world;
    this.#broker = broker;
  }

  list(call: RestCall, project: string): WireReply | undefined {
    if (call.method !== 'GET') return undefined;
    demand(this.#world, call.caller, 'pubsub.topics.list', project);
    const query = PROTO.decodeQuery('ListTopicsRequest', call.query);
    const { items, next } = pageOf([...this.#broker.topics.values()], query);
    return {
      status: 200,
      body: PROTO.encode('ListTopicsResponse', { topics: items, nextPageToken: next }),
    };
  }

  one(call: RestCall, name: string): WireReply | undefined {
    if (call.method === 'PUT') return this.#create(call, name);
    checkName('topics', name, call.method === 'PATCH' ? 'name' : 'topic');
    if (call.method === 'PATCH') return this.#update(call, name);
    if (call.method === 'GET') {
      PROTO.decodeQuery('GetTopicRequest', call.query);
      return shown(this.#known(call, name, 'pubsub.topics.get'));
    }
    if (call.method !== 'DELETE') return undefined;
    PROTO.decodeQuery('DeleteTopicRequest', call.query);
    this.#known(call, name, 'pubsub.topics.delete');
    this.#broker.deleteTopic(name);
    return { status: 200, body: {} };
  }

  subscriptions(call: RestCall, name: string): WireReply | undefined {
    if (call.method !== 'GET') return undefined;
    checkName('topics', name, 'topic');
    const query = PROTO.decodeQuery('ListTopicSubscriptionsRequest', call.query);
    this.#known(call, name, 'pubsub.topics.get');
    const names = this.#broker.subscriptionsOf(name).map((one) => one.name);
    const { items, next } = pageOf(names, query);
    return {
      status: 200,
      body: PROTO.encode('ListTopicSubscriptionsResponse', {
        subscriptions: items,
        nextPageToken: next,
      }),
    };
  }

  act(call: RestCall, name: string, verb: string): WireReply | undefined {
    if (verb === 'publish' && call.method === 'POST') return this.#publish(call, name);
    return handlePolicy(this.#world, call, {
      name,
      verb,
      kind: 'topics',
      demand: (permission) => void this.#known(call, name, permission),
    });
  }

  #create(call: RestCall, name: string): WireReply {
    checkName('topics', name, 'name');
    const wish = PROTO.inputOf('Topic', PROTO.decode('Topic', call.body));
    demand(this.#world, call.caller, 'pubsub.topics.create', name);
    const resource = checked({ ...wish, name });
    if (this.#broker.topics.has(name)) throw alreadyExists(name);
    this.#broker.putTopic(name, resource);
    return shown(resource);
  }

  #update(call: RestCall, name: string): WireReply {
    const { topic, updateMask } = PROTO.decode('UpdateTopicRequest', call.body);
    const paths = checkedMask('Topic', updateMask, MUTABLE);
    const current = this.#known(call, name, 'pubsub.topics.update');
    const wish = PROTO.inputOf('Topic', mapOf(topic));
    const resource = checked(PROTO.applyMask(current, wish, paths));
    this.#broker.putTopic(name, resource);
    return shown(resource);
  }

  #publish(call: RestCall, name: string): WireReply {
    checkName('topics', name, 'topic');
    const { messages = [] } = PROTO.decode('PublishRequest', call.body);
    this.#known(call, name, 'pubsub.topics.publish');
    const sent = Array.isArray(messages) ? messages.map((one) => messageOf(mapOf(one))) : [];
    const messageIds = this.#broker.publish(name, sent);
    return { status: 200, body: PROTO.encode('PublishResponse', { messageIds }) };
  }

  #known(call: RestCall, name: string, permission: Permission): JsonMap {
    const found = this.#broker.topic(name);
    demand(this.#world, call.caller, permission, name);
    return found;
  }
}

function checked(resource: JsonMap): JsonMap {
  for (const field of NOT_OFFERED) {
    if (resource[field] !== undefined) throw notSupported(`Topic.${field}`);
  }
  checkLabels(resource['labels']);
  const retention = resource['messageRetentionDuration'];
  if (retention !== undefined) readRetention('message_retention_duration', retention);
  return resource;
}

function shown(resource: JsonMap): WireReply {
  return { status: 200, body: PROTO.encode('Topic', { ...resource, state: 'ACTIVE' }) };
}
