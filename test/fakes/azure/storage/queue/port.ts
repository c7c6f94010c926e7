/** Queues, for those inside the fake who deliver from and to them. */
import type { QueuePort, World } from '../../core/ports.ts';
import type { Accounts } from '../accounts.ts';
import { StorageFault } from '../fault.ts';
import type { Queue } from './queue.ts';

export function createQueuePort(world: World, accounts: Accounts): QueuePort {
  const find = (account: string, queue: string): Queue | undefined =>
    accounts.ready(account)?.queues.get(queue);
  const get = (account: string, queue: string): Queue => {
    const found = find(account, queue);
    if (found) return found;
    throw new Error(`There is no queue ${queue} in a storage account ${account}`);
  };
  return {
    exists: (account, queue) => find(account, queue) !== undefined,
    create(account, queue) {
      const owner = accounts.ready(account);
      if (!owner) throw new Error(`There is no storage account ${account}`);
      if (!owner.queues.has(queue)) accounts.addQueue(owner, queue);
    },
    urlOf: (account, queue) => `${world.planes.queue}/${account}/${queue}`,
    put: (account, queue, text, options) =>
      void get(account, queue).put(text, (options?.delaySeconds ?? 0) * 1000),
    receive: (account, queue, max, visibilitySeconds) =>
      find(account, queue)?.receive(max, visibilitySeconds * 1000) ?? [],
    delete(account, queue, messageId, popReceipt) {
      const found = find(account, queue);
      return found !== undefined && isHeld(() => found.delete(messageId, popReceipt));
    },
    release: (account, queue, messageId, popReceipt, afterSeconds) =>
      void isHeld(() => find(account, queue)?.hide(messageId, popReceipt, afterSeconds * 1000)),
    nextVisibleAt: (account, queue) => find(account, queue)?.nextVisibleAt(),
    peek: (account, queue) => find(account, queue)?.all() ?? [],
    drain(account, queue) {
      const found = find(account, queue);
      const items = found?.peek(Number.POSITIVE_INFINITY) ?? [];
      for (const item of items) found?.delete(item.messageId, item.popReceipt);
      return items;
    },
    onMessage: (listener) => accounts.onMessage(listener),
  };
}

/** False when the message is gone, or somebody else's by now. */
function isHeld(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof StorageFault) return false;
    throw error;
  }
}
