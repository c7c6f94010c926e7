/**
 * What could not be delivered, as blobs: `{SUBSCRIPTION}/2026/8/8/5/{guid}.json`, each with a list of events.
 * https://learn.microsoft.com/azure/event-grid/manage-event-delivery
 */
import { guidOf } from '../core/guid.ts';
import type { JsonMap } from '../core/json.ts';
import type { World } from '../core/ports.ts';
import type { Subscriber } from './deliveries.ts';
import { inSchema, timestamp, type EventSchema, type GridEvent } from './events.ts';

/** Why and when an event was given up. */
export interface Obituary {
  readonly reason: string;
  readonly attempts: number;
  readonly outcome: string;
  readonly publishedAt: number;
  readonly lastAttemptAt: number;
}

/** So long after the last attempt a dead letter is written, with all others that came meanwhile. */
const DELAY_MS = 5 * 60_000;

interface Pile {
  readonly events: JsonMap[];
  readonly cancel: () => void;
}

export class DeadLetters {
  readonly #world: World;
  readonly #piles = new Map<Subscriber, Pile>();
  #written = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Dropped, where there is no place for it. */
  add(subscriber: Subscriber, event: GridEvent, obituary: Obituary): void {
    const { deadLetter, schema } = subscriber.settings;
    if (!deadLetter) return;
    const letter = letterOf(inSchema(event, schema), schema, obituary);
    const pile = this.#piles.get(subscriber);
    if (pile) {
      pile.events.push(letter);
      return;
    }
    const cancel = this.#world.clock.after(DELAY_MS, () => this.#write(subscriber));
    this.#piles.set(subscriber, { events: [letter], cancel });
  }

  stop(): void {
    for (const { cancel } of this.#piles.values()) cancel();
    this.#piles.clear();
  }

  #write(subscriber: Subscriber): void {
    const pile = this.#piles.get(subscriber);
    this.#piles.delete(subscriber);
    const { deadLetter } = subscriber.settings;
    const { blobs, clock } = this.#world;
    if (!pile || !deadLetter) return;
    const { account, container } = deadLetter;
    if (!blobs.containerExists(account, container)) return;
    this.#written += 1;
    const at = new Date(clock.now());
    const hour = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours()];
    const id = guidOf(`dead letter ${subscriber.name} ${this.#written}`);
    const name = `${subscriber.name.toUpperCase()}/${hour.join('/')}/${id}.json`;
    const body = Buffer.from(JSON.stringify(pile.events));
    blobs.put(account, container, name, body, 'application/json');
  }
}

/** Attributes of CloudEvents are in lower case. */
function letterOf(event: JsonMap, schema: EventSchema, obituary: Obituary): JsonMap {
  const told = {
    deadLetterReason: obituary.reason,
    deliveryAttempts: obituary.attempts,
    lastDeliveryOutcome: obituary.outcome,
    publishTime: timestamp(obituary.publishedAt),
    lastDeliveryAttemptTime: timestamp(obituary.lastAttemptAt),
  };
  if (schema === 'EventGridSchema') return { ...event, ...told };
  const lower = Object.entries(told).map(([name, value]) => [name.toLowerCase(), value]);
  return { ...event, ...Object.fromEntries(lower) };
}
