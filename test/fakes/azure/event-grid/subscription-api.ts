/**
 * The paths that event subscriptions are reached by: `{scope}/providers/Microsoft.EventGrid/eventSubscriptions/{n}`,
 * `topics/{t}/eventSubscriptions/{n}` and `systemTopics/{t}/eventSubscriptions/{n}`.
 */
import { requireApiVersion } from '../core/api-versions.ts';
import { guidOf } from '../core/guid.ts';
import { mapOf } from '../core/json.ts';
import type { ArmCall, WireReply, World } from '../core/ports.ts';
import { parseId, sameId, type ResourceId } from '../core/resource-id.ts';
import { parentNotFound } from '../service-bus/resource-tree/faults.ts';
import type { Resource } from '../service-bus/resource-tree/resource.ts';
import type { ResourceTree } from '../service-bus/resource-tree/tree.ts';
import { invalidSubscription, notOffered, subscriptionNotFound } from './faults.ts';
import { accountOf } from './storage-id.ts';
import type { EventSubscription, EventSubscriptions } from './subscriptions.ts';
import { sourceOf, STORAGE_TOPIC_TYPE } from './system-topics.ts';
import { API_VERSIONS, NAMESPACE, SYSTEM_TOPICS, TOPICS } from './types.ts';

export interface SubscriptionApiParts {
  readonly world: World;
  readonly tree: ResourceTree;
  readonly subscriptions: EventSubscriptions;
}

/** A path, taken apart. */
interface Address {
  /** The topic's own path, or what the subscription extends. */
  readonly scope: string;
  readonly isNested: boolean;
  /** Undefined for the list. */
  readonly name: string | undefined;
  readonly action: string | undefined;
}

export class SubscriptionApi {
  readonly #parts: SubscriptionApiParts;
  /** System topics that came with a subscription of an account, and go with the last one. */
  readonly #implied = new Set<Resource>();

  constructor(parts: SubscriptionApiParts) {
    this.#parts = parts;
  }

  /** Undefined for a path of something else. */
  async handle(call: ArmCall): Promise<WireReply | undefined> {
    const id = parseId(call.path);
    const address = id && addressOf(call.path, id);
    if (!address) return undefined;
    requireApiVersion(`${NAMESPACE}/eventSubscriptions`, call.apiVersion, API_VERSIONS);
    const { name, action } = address;
    if (name === undefined) return call.method === 'GET' ? this.#list(address) : undefined;
    const topic = this.#topicOf(call, address);
    if (action !== undefined) return this.#act(call, topic, name, action);
    if (call.method === 'PUT') return this.#put(call, address, name, topic);
    if (!topic) {
      if (call.method === 'DELETE') return { status: 204 };
      throw subscriptionNotFound();
    }
    return this.#onOne(call, topic, name);
  }

  /** A system topic that was made by the way goes when nobody listens to it any more. */
  emptied(topic: Resource): void {
    if (this.#implied.delete(topic)) this.#parts.tree.remove(topic);
  }

  #onOne(call: ArmCall, topic: Resource, name: string): WireReply | undefined {
    const { subscriptions } = this.#parts;
    if (call.method === 'DELETE') return subscriptions.delete(topic, name);
    const found = subscriptions.require(topic, name);
    if (call.method === 'GET') return { status: 200, body: subscriptions.show(found) };
    return call.method === 'PATCH' ? subscriptions.patch(found, mapOf(call.body)) : undefined;
  }

