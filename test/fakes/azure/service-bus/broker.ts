/** Where messages go: into queues, through topics into subscriptions, and to dead-letter queues. */
import { durationMs, FOREVER_MS } from './resource-tree/duration.ts';
import { textOf } from '../core/json.ts';
import type { World } from '../core/ports.ts';
import type { Resource } from './resource-tree/resource.ts';
import type { ResourceTree } from './resource-tree/tree.ts';
import type { Message, MessageDraft } from './message.ts';
import { MessageStore } from './message-store.ts';
import { matcherOf } from './rules.ts';

/** The sub-queue of what was given up. */
export const DEAD_LETTERS = '$deadletterqueue';
/** So often a message may be forwarded. */
const MAX_HOPS = 4;
const DUPLICATES_MS = 600_000;

export class Broker {
  readonly #world: World;
  readonly #tree: () => ResourceTree;
  readonly #stores = new Map<Resource, MessageStore>();
  readonly #dead = new Map<Resource, MessageStore>();
  /** When messages with an id were seen, by entity, for duplicate detection. */
  readonly #seen = new Map<Resource, Map<string, number>>();
  readonly #openListeners = new Set<() => void>();

  constructor(world: World, tree: () => ResourceTree) {
    this.#world = world;
    this.#tree = tree;
  }

  /** Begins to keep messages for a queue or a subscription. */
  open(entity: Resource): void {
    const text = (name: string): string => textOf(entity.properties[name]);
    const store = new MessageStore(entity.id, this.#world.clock, {
      maxDeliveryCount: () => Number(entity.properties['maxDeliveryCount']),
      timeToLiveMs: () => durationMs(text('defaultMessageTimeToLive')) ?? FOREVER_MS,
      keepsExpired: () => entity.properties['deadLetteringOnMessageExpiration'] === true,
      deadLetter: (message, reason, description) =>
        this.#deadLetter(entity, message, reason, description),
    });
    const dead = new MessageStore(`${entity.id} dead`, this.#world.clock, {
      maxDeliveryCount: () => Infinity,
      timeToLiveMs: () => FOREVER_MS,
      keepsExpired: () => false,
      deadLetter: () => {},
    });
    this.#stores.set(entity, store);
    this.#dead.set(entity, dead);
    for (const listener of this.#openListeners) listener();
  }

  close(entity: Resource): void {
    this.#stores.get(entity)?.close();
    this.#dead.get(entity)?.close();
    this.#stores.delete(entity);
    this.#dead.delete(entity);
    this.#seen.delete(entity);
  }

  storeOf(entity: Resource): MessageStore | undefined {
    return this.#stores.get(entity);
  }

  deadOf(entity: Resource): MessageStore | undefined {
    return this.#dead.get(entity);
  }

  /** Calls when a queue or subscription was made. */
  onOpen(listener: () => void): () => void {
    this.#openListeners.add(listener);
    return () => void this.#openListeners.delete(listener);
  }

  /** To a queue or a topic. */
  send(entity: Resource, draft: MessageDraft, hops = 0): void {
    if (this.#isDuplicate(entity, draft)) return;
    const store = this.#stores.get(entity);
    if (store) return this.#deliver(entity, store, draft, hops);
    const tree = this.#tree();
    for (const subscription of tree.children(entity, 'subscriptions')) {
      const own = this.#stores.get(subscription);
      const rules = tree.children(subscription, 'rules');
      // However many rules fit, there is one copy.
      const fits = rules.some((rule) => matcherOf(rule.properties)(draft));
      if (own && fits) this.#deliver(subscription, own, draft, hops);
    }
  }

  #deliver(entity: Resource, store: MessageStore, draft: MessageDraft, hops: number): void {
    const next = this.#neighbour(entity, 'forwardTo');
    if (next && hops < MAX_HOPS) this.send(next, draft, hops + 1);
    else store.put(draft);
  }

  #isDuplicate(entity: Resource, { messageId, enqueueAt }: MessageDraft): boolean {
    if (entity.properties['requiresDuplicateDetection'] !== true) return false;
    const span = textOf(entity.properties['duplicateDetectionHistoryTimeWindow']);
    const known = this.#seen.get(entity) ?? new Map<string, number>();
    this.#seen.set(entity, known);
    const before = known.get(messageId);
    const at = Math.max(enqueueAt, this.#world.clock.now());
    if (before !== undefined && at - before < (durationMs(span) ?? DUPLICATES_MS)) return true;
    known.set(messageId, at);
    return false;
  }

  #deadLetter(entity: Resource, message: Message, reason: string, description: string): void {
    const { applicationProperties, enqueueAt: _, timeToLiveMs: __, ...rest } = message;
    const next = this.#neighbour(entity, 'forwardDeadLetteredMessagesTo');
    const draft: MessageDraft = {
      ...rest,
      applicationProperties: {
        ...applicationProperties,
        DeadLetterReason: reason,
        DeadLetterErrorDescription: description,
      },
      enqueueAt: this.#world.clock.now(),
      timeToLiveMs: undefined,
    };
    if (next) this.send(next, draft, 1);
    else this.#dead.get(entity)?.put(draft);
  }

  /** A queue or a topic of the same namespace that a property names. */
  #neighbour(entity: Resource, property: string): Resource | undefined {
    const name = textOf(entity.properties[property]);
    const namespace = namespaceOf(entity);
    if (name === '') return undefined;
    const tree = this.#tree();
    return tree.child(namespace, 'queues', name) ?? tree.child(namespace, 'topics', name);
  }
}

export function namespaceOf(resource: Resource): Resource {
  return resource.parent ? namespaceOf(resource.parent) : resource;
}
