/** One subscription: holds its messages, pushes them or hands them out, and gives up what was refused too often. */
import { randomBytes } from 'node:crypto';
import type { JsonMap } from '../core/json.ts';
import type { PublishedMessage, World } from '../core/ports.ts';
import { Backlog, type Held } from './backlog.ts';
import { deadLetterOf } from './dead-letter.ts';
import { publishedOf, viewOf, type Message } from './message.ts';
import { DELETED_TOPIC } from './names.ts';
import { push, type PushForm } from './push.ts';
import { isAllowed, serviceAgent } from './roles.ts';
import type { PushSettings, SubscriptionSettings } from './settings.ts';

export interface SubscriptionParts {
  readonly world: World;
  /** Full name. */
  readonly name: string;
  readonly form?: PushForm | undefined;
  /** Puts a dead letter into a topic. Throws where that cannot be. */
  readonly publish: (topic: string, message: PublishedMessage) => void;
}

/** How many pushes of one subscription may be under way. */
const MAX_OUTSTANDING = 100;
/** What is delivered again "immediately" takes so long. */
const LEAST_BACKOFF_MS = 100;

export class Subscription {
  readonly #parts: SubscriptionParts;
  readonly #backlog: Backlog;
  readonly #leases = new Map<string, Held>();
  #resource: JsonMap;
  #settings: SubscriptionSettings;
  #pushing = 0;
  #isStopped = false;

  constructor(parts: SubscriptionParts, resource: JsonMap, settings: SubscriptionSettings) {
    this.#parts = parts;
    this.#backlog = new Backlog(parts.world.clock);
    this.#resource = resource;
    this.#settings = settings;
  }

  get name(): string {
    return this.#parts.name;
  }

  /** In its normal form. */
  get resource(): JsonMap {
    return this.#resource;
  }

  get settings(): SubscriptionSettings {
    return this.#settings;
  }

  /** A push is under way, or due now. */
  get isBusy(): boolean {
    const now = this.#parts.world.clock.now();
    const isDue = (held: Held): boolean => held.state === 'delayed' && held.until <= now;
    const isPushed = this.#settings.push !== undefined && !this.#isStopped;
    return this.#pushing > 0 || (isPushed && this.#backlog.all.some(isDue));
  }

  update(resource: JsonMap, settings: SubscriptionSettings): void {
    this.#resource = resource;
    this.#settings = settings;
    this.#pump();
  }

  /** Keeps the message when its filter lets it through. */
  offer(message: Message): void {
    if (!this.#settings.filter(message.attributes)) return;
    this.#backlog.add(message);
    this.#pump();
  }

  peek(): readonly PublishedMessage[] {
    this.#expire();
    return this.#backlog.all.map(({ message }) => publishedOf(message));
  }

  drain(): readonly PublishedMessage[] {
    const held = this.peek();
    this.#backlog.clear();
    return held;
  }

  /** `ReceivedMessage`s in their normal form. */
  pull(max: number): readonly JsonMap[] {
    this.#expire();
    const received: JsonMap[] = [];
    while (received.length < max) {
      const held = this.#backlog.next(this.#settings.isOrdered);
      if (!held) break;
      this.#backlog.takeOut(held);
      const ackId = randomBytes(24).toString('base64url');
      this.#leases.set(ackId, held);
      this.#lease(ackId, held, this.#settings.ackDeadlineMs);
      const deliveryAttempt = this.#toldAttempt(held);
      received.push({
        ackId,
        message: viewOf(held.message),
        ...(deliveryAttempt !== undefined && { deliveryAttempt }),
      });
    }
    return received;
  }

  /** Says nothing of those that have ended. */
  acknowledge(ackId: string): void {
    const held = this.#leases.get(ackId);
    this.#leases.delete(ackId);
    if (held) this.#backlog.delete(held);
  }

  /** @param ms 0: it was not taken, and may be delivered again. */
  extend(ackId: string, ms: number): void {
    const held = this.#leases.get(ackId);
    if (!held) return;
    if (ms > 0) this.#lease(ackId, held, ms);
    else this.#endLease(ackId, held);
  }

  stop(): void {
    this.#isStopped = true;
    this.#backlog.clear();
    this.#leases.clear();
  }

  #lease(ackId: string, held: Held, ms: number): void {
    this.#backlog.lease(held, ms, () => this.#endLease(ackId, held));
  }

  #endLease(ackId: string, held: Held): void {
    this.#leases.delete(ackId);
    this.#failed(held);
  }

  #pump(): void {
    this.#expire();
    for (;;) {
      const to = this.#settings.push;
      if (!to || this.#isStopped || this.#pushing >= MAX_OUTSTANDING) return;
      const held = this.#backlog.next(this.#settings.isOrdered);
      if (!held) return;
      this.#backlog.takeOut(held);
      this.#pushing += 1;
      this.#parts.world.work.run(() => this.#push(held, to));
    }
  }

  async #push(held: Held, to: PushSettings): Promise<void> {
    const { world, name, form } = this.#parts;
    try {
      const isDone = await push(world, name, {
        push: to,
        form,
        message: held.message,
        deliveryAttempt: this.#toldAttempt(held),
        waitMs: this.#settings.ackDeadlineMs,
      });
      if (isDone) this.#backlog.delete(held);
      else this.#failed(held);
    } finally {
      this.#pushing -= 1;
      this.#pump();
    }
  }

  /** Attempts are counted for those alone who have said what is to become of what fails. */
  #toldAttempt(held: Held): number | undefined {
    return this.#settings.deadLetter && held.attempts;
  }

  #failed(held: Held): void {
    if (!this.#backlog.has(held)) return;
    if (this.#isGivenUp(held)) this.#backlog.delete(held);
    else this.#backlog.putBack(held, this.#backoffMs(held.attempts), () => this.#pump());
  }

  #isGivenUp(held: Held): boolean {
    const { deadLetter } = this.#settings;
    if (!deadLetter || held.attempts < deadLetter.maxAttempts) return false;
    if (deadLetter.topic === DELETED_TOPIC) return false;
    const { world, name, publish } = this.#parts;
    const agent = serviceAgent(world);
    const may =
      isAllowed(world, agent, 'pubsub.topics.publish', deadLetter.topic) &&
      isAllowed(world, agent, 'pubsub.subscriptions.consume', name);
    if (!may) return false;
    try {
      publish(deadLetter.topic, deadLetterOf(held.message, name, held.attempts));
      return true;
    } catch {
      return false;
    }
  }

  /** The service's own growth, without its randomness. */
  #backoffMs(attempts: number): number {
    const { minimumMs, maximumMs } = this.#settings.retry ?? { minimumMs: 0, maximumMs: 0 };
    return Math.max(Math.min(minimumMs * 2 ** (attempts - 1), maximumMs), LEAST_BACKOFF_MS);
  }

  #expire(): void {
    this.#backlog.expire(this.#parts.world.clock.now() - this.#settings.retentionMs);
  }
}
