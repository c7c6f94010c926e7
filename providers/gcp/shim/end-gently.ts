import type { Server } from 'node:http';

/**
 * Lets what is under way come to its end before the process does. Cloud Run says SIGTERM ten seconds before it kills an
 * instance, and sends it nothing more; the framework would end it at once, and break off what is being answered.
 *
 * @param server the framework's, which does not listen yet.
 * @param idle resolves when nothing is under way.
 */
export function endGently(server: Server, idle: () => Promise<void>): void {
  // Before the framework's own listener, which is what makes it listen to the signal.
  server.once('listening', () => {
    const before = new Set(process.listeners('SIGTERM'));
    process.nextTick(() => {
      for (const listener of process.listeners('SIGTERM')) {
        if (!before.has(listener)) process.removeListener('SIGTERM', listener);
      }
      process.on('SIGTERM', () => void idle().then(() => process.exit()));
    });
  });
}
