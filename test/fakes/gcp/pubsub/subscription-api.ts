/** `projects.subscriptions`. https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions */
import { GoogleFault } from '../core/fault.ts';
import { mapOf, textOf, type JsonMap } from '../core/json.ts';
import type { RestCall, WireReply, World } from '../core/ports.ts';
import { protoJson } from '../core/proto-json.ts';
import type { Broker } from './broker.ts';
import { checkRange, invalid } from './faults.ts';
import { checkName, DELETED_TOPIC } from './names.ts';
import { pageOf } from './pages.ts';
import { handlePolicy } from './policy-api.ts';
import { demand, type Permission } from './roles.ts';
import type { Subscription } from './subscription.ts';
import { checkedMask } from './mask.ts';

const PROTO = protoJson('pubsub');
const MUTABLE = [
  'pushConfig',
  'ackDeadlineSeconds',
  'retainAckedMessages',
  'messageRetentionDuration',
  'labels',
  'expirationPolicy',
  'deadLetterPolicy',
  'retryPolicy',
];
const MAX_PULLED = 1000;

export class SubscriptionApi {
  readonly #world: World;
  readonly #broker: Broker;

  constructor(world: World, broker: Broker) {
    this.#world = world;
    this.#broker = broker;
  }

  list(call: RestCall, project: string): WireReply | undefined {
    if (call.method !== 'GET') return undefined;
    demand(this.#world, call.caller, 'pubsub.subscriptions.list', project);
    const query = PROTO.decodeQuery('ListSubscriptionsRequest', call.query);
    const { items, next } = pageOf([...this.#broker.subscriptions.values()], query);
    return {
      status: 200,
      body: PROTO.encode('ListSubscriptionsResponse', {
        subscriptions: items.map(resourceOf),
        nextPageToken: next,
      }),
    };
  }

  one(call: RestCall, name: string): WireReply | undefined {
    if (call.method === 'PUT') return this.#create(call, name);
    checkName('subscriptions', name, call.method === 'PATCH' ? 'name' : 'subscription');
    if (call.method === 'PATCH') return this.#update(call, name);
    if (call.method === 'GET') {
      PROTO.decodeQuery('GetSubscriptionRequest', call.query);
      return shown(this.#known(call, name, 'pubsub.subscriptions.get'));
    }
    if (call.method !== 'DELETE') return undefined;
    PROTO.decodeQuery('DeleteSubscriptionRequest', call.query);
    this.#known(call, name, 'pubsub.subscriptions.delete');
    this.#broker.deleteSubscription(name);
    return done();
  }

  act(call: RestCall, name: string, verb: string): WireReply | undefined {
    const action = call.method === 'POST' ? this.#actions[verb] : undefined;
    if (action) {
      checkName('subscriptions', name, 'subscription');
      return action(call, name);
    }
    return handlePolicy(this.#world, call, {
      name,
      verb,
      kind: 'subscriptions',
      demand: (permission) => void this.#known(call, name, permission),
    });
  }

  readonly #actions: Readonly<Record<string, (call: RestCall, name: string) => WireReply>> = {
    pull: (call, name) => {
      const { maxMessages = 0 } = PROTO.decode('PullRequest', call.body);
      checkRange('max_messages', Number(maxMessages), { min: 1, max: Number.MAX_SAFE_INTEGER });
      const found = this.#pulled(call, name);
      const receivedMessages = found.pull(Math.min(Number(maxMessages), MAX_PULLED));
      return { status: 200, body: PROTO.encode('PullResponse', { receivedMessages }) };
    },
    acknowledge: (call, name) => {
      const { ackIds } = PROTO.decode('AcknowledgeRequest', call.body);
      const found = this.#pulled(call, name);
      for (const id of checkedIds(ackIds)) found.acknowledge(id);
      return done();
    },
    modifyAckDeadline: (call, name) => {
      const body = PROTO.decode('ModifyAckDeadlineRequest', call.body);
      const seconds = Number(body['ackDeadlineSeconds'] ?? 0);
      if (seconds < 0 || seconds > 600) {
        throw invalid(
          `Invalid ack deadline given (ack_deadline=${seconds}). The ack deadline must be between 0 and 600 seconds.`,
        );
      }
      const found = this.#pulled(call, name);
      for (const id of checkedIds(body['ackIds'])) found.extend(id, seconds * 1000);
      return done();
    },
    modifyPushConfig: (call, name) => {
      const { pushConfig = {} } = PROTO.decode('ModifyPushConfigRequest', call.body);
      const found = this.#known(call, name, 'pubsub.subscriptions.update');
      this.#broker.updateSubscription(found, { ...found.resource, pushConfig });
      return done();
    },
  };

  #create(call: RestCall, name: string): WireReply {
    checkName('subscriptions', name, 'name');
    const wish = PROTO.inputOf('Subscription', PROTO.decode('Subscription', call.body));
    const topic = textOf(wish['topic']);
    // A subscription never begins without its topic, so the name of a deleted one is none here.
    checkName('topics', topic, 'topic');
    demand(this.#world, call.caller, 'pubsub.subscriptions.create', name);
    demand(this.#world, call.caller, 'pubsub.topics.attachSubscription', topic);
    return shown(this.#broker.createSubscription(name, { ...wish, name }));
  }

  #update(call: RestCall, name: string): WireReply {
    const { subscription, updateMask } = PROTO.decode('UpdateSubscriptionRequest', call.body);
    const paths = checkedMask('Subscription', updateMask, MUTABLE);
    const found = this.#known(call, name, 'pubsub.subscriptions.update');
    const wish = PROTO.inputOf('Subscription', mapOf(subscription));
    this.#broker.updateSubscription(found, PROTO.applyMask(found.resource, wish, paths));
    return shown(found);
  }

  #pulled(call: RestCall, name: string): Subscription {
    const found = this.#known(call, name, 'pubsub.subscriptions.consume');
    if (found.settings.push) {
      throw new GoogleFault(
        'FAILED_PRECONDITION',
        'This method is not supported for this subscription type.',
      );
    }
    return found;
  }

  #known(call: RestCall, name: string, permission: Permission): Subscription {
    const found = this.#broker.subscription(name);
    demand(this.#world, call.caller, permission, name);
    return found;
  }
}

function checkedIds(ids: unknown): readonly string[] {
  const texts = Array.isArray(ids) ? ids.map(textOf) : [];
  if (texts.length === 0) throw invalid('No ack ids specified.');
  return texts;
}

function resourceOf({ resource }: Subscription): JsonMap {
  const isOrphan = resource['topic'] === DELETED_TOPIC;
  return { ...resource, ...(!isOrphan && { state: 'ACTIVE' }) };
}

function shown(subscription: Subscription): WireReply {
  return { status: 200, body: PROTO.encode('Subscription', resourceOf(subscription)) };
}

function done(): WireReply {
  return { status: 200, body: {} };
}
