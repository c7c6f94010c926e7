import { randomUUID } from 'node:crypto';
import type { JsonValue, NormalTopicEvent } from 'polyfaas/spi';
import type { BusEvent, ObjectEvent, TopicMessage } from 'polyfaas/function';
import { timeText } from './decode.ts';
import type { DeliveryTable } from './delivery-table.ts';
import { isEnabled } from './lane.ts';
import type { Lane, LaneEvent } from './lane.ts';
import type { LaneRegistry } from './lane-registry.ts';
import { matchPattern } from 'polyfaas/function';

/**
 * Sources that give each bound function an event of its own: topics, buckets and buses. A binding that is disabled
 * when something is published does not get it later.
 */
export class FanOut {
  readonly #lanes: LaneRegistry;
  readonly #deliveries: DeliveryTable;

  constructor(lanes: LaneRegistry, deliveries: DeliveryTable) {
    this.#lanes = lanes;
    this.#deliveries = deliveries;
  }

  /** Runs in a transaction. */
  publishToTopic(
    topic: string,
    message: {
      readonly data: JsonValue;
      readonly attributes?: Readonly<Record<string, string>> | undefined;
      readonly subject?: string | undefined;
    },
    nowMs: number,
  ): string {
    const id = randomUUID();
    const attributes = message.attributes ?? {};
    const event: TopicMessage = {
      id,
      source: topic,
      time: timeText(nowMs),
      data: message.data,
      attributes,
      ...(message.subject === undefined ? {} : { subject: message.subject }),
    };
    this.#deliver(`topic:${topic}`, event, nowMs, (bound) => {
      return bound.type === 'topic' && passes(bound.filter, attributes);
    });
    return id;
  }

  /** Runs in a transaction. */
  publishToBus(
    bus: string,
    message: {
      readonly source: string;
      readonly type: string;
      readonly data: JsonValue;
      readonly subject?: string | undefined;
    },
    nowMs: number,
  ): string {
    const id = randomUUID();
    const event: BusEvent = {
      id,
      source: message.source,
      type: message.type,
      time: timeText(nowMs),
      data: message.data,
      ...(message.subject === undefined ? {} : { subject: message.subject }),
      bus,
    };
    this.#deliver(`bus:${bus}`, event, nowMs, (bound) => {
      return bound.type === 'bus' && matchPattern(bound.pattern, event);
    });
    return id;
  }

  /** Runs in a transaction. */
  objectChanged(change: Omit<ObjectEvent, 'id' | 'time'>, nowMs: number): void {
    const event: ObjectEvent = { id: randomUUID(), time: timeText(nowMs), ...change };
    this.#deliver(`object:${change.source}`, event, nowMs, (bound) => {
      return (
        bound.type === 'object' &&
        bound.on.includes(change.type) &&
        change.key.startsWith(bound.prefix) &&
        change.key.endsWith(bound.suffix)
      );
    });
  }

  #deliver(
    source: string,
    event: TopicMessage | BusEvent | ObjectEvent,
    nowMs: number,
    wants: (bound: LaneEvent) => boolean,
  ): void {
    const wanting: Lane[] = [];
    for (const lane of this.#lanes.of(source)) {
      if (lane.event !== undefined && isEnabled(lane) && wants(lane.event)) wanting.push(lane);
    }
    if (wanting.length === 0) return;
    const text = JSON.stringify(event);
    for (const lane of wanting) {
      const requestId = randomUUID();
      this.#deliveries.insert({ lane, requestId, event: text, createdMs: nowMs });
    }
  }
}

/** Every key that the filter names has one of its values. */
function passes(
  filter: NormalTopicEvent['filter'],
  attributes: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(filter ?? {}).every(([key, values]) => {
    const value = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
    return value !== undefined && values.includes(value);
  });
}
