/** The listeners of queue and timer triggers, for all sites. */
import type { World } from '../core/ports.ts';
import { watchSites } from './bindings.ts';
import { QueueListener } from './queue-listener.ts';
import { TimerListener, TimerStatuses } from './timer-listener.ts';

export interface Listeners {
  /** Whether something is under way, or a message is visible that is about to be taken. */
  busy(): boolean;
  stop(): void;
}

/** Call this once `world.web` and `world.queues` are there: it listens to both from the beginning. */
export function createListeners(world: World): Listeners {
  const queueListeners = new Set<QueueListener>();
  const statuses = new TimerStatuses();
  // A listener that was stopped may still have messages under way.
  const ending = new Set<QueueListener>();

  world.queues.onMessage((account, queue) => {
    for (const listener of queueListeners) {
      if (listener.reads(account, queue)) listener.wake();
    }
  });

  const sites = watchSites(
    world,
    (site) => {
      const queues: QueueListener[] = [];
      const timers: TimerListener[] = [];
      for (const trigger of site.triggers) {
        if (trigger.type === 'queueTrigger') queues.push(new QueueListener(world, site, trigger));
        if (trigger.type === 'timerTrigger') {
          timers.push(new TimerListener(world, site, trigger, statuses));
        }
      }
      for (const listener of queues) {
        queueListeners.add(listener);
        listener.wake();
      }
      for (const timer of timers) timer.start();
      return () => {
        for (const timer of timers) timer.stop();
        for (const listener of queues) {
          listener.stop();
          queueListeners.delete(listener);
          ending.add(listener);
        }
      };
    },
    (siteId) => statuses.forget(siteId),
  );

  return {
    busy() {
      for (const listener of ending) if (!listener.isBusy) ending.delete(listener);
      return (
        sites.busy() || ending.size > 0 || [...queueListeners].some((listener) => listener.isBusy)
      );
    },
    stop: () => sites.stop(),
  };
}
