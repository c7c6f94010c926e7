/** The storage accounts that there are, with what is in them. */
import { randomBytes } from 'node:crypto';
import type { World } from '../core/ports.ts';
import type { Container } from './blob/container.ts';
import { queueNotFound, StorageFault } from './fault.ts';
import { Queue } from './queue/queue.ts';

/** So long after its deletion the name of a container or queue is not free. */
const BEING_DELETED_MS = 30_000;

export interface AccountSettings {
  location: string;
  sku: string;
  kind: string;
  tags: Readonly<Record<string, string>>;
  /** What was sent as `properties`. */
  properties: Readonly<Record<string, unknown>>;
}

export class Account {
  readonly name: string;
  /** As the request that made it wrote it. */
  readonly id: string;
  readonly resourceGroup: string;
  readonly createdAt: number;
  readonly readyAt: number;
  readonly keys: readonly string[] = [newKey(), newKey()];
  /** User delegation keys are derived from it. */
  readonly delegationSecret = randomBytes(32);
  readonly settings: AccountSettings;
  readonly containers = new Map<string, Container>();
  readonly queues = new Map<string, Queue>();
  /** When names of containers (`c:`) and queues (`q:`) become free again. */
  readonly #freeAt = new Map<string, number>();

  constructor(
    id: string,
    resourceGroup: string,
    settings: AccountSettings,
    times: { readonly createdAt: number; readonly readyAt: number },
  ) {
    this.name = id.split('/').at(-1) ?? '';
    this.id = id;
    this.resourceGroup = resourceGroup;
    this.settings = settings;
    this.createdAt = times.createdAt;
    this.readyAt = times.readyAt;
  }

  /** Default of the service since 2023: no. */
  get allowsPublicAccess(): boolean {
    return this.settings.properties['allowBlobPublicAccess'] === true;
  }

  get allowsKeys(): boolean {
    return this.settings.properties['allowSharedKeyAccess'] !== false;
  }

  queue(name: string): Queue {
    const queue = this.queues.get(name);
    if (!queue) throw queueNotFound();
    return queue;
  }

  /** Keeps the name of what was deleted from being used at once. */
  block(kind: 'c' | 'q', name: string, now: number): void {
    this.#freeAt.set(`${kind}:${name}`, now + BEING_DELETED_MS);
  }

  checkFree(kind: 'c' | 'q', name: string, now: number): void {
    if ((this.#freeAt.get(`${kind}:${name}`) ?? 0) <= now) return;
    throw kind === 'c'
      ? new StorageFault(
          409,
          'ContainerBeingDeleted',
          'The specified container is being deleted. Try operation later.',
        )
      : new StorageFault(409, 'QueueBeingDeleted', 'The specified queue is being deleted.');
  }

  close(): void {
    for (const queue of this.queues.values()) queue.close();
  }
}

export class Accounts {
  readonly #world: World;
  readonly #accounts = new Map<string, Account>();
  /** Names that others have, elsewhere. */
  readonly #foreign = new Set<string>();
  readonly #messageListeners = new Set<(account: string, queue: string) => void>();

  constructor(world: World) {
    this.#world = world;
  }

  all(): readonly Account[] {
    return [...this.#accounts.values()];
  }

  /** Also while it is being made. */
  find(name: string): Account | undefined {
    return this.#accounts.get(name.toLowerCase());
  }

  /** Only once it is made. */
  ready(name: string): Account | undefined {
    const account = this.find(name);
    return account && account.readyAt <= this.#world.clock.now() ? account : undefined;
  }

  isForeign(name: string): boolean {
    return this.#foreign.has(name);
  }

  plant(name: string): void {
    this.#foreign.add(name);
  }

  add(account: Account): void {
    this.#accounts.set(account.name, account);
  }

  remove(account: Account): void {
    account.close();
    this.#accounts.delete(account.name);
  }

  addQueue(account: Account, name: string, metadata: Readonly<Record<string, string>> = {}): Queue {
    const queue = new Queue(this.#world.clock, metadata, () => this.#notify(account.name, name));
    account.queues.set(name, queue);
    return queue;
  }

  removeQueue(account: Account, name: string): void {
    account.queue(name).close();
    account.queues.delete(name);
    account.block('q', name, this.#world.clock.now());
  }

  onMessage(listener: (account: string, queue: string) => void): void {
    this.#messageListeners.add(listener);
  }

  #notify(account: string, queue: string): void {
    for (const listener of this.#messageListeners) listener(account, queue);
  }
}

function newKey(): string {
  return randomBytes(64).toString('base64');
}
