/** The topics of the account and what is subscribed to them. */
import type { EventMatcher } from '../events/pattern.ts';
import { invalidParameter, topicNotFound } from './faults.ts';

export interface Topic {
  readonly arn: string;
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly tags: Map<string, string>;
}

export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly attributes: Map<string, string>;
  /** Made of the filter policy; undefined lets everything through. */
  filter: EventMatcher | undefined;
}

export class Topics {
  readonly #prefix: string;
  readonly #topics = new Map<string, Topic>();
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(region: string, account: string) {
    this.#prefix = `arn:aws:sns:${region}:${account}:`;
  }

  arnOf(name: string): string {
    return `${this.#prefix}${name}`;
  }

  add(topic: Topic): void {
    this.#topics.set(topic.arn, topic);
  }

  find(arn: string): Topic | undefined {
    return this.#topics.get(arn);
  }

  /** The topic, or the fault of its absence. */
  at(arn: string): Topic {
    checkArn(arn, 'TopicArn');
    const topic = this.#topics.get(arn);
    if (!topic) throw topicNotFound();
    return topic;
  }

  all(): readonly Topic[] {
    return [...this.#topics.values()].toSorted((one, other) => (one.arn < other.arn ? -1 : 1));
  }

  remove(arn: string): void {
    this.#topics.delete(arn);
    for (const subscription of this.subscriptionsOf(arn)) {
      this.#subscriptions.delete(subscription.arn);
    }
  }

  subscribe(subscription: Subscription): void {
    this.#subscriptions.set(subscription.arn, subscription);
  }

  subscription(arn: string): Subscription | undefined {
    return this.#subscriptions.get(arn);
  }

  subscriptions(): readonly Subscription[] {
    return [...this.#subscriptions.values()];
  }

  subscriptionsOf(topicArn: string): readonly Subscription[] {
    return this.subscriptions().filter((each) => each.topicArn === topicArn);
  }

  unsubscribe(arn: string): void {
    this.#subscriptions.delete(arn);
  }
}

export function checkArn(arn: string, member: string): void {
  const parts = arn.split(':');
  if (parts.length < 6) {
    throw invalidParameter(
      `${member} Reason: An ARN must have at least 6 elements, not ${parts.length}`,
    );
  }
  if (parts[0] !== 'arn' || parts[2] !== 'sns') throw invalidParameter(member);
}
