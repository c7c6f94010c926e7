/**
 * Delivers events to subscriptions: at once, then again and again, until they are given up.
 * https://learn.microsoft.com/azure/event-grid/delivery-and-retry
 */
import type { World } from '../core/ports.ts';
import { attempt } from './attempt.ts';
import { DeadLetters } from './dead-letters.ts';
import { inSchema, type GridEvent } from './events.ts';
import type { SubscriptionSettings } from './settings.ts';

/** Who an event is for. Its settings are those of the time of each attempt. */
export interface Subscriber {
  readonly name: string;
  readonly settings: SubscriptionSettings;
  /** False once it is gone: then its events are, too. */
  readonly isThere: boolean;
}

interface Delivery {
  readonly subscriber: Subscriber;
  readonly event: GridEvent;
  readonly publishedAt: number;
  attempts: number;
  lastAttemptAt: number;
  lastOutcome: string;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Pauses between attempts; the last one stays. */
const SCHEDULE = [
  10 * SECOND,
  30 * SECOND,
  MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
];

export class Deliveries {
  readonly #world: World;
  readonly #deadLetters: DeadLetters;
  /** What waits for its next attempt. */
  readonly #waiting = new Set<() => void>();
  #active = 0;

  constructor(world: World) {
    this.#world = world;
    this.#deadLetters = new DeadLetters(world);
  }

  /** How many attempts are under way. */
  get active(): number {
    return this.#active;
  }

  begin(subscriber: Subscriber, event: GridEvent): void {
    const publishedAt = this.#world.clock.now();
    this.#try({
      subscriber,
      event,
      publishedAt,
      attempts: 0,
      lastAttemptAt: publishedAt,
      lastOutcome: '',
    });
  }

  stop(): void {
    for (const cancel of this.#waiting) cancel();
    this.#waiting.clear();
    this.#deadLetters.stop();
  }

  #try(delivery: Delivery): void {
    this.#active += 1;
    this.#world.work.run(async () => {
      try {
        await this.#attempt(delivery);
      } finally {
        this.#active -= 1;
      }
    });
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { subscriber, event, publishedAt } = delivery;
    if (!subscriber.isThere) return;
    const { settings, name } = subscriber;
    const { clock } = this.#world;
    // Whether an event is too old is looked at when it is due again, and not before.
    if (clock.now() > publishedAt + settings.timeToLiveMinutes * MINUTE) {
      this.#giveUp(delivery, 'TimeToLiveExceeded');
      return;
    }
    delivery.attempts += 1;
    delivery.lastAttemptAt = clock.now();
    const failure = await attempt(this.#world, {
      subscriptionName: name,
      destination: settings.destination,
      schema: settings.schema,
      event: inSchema(event, settings.schema),
      attempt: delivery.attempts,
    });
    if (!failure) return;
    delivery.lastOutcome = failure.outcome;
    if (failure.finalReason !== undefined) this.#giveUp(delivery, failure.finalReason);
    else if (delivery.attempts >= settings.maxDeliveryAttempts) {
      this.#giveUp(delivery, 'MaxDeliveryAttemptsExceeded');
    } else this.#wait(delivery, failure.leastDelayMs);
  }

  #wait(delivery: Delivery, leastDelayMs: number): void {
    const pause = SCHEDULE[Math.min(delivery.attempts, SCHEDULE.length) - 1] ?? 0;
    const cancel = this.#world.clock.after(Math.max(pause, leastDelayMs), () => {
      this.#waiting.delete(cancel);
      this.#try(delivery);
    });
    this.#waiting.add(cancel);
  }

  #giveUp(delivery: Delivery, reason: string): void {
    const { subscriber, event, attempts, publishedAt, lastAttemptAt, lastOutcome } = delivery;
    this.#deadLetters.add(subscriber, event, {
      reason,
      attempts,
      outcome: lastOutcome,
      publishedAt,
      lastAttemptAt,
    });
  }
}
