/** Topics and subscriptions, and what goes from the ones to the others. */
import type { JsonMap } from '../core/json.ts';
import type { PublishedMessage, World } from '../core/ports.ts';
import { alreadyExists, notFound } from './faults.ts';
import { checkMessages, type Message } from './message.ts';
import { DELETED_TOPIC } from './names.ts';
import type { PushForm } from './push.ts';
import { completed, readSettings } from './settings.ts';
import { Subscription } from './subscription.ts';

export class Broker {
  readonly #world: World;
  readonly #topics = new Map<string, JsonMap>();
  readonly #subscriptions = new Map<string, Subscription>();
  #lastId = 10_000_000_000_000_000n;

  constructor(world: World) {
    this.#world = world;
  }

  get topics(): ReadonlyMap<string, JsonMap> {
    return this.#topics;
  }

  get subscriptions(): ReadonlyMap<string, Subscription> {
    return this.#subscriptions;
  }

  topic(name: string): JsonMap {
    const found = this.#topics.get(name);
    if (!found) throw notFound(name);
    return found;
  }

  /** Makes it, or changes it. */
  putTopic(name: string, resource: JsonMap): void {
    this.#topics.set(name, resource);
  }

  deleteTopic(name: string): void {
    this.topic(name);
    this.#topics.delete(name);
    this.#world.policies.delete(name);
    for (const subscription of this.#subscriptions.values()) this.#forget(subscription, name);
  }

  subscription(name: string): Subscription {
    const found = this.#subscriptions.get(name);
    if (!found) throw notFound(name);
    return found;
  }

  subscriptionsOf(topic: string): readonly Subscription[] {
    return [...this.#subscriptions.values()].filter(({ settings }) => settings.topic === topic);
  }

  /** @param wish in its normal form, its name in it */
  createSubscription(name: string, wish: JsonMap, form?: PushForm): Subscription {
    const resource = completed(wish);
    const settings = readSettings(this.#world, resource, (topic) => this.#topics.has(topic));
    if (this.#subscriptions.has(name)) throw alreadyExists(name);
    this.topic(settings.topic);
    const parts = {
      world: this.#world,
      name,
      form,
      publish: (topic: string, message: PublishedMessage) => void this.publish(topic, [message]),
    };
    const made = new Subscription(parts, resource, settings);
    this.#subscriptions.set(name, made);
    return made;
  }

  updateSubscription(subscription: Subscription, wish: JsonMap): void {
    const resource = completed(wish);
    const topicExists = (topic: string): boolean => this.#topics.has(topic);
    subscription.update(resource, readSettings(this.#world, resource, topicExists));
  }

  deleteSubscription(name: string): void {
    this.subscription(name).stop();
    this.#subscriptions.delete(name);
    this.#world.policies.delete(name);
  }

  publish(topic: string, messages: readonly PublishedMessage[]): readonly string[] {
    this.topic(topic);
    checkMessages(messages);
    const publishedMs = this.#world.clock.now();
    return messages.map(({ data, attributes = {}, orderingKey = '' }) => {
      this.#lastId += 1n;
      const messageId = String(this.#lastId);
      const message: Message = { messageId, publishedMs, data, attributes, orderingKey };
      for (const subscription of this.subscriptionsOf(topic)) subscription.offer(message);
      return messageId;
    });
  }

  stop(): void {
    for (const subscription of this.#subscriptions.values()) subscription.stop();
  }

  /** What a subscription says of a topic that is gone. */
  #forget(subscription: Subscription, topic: string): void {
    const { resource, settings } = subscription;
    const { deadLetter } = settings;
    const isDead = deadLetter?.topic === topic;
    if (settings.topic !== topic && !isDead) return;
    const isSource = settings.topic === topic;
    subscription.update(
      {
        ...resource,
        ...(isSource && { topic: DELETED_TOPIC }),
        ...(isDead && {
          deadLetterPolicy: {
            deadLetterTopic: DELETED_TOPIC,
            maxDeliveryAttempts: deadLetter.maxAttempts,
          },
        }),
      },
      {
        ...settings,
        ...(isSource && { topic: DELETED_TOPIC }),
        ...(isDead && { deadLetter: { ...deadLetter, topic: DELETED_TOPIC } }),
      },
    );
  }
}
