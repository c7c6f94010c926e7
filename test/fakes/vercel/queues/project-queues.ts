/** The topics of one project, and who consumes them. */
import { randomBytes } from 'node:crypto';
import type { ReadyDeployment, World } from '../core/ports.ts';
import { ConsumerGroup } from './consumer-group.ts';
import { consumersOf, type Consumer } from './consumer.ts';
import { QueueFault } from './fault.ts';
import { isOfTopic, travelling, type Message, type SendSettings } from './message.ts';

/** A key that was used is remembered no longer than so. */
const LONGEST_MEMORY_SECONDS = 86_400;

export class ProjectQueues {
  readonly #world: World;
  readonly #projectId: string;
  readonly #messages = new Map<string, Message>();
  readonly #groups = new Map<string, ConsumerGroup>();
  /** By topic and key: until when another message of that key is dropped. */
  readonly #keys = new Map<string, number>();

  constructor(world: World, projectId: string) {
    this.#world = world;
    this.#projectId = projectId;
  }

  get isBusy(): boolean {
    return [...this.#groups.values()].some((group) => group.isBusy);
  }

  /** The id of the message. One whose key was used before gets an id, too, and is dropped. */
  send(
    topic: string,
    payload: Buffer,
    {
      settings,
      contentType,
      headers,
    }: {
      readonly settings: SendSettings;
      readonly contentType: string;
      readonly headers: Readonly<Record<string, string>>;
    },
  ): string {
    this.#expire();
    const { retentionSeconds, delaySeconds, idempotencyKey, deploymentId } = settings;
    const now = this.#world.clock.now();
    const messageId = `msg_${randomBytes(12).toString('hex')}`;
    if (deploymentId !== null) this.#consume(this.#pinned(deploymentId), deploymentId);
    if (idempotencyKey !== null) {
      const key = `${topic} ${idempotencyKey}`;
      if ((this.#keys.get(key) ?? 0) > now) return messageId;
      const memory = Math.min(retentionSeconds, LONGEST_MEMORY_SECONDS);
      this.#keys.set(key, now + memory * 1000);
    }
    this.#messages.set(messageId, {
      messageId,
      topic,
      payload,
      contentType,
      headers: travelling(headers),
      createdMs: now,
      expiresMs: now + retentionSeconds * 1000,
      visibleMs: now + delaySeconds * 1000,
      deploymentId,
    });
    this.refresh();
    return messageId;
  }

  /** What is kept in a topic, oldest first. */
  peek(topic: string): readonly Message[] {
    this.#expire();
    return [...this.#messages.values()].filter((message) => message.topic === topic);
  }

  /** Looks who is in production now, and delivers to them. */
  refresh(): void {
    this.#expire();
    const production = this.#world.projects.productionOf(this.#projectId);
    if (production) this.#consume(production, null);
    for (const group of this.#groups.values()) group.pump();
  }

  /**
   * The group that gave the receipt.
   *
   * @param named as the path names the topic and the group, and the headers who asks: what was sent to one deployment is
   *   there for nobody else.
   */
  groupOf(
    receipt: string,
    named: {
      readonly topic: string;
      readonly consumer: string;
      readonly deploymentId: string | undefined;
    },
  ): ConsumerGroup {
    this.#expire();
    const { topic, consumer, deploymentId } = named;
    for (const [name, group] of this.#groups) {
      const [, pattern = '', itsConsumer] = name.split(' ');
      const isMeant = itsConsumer === consumer && isOfTopic(pattern, topic);
      if (isMeant && group.isOpenTo(deploymentId) && group.knows(receipt)) return group;
    }
    throw new QueueFault(404, 'Message not found');
  }

  stop(): void {
    for (const group of this.#groups.values()) group.stop();
    this.#groups.clear();
    this.#messages.clear();
  }

  /** Makes a group for each trigger of the deployment that has none. */
  #consume(deployment: ReadyDeployment, deploymentId: string | null): void {
    for (const { trigger } of consumersOf(deployment)) {
      const { topic, consumer } = trigger;
      const key = `${deploymentId ?? ''} ${topic} ${consumer}`;
      if (this.#groups.has(key)) continue;
      const group = new ConsumerGroup({
        world: this.#world,
        topic,
        consumer,
        deploymentId,
        messages: () => this.#messages.values(),
        find: () => this.#consumer(deploymentId, topic, consumer),
      });
      this.#groups.set(key, group);
    }
  }

  #consumer(deploymentId: string | null, topic: string, consumer: string): Consumer | undefined {
    const { projects } = this.#world;
    const deployment =
      deploymentId === null
        ? projects.productionOf(this.#projectId)
        : projects.deploymentById(deploymentId);
    if (!deployment) return undefined;
    return consumersOf(deployment).find(
      ({ trigger }) => trigger.topic === topic && trigger.consumer === consumer,
    );
  }

  #pinned(deploymentId: string): ReadyDeployment {
    const deployment = this.#world.projects.deploymentById(deploymentId);
    if (!deployment) {
      throw new QueueFault(502, `Consumer discovery failed for deployment ${deploymentId}`, {
        'vqs-error-code': 'consumer_discovery_failed',
      });
    }
    if (deployment.projectId !== this.#projectId) {
      throw new QueueFault(403, 'The deployment does not belong to the project of the token');
    }
    return deployment;
  }

  #expire(): void {
    const now = this.#world.clock.now();
    for (const [key, until] of this.#keys) {
      if (until <= now) this.#keys.delete(key);
    }
    for (const [id, message] of this.#messages) {
      if (message.expiresMs > now) continue;
      this.#messages.delete(id);
      for (const group of this.#groups.values()) group.forget(message);
    }
  }
}
