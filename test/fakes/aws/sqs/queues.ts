/** All the queues of the account, and how a request names one. */
import type { World } from '../core/ports.ts';
import { queueDeletedRecently, queueDoesNotExist } from './faults.ts';
import { Queue, type QueueHost } from './queue.ts';

export interface SqsOptions {
  /**
   * For how long the name of a deleted queue cannot be used again. Default: the 60,000 of the service. 0 lets runs that
   * make and remove the same queue over and over go on without waiting.
   */
  readonly deletedNameBlockedMs?: number;
}

type Clocked = Pick<World, 'clock' | 'account' | 'region' | 'endpoint'>;

export class Queues implements QueueHost {
  readonly #world: Clocked;
  readonly #blockedMs: number;
  readonly #byName = new Map<string, Queue>();
  readonly #deletedAt = new Map<string, number>();
  readonly #listeners: ((arn: string) => void)[] = [];
  #sequence = 18_849_496_460_467_696_128n;

  constructor(world: Clocked, options: SqsOptions) {
    this.#world = world;
    this.#blockedMs = options.deletedNameBlockedMs ?? 60_000;
  }

  get clock(): World['clock'] {
    return this.#world.clock;
  }

  get account(): string {
    return this.#world.account;
  }

  arnOf(name: string): string {
    return `arn:aws:sqs:${this.#world.region}:${this.#world.account}:${name}`;
  }

  urlOf(queue: Queue): string {
    return `${this.#world.endpoint}/${this.#world.account}/${queue.name}`;
  }

  named(name: string): Queue | undefined {
    return this.#byName.get(name);
  }

  all(): readonly Queue[] {
    return [...this.#byName.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  find(arn: string): Queue | undefined {
    const name = arn.split(':').at(-1) ?? '';
    return this.arnOf(name) === arn ? this.#byName.get(name) : undefined;
  }

  /** By its ARN, or the fault of its absence. */
  at(arn: string): Queue {
    const queue = this.find(arn);
    if (!queue) throw queueDoesNotExist();
    return queue;
  }

  /** By its URL, or the fault of its absence. Only the path counts: endpoints have many names. */
  byUrl(url: string): Queue {
    const [account, name] = url.split('/').slice(-2);
    const queue = account === this.#world.account ? this.#byName.get(name ?? '') : undefined;
    if (!queue) throw queueDoesNotExist();
    return queue;
  }

  create(name: string, tags: Readonly<Record<string, string>>): Queue {
    const queue = new Queue(this, name, this.arnOf(name), tags);
    this.#byName.set(name, queue);
    return queue;
  }

  /** Throws while a deleted queue still holds the name. */
  checkFree(name: string): void {
    const deletedAt = this.#deletedAt.get(name);
    if (deletedAt !== undefined && this.clock.now() - deletedAt < this.#blockedMs) {
      throw queueDeletedRecently();
    }
  }

  remove(queue: Queue): void {
    queue.close();
    this.#byName.delete(queue.name);
    this.#deletedAt.set(queue.name, this.clock.now());
  }

  closeAll(): void {
    for (const queue of this.#byName.values()) queue.close();
  }

  notify(arn: string): void {
    for (const listener of this.#listeners) listener(arn);
  }

  onMessage(listener: (arn: string) => void): void {
    this.#listeners.push(listener);
  }

  sequenceNumber(): string {
    this.#sequence += 256n;
    return String(this.#sequence);
  }
}
