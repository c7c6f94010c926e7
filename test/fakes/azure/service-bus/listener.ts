/** Brings the messages of a queue or a subscription to a function: one call for each. */
import { durationMs } from './resource-tree/duration.ts';
import { textOf } from '../core/json.ts';
import type { AppHost, World } from '../core/ports.ts';
import {
  countOf,
  hostOption,
  hostTrace,
  messageValue,
  spanMs,
  type Trigger,
} from '../listeners/bindings.ts';
import type { Broker } from './broker.ts';
import { connectedHost } from './connection-host.ts';
import type { Message } from './message.ts';
import type { MessageStore } from './message-store.ts';
import { triggerMetadata } from './metadata.ts';
import type { Resource } from './resource-tree/resource.ts';
import type { ResourceTree } from './resource-tree/tree.ts';

const RECEIVERS = ['4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0', '090c5cfd-751d-490a-894a-3ce6f1109419'];
/** While it cannot receive, it tries again after so long. */
const REFUSED_MS = 5000;
const CALLS = 16;
const SESSIONS = 8;
const RENEWAL_MS = 300_000;

export interface ListenerParts {
  readonly world: World;
  readonly tree: ResourceTree;
  readonly broker: Broker;
  readonly siteId: string;
  readonly host: AppHost;
  readonly trigger: Trigger;
}

export class ServiceBusListener {
  readonly #parts: ListenerParts;
  /** Sessions that are being worked on. */
  readonly #sessions = new Set<string>();
  #running = 0;
  #isDue = false;
  #isStopped = false;
  #problem = '';
  #unwatch: { readonly store: MessageStore; readonly end: () => void } | undefined;
  #cancelRetry: (() => void) | undefined;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  get isBusy(): boolean {
    return this.#running > 0 || this.#isDue;
  }

  /** Looks once all that happens in this turn has happened. */
  wake(): void {
    if (this.#isDue || this.#isStopped) return;
    this.#isDue = true;
    this.#parts.world.work.run(async () => {
      await Promise.resolve();
      this.#isDue = false;
      this.#poll();
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#unwatch?.end();
    this.#cancelRetry?.();
  }

  #poll(): void {
    if (this.#isStopped) return;
    const source = this.#source();
    if ('problem' in source) return this.#refused(source.problem);
    const { store, entity } = source;
    this.#problem = '';
    this.#watch(store);
    const isSessions = this.#parts.trigger.options['isSessionsEnabled'] === true;
    if (isSessions !== (entity.properties['requiresSession'] === true)) {
      return this.#refused(
        isSessions
          ? `It is not possible for an entity that does not require sessions to create a message receiver with sessions: '${entity.name}'.`
          : `It is not possible for an entity that requires sessions to create a non-sessionful message receiver: '${entity.name}'.`,
      );
    }
    const lock = durationMs(textOf(entity.properties['lockDuration'])) ?? 60_000;
    const renewal = spanMs(this.#option('maxAutoLockRenewalDuration')) ?? RENEWAL_MS;
    const most = isSessions
      ? (countOf(this.#option('maxConcurrentSessions')) ?? SESSIONS)
      : (countOf(this.#option('maxConcurrentCalls')) ?? CALLS);
    while (this.#running < most) {
      const message = store.receive(
        Math.max(lock, renewal),
        ({ sessionId }) => !isSessions || !this.#sessions.has(sessionId ?? ''),
      );
      if (!message) return;
      this.#running += 1;
      if (isSessions) this.#sessions.add(message.sessionId ?? '');
      this.#parts.world.work.run(() => this.#deliver(store, message, lock));
    }
  }

  async #deliver(store: MessageStore, message: Message, lockMs: number): Promise<void> {
    const { host, trigger } = this.#parts;
    try {
      const outcome = await host.invoke({
        functionName: trigger.functionName,
        ...messageValue(trigger, Buffer.from(message.body), triggerMetadata(message)),
      });
      if (outcome.ok) store.complete(message.lockToken);
      else if (this.#isStopped) store.letGo(message.lockToken, lockMs);
      else store.abandon(message.lockToken);
    } finally {
      this.#running -= 1;
      this.#sessions.delete(message.sessionId ?? '');
      this.wake();
    }
  }

  #option(name: string): unknown {
    const { world, siteId } = this.#parts;
    return hostOption(world.web.hostConfigOf(siteId), ['extensions', 'serviceBus', name]);
  }

  #watch(store: MessageStore): void {
    if (this.#unwatch?.store === store) return;
    this.#unwatch?.end();
    this.#unwatch = { store, end: store.watch(() => this.wake()) };
  }

  #source():
    | { readonly entity: Resource; readonly store: MessageStore }
    | { readonly problem: string } {
    const { world, siteId, trigger, tree, broker } = this.#parts;
    const { options } = trigger;
    if (options['cardinality'] === 'many') return { problem: 'This fake delivers no batches.' };
    const host = connectedHost(world, siteId, options['connection'], 'fullyqualifiednamespace');
    if ('problem' in host) return host;
    const namespace = tree.named('Microsoft.ServiceBus/namespaces', host.name);
    if (!namespace) return { problem: `No such host is known: '${host.name}'.` };
    const entity = entityOf(tree, namespace, options);
    const store = entity && broker.storeOf(entity);
    if (!entity || !store) {
      const name = textOf(options['queueName']) || textOf(options['topicName']);
      return {
        problem: `The messaging entity 'sb://${namespace.name}.servicebus.windows.net/${name}' could not be found.`,
      };
    }
    if (!world.roles.allows(host.caller, entity.id, RECEIVERS)) {
      return {
        problem: `Unauthorized access. 'Listen' claim(s) are required to perform this operation. Resource: 'sb://${namespace.name}.servicebus.windows.net/${entity.name}'.`,
      };
    }
    return { entity, store };
  }

  #refused(problem: string): void {
    const { world, siteId, trigger } = this.#parts;
    const { functionName } = trigger;
    if (problem !== this.#problem) {
      const message = `Message processing error for function '${functionName}': ${problem}`;
      hostTrace(world, siteId, { message, severity: 3, functionName });
    }
    this.#problem = problem;
    this.#cancelRetry?.();
    this.#cancelRetry = world.clock.after(REFUSED_MS, () => this.wake());
  }
}

function entityOf(
  tree: ResourceTree,
  namespace: Resource,
  options: Readonly<Record<string, unknown>>,
): Resource | undefined {
  const queue = textOf(options['queueName']);
  if (queue !== '') return tree.child(namespace, 'queues', queue);
  const topic = tree.child(namespace, 'topics', textOf(options['topicName']));
  return topic && tree.child(topic, 'subscriptions', textOf(options['subscriptionName']));
}
