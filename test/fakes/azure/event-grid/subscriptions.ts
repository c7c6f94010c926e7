/** Event subscriptions, as Resource Manager shows and changes them. */
import type { JsonMap } from '../core/json.ts';
import type { WireReply, World } from '../core/ports.ts';
import { sameId } from '../core/resource-id.ts';
import type { Resource } from '../service-bus/resource-tree/resource.ts';
import { checkEndpoints } from './check-endpoints.ts';
import type { Subscriber } from './deliveries.ts';
import { invalidSubscription, subscriptionNotFound, underWay } from './faults.ts';
import { readSettings, shownSettings, type SubscriptionSettings } from './settings.ts';

export interface EventSubscription extends Subscriber {
  /** As the request that made it wrote it. */
  readonly id: string;
  readonly type: string;
  readonly topic: Resource;
  /** What its events are of: the topic, or the account of a system topic. */
  readonly shownTopic: string;
  /** What was asked for last, as it was sent. */
  sent: JsonMap;
  settings: SubscriptionSettings;
  /** What it is about to become. */
  pending: SubscriptionSettings | undefined;
  state: 'Creating' | 'Updating' | 'Deleting' | 'Succeeded' | 'Failed';
  /** It was made, and gets events. */
  isActive: boolean;
  isThere: boolean;
  deletion: Readonly<Record<string, string>> | undefined;
}

/** Which subscription a request is about. */
export interface Place {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly topic: Resource;
  readonly shownTopic: string;
  /** How long until its topic is there. */
  readonly topicReadyInMs: number;
}

const WRITE_MS = 6_000;
const DELETION_MS = 4_000;
const TYPE = 'Microsoft.EventGrid/eventSubscriptions';

export class EventSubscriptions {
  readonly #world: World;
  readonly #onEmpty: (topic: Resource) => void;
  #all: EventSubscription[] = [];

  /** @param onEmpty told of a topic whose last subscription is gone. */
  constructor(world: World, onEmpty: (topic: Resource) => void) {
    this.#world = world;
    this.#onEmpty = onEmpty;
  }

  get all(): readonly EventSubscription[] {
    return this.#all;
  }

  of(topic: Resource): readonly EventSubscription[] {
    return this.#all.filter((one) => one.topic === topic);
  }

  find(topic: Resource, name: string): EventSubscription | undefined {
    return this.of(topic).find((one) => sameId(one.name, name));
  }

  require(topic: Resource, name: string): EventSubscription {
    const found = this.find(topic, name);
    if (found) return found;
    throw subscriptionNotFound();
  }

  put(place: Place, sent: JsonMap): WireReply {
    const found = this.find(place.topic, place.name);
    if (found) return this.#change(found, sent);
    if (!/^[A-Za-z0-9-]{3,64}$/.test(place.name)) {
      throw invalidSubscription(
        `The name '${place.name}' is not valid. It must have 3 to 64 characters: letters, digits and '-'.`,
      );
    }
    const settings = readSettings(sent, place.topic, this.#world.clock.now());
    const made: EventSubscription = {
      id: place.id,
      name: place.name,
      type: place.type,
      topic: place.topic,
      shownTopic: place.shownTopic,
      sent,
      settings,
      pending: settings,
      state: 'Creating',
      isActive: false,
      isThere: true,
      deletion: undefined,
    };
    this.#all.push(made);
    return this.#write(made, place.topicReadyInMs + WRITE_MS);
  }

  /** The members of a PATCH stand beside each other, without `properties`. */
  patch(found: EventSubscription, body: JsonMap): WireReply {
    return this.#change(found, { ...found.sent, ...body });
  }

  delete(topic: Resource, name: string): WireReply {
    const found = this.find(topic, name);
    if (!found) return { status: 204 };
    if (found.deletion) return { status: 202, headers: found.deletion };
    this.#checkIdle(found);
    found.state = 'Deleting';
    found.deletion = this.#world.operations.begin({
      durationMs: DELETION_MS,
      end: () => {
        this.remove(found);
        if (this.of(topic).length === 0) this.#onEmpty(topic);
      },
    });
    return { status: 202, headers: found.deletion };
  }

  /** At once, without a word to anybody. */
  remove(subscription: EventSubscription): void {
    subscription.isThere = false;
    subscription.isActive = false;
    this.#all = this.#all.filter((one) => one !== subscription);
  }

  show(subscription: EventSubscription): JsonMap {
    const { id, name, type, state, shownTopic } = subscription;
    const settings = subscription.pending ?? subscription.settings;
    return {
      id,
      name,
      type,
      properties: { topic: shownTopic, provisioningState: state, ...shownSettings(settings) },
    };
  }

  #change(found: EventSubscription, sent: JsonMap): WireReply {
    this.#checkIdle(found);
    found.pending = readSettings(sent, found.topic, this.#world.clock.now());
    found.sent = sent;
    found.state = 'Updating';
    return this.#write(found, WRITE_MS);
  }

  #write(subscription: EventSubscription, durationMs: number): WireReply {
    const headers = this.#world.operations.begin({
      durationMs,
      end: () => this.#written(subscription),
      result: () => this.show(subscription),
    });
    return { status: 201, headers, body: this.show(subscription) };
  }

  async #written(subscription: EventSubscription): Promise<void> {
    const { pending, name, shownTopic } = subscription;
    if (!subscription.isThere || !pending) throw subscriptionNotFound();
    try {
      await checkEndpoints(this.#world, { name, topicId: shownTopic }, pending);
      subscription.settings = pending;
      subscription.isActive = true;
      subscription.state = 'Succeeded';
    } catch (error) {
      // What there was before stays as it was.
      subscription.state = subscription.isActive ? 'Succeeded' : 'Failed';
      throw error;
    } finally {
      subscription.pending = undefined;
    }
  }

  #checkIdle({ state, name }: EventSubscription): void {
    if (state !== 'Succeeded' && state !== 'Failed') throw underWay(TYPE, name, state);
  }
}