  async #put(
    call: ArmCall,
    address: Address,
    name: string,
    known: Resource | undefined,
  ): Promise<WireReply> {
    const { tree, subscriptions, world } = this.#parts;
    const isImplied = known !== undefined && this.#implied.has(known);
    if (known && !isImplied && tree.stateOf(known) !== 'ready') throw known.rules.busy(known);
    const topic = known ?? (await this.#implyTopic(call, address.scope));
    try {
      return subscriptions.put(
        {
          id: call.path,
          name,
          type: address.isNested
            ? `${topic.rules.type}/eventSubscriptions`
            : `${NAMESPACE}/eventSubscriptions`,
          topic,
          shownTopic: address.isNested ? topic.id : address.scope,
          topicReadyInMs: Math.max(topic.readyAt - world.clock.now(), 0),
        },
        mapOf(mapOf(call.body)['properties']),
      );
    } catch (error) {
      if (subscriptions.of(topic).length === 0) this.emptied(topic);
      throw error;
    }
  }

  #act(
    call: ArmCall,
    topic: Resource | undefined,
    name: string,
    action: string,
  ): WireReply | undefined {
    if (!topic) throw subscriptionNotFound();
    const { destination } = this.#parts.subscriptions.require(topic, name).settings;
    if (call.method !== 'POST' || action !== 'getfullurl') return undefined;
    if (destination.kind === 'WebHook') {
      return { status: 200, body: { endpointUrl: destination.url } };
    }
    throw invalidSubscription(`The event subscription '${name}' has no webhook.`);
  }

  #list(address: Address): WireReply {
    const { subscriptions } = this.#parts;
    const value = this.#listed(address).map((one) => subscriptions.show(one));
    return { status: 200, body: { value } };
  }

  /** Of a topic or an account; or all of a group or subscription, whatever they belong to. */
  #listed(address: Address): readonly EventSubscription[] {
    const { subscriptions } = this.#parts;
    const group = /^\/subscriptions\/[^/]+(?:\/resourceGroups\/([^/]+))?$/i.exec(address.scope);
    if (!address.isNested && group) {
      const [, name] = group;
      return subscriptions.all.filter(
        ({ topic }) => name === undefined || sameId(topic.resourceGroup, name),
      );
    }
    const topic = this.#found(address);
    if (!topic && address.isNested) throw this.#noParent('GET', address);
    return topic ? subscriptions.of(topic) : [];
  }

  #topicOf(call: ArmCall, address: Address): Resource | undefined {
    const topic = this.#found(address);
    if (topic) return topic;
    if (address.isNested) throw this.#noParent(call.method, address);
    if (accountOf(address.scope) === undefined) throw notOffered(`scope ${address.scope}`);
    return undefined;
  }

  #found({ scope, isNested }: Address): Resource | undefined {
    const { tree } = this.#parts;
    const found = tree.find(scope);
    if (found && !isNested && found.rules.type === SYSTEM_TOPICS) {
      throw invalidSubscription(
        `Event subscriptions of the system topic '${found.name}' are its children: use '${scope}/eventSubscriptions'.`,
      );
    }
    return (
      found ??
      tree.all.find((one) => one.rules.type === SYSTEM_TOPICS && sameId(sourceOf(one), scope))
    );
  }

  #noParent(method: string, { scope }: Address) {
    const kind = scope.split('/').at(-2) ?? 'topics';
    return parentNotFound(method, `${kind}/eventSubscriptions`, scope);
  }

  /** An account that is listened to has a system topic, whether somebody made one or not. */
  async #implyTopic(call: ArmCall, accountId: string): Promise<Resource> {
    const { tree, world } = this.#parts;
    const group = accountId.split('/').slice(0, 5).join('/');
    const name = `${accountOf(accountId)}-${guidOf(`system topic ${accountId.toLowerCase()}`)}`;
    const path = `${group}/providers/${SYSTEM_TOPICS}/${name}`;
    const properties = { source: accountId, topicType: STORAGE_TOPIC_TYPE };
    await tree.handle({
      ...call,
      method: 'PUT',
      path,
      body: { location: world.location, properties },
    });
    const made = tree.find(path);
    if (!made) throw new Error(`The system topic ${path} was not made`);
    this.#implied.add(made);
    return made;
  }
}

const NESTED = new RegExp(
  `^(.+/providers/(?:${TOPICS}|${SYSTEM_TOPICS})/[^/]+)/eventSubscriptions(?:/([^/]+)(?:/([^/]+))?)?$`,
  'i',
);

function addressOf(path: string, { scope, rest }: ResourceId): Address | undefined {
  const nested = NESTED.exec(path);
  if (nested) {
    const [, topic = '', name, action] = nested;
    return { scope: topic, isNested: true, name, action: action?.toLowerCase() };
  }
  const [type = '', name, action, ...more] = rest;
  if (type.toLowerCase() !== 'eventsubscriptions' || more.length > 0) return undefined;
  return { scope, isNested: false, name, action: action?.toLowerCase() };
}
