/** The Functions host: really runs packages, with the `@azure/functions` that they bring, in processes of their own. */
import type { HostSetup, RuntimePort, World } from '../core/ports.ts';
import { Host } from './host.ts';
import { packageStore } from './package-store.ts';
import { workerPool } from './worker-pool.ts';

/** What calls under way get of real time when all ends. */
const END_GRACE_MS = 250;

/** Makes hosts. `stop` ends all that are left, and their processes. */
export function createRuntime(world: World): RuntimePort & { stop(): Promise<void> } {
  const hosts = new Set<Host>();
  let hasEntered = false;
  let isStopped = false;

  function enter(): void {
    if (hasEntered) return;
    hasEntered = true;
    workerPool.enter();
    packageStore.enter();
    workerPool.prepare();
  }

  return {
    start(setup: HostSetup) {
      if (isStopped) throw new Error('The runtime was stopped');
      enter();
      const host = new Host({
        world,
        setup,
        workers: workerPool,
        packages: packageStore,
        onStop: () => void hosts.delete(host),
      });
      hosts.add(host);
      return host;
    },
    async stop() {
      if (isStopped) return;
      isStopped = true;
      await Promise.all([...hosts].map((host) => host.stop(END_GRACE_MS)));
      if (!hasEntered) return;
      workerPool.leave();
      await packageStore.leave();
    },
  };
}
