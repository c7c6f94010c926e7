/** Something that runs, once it was begun. */
export interface Running {
  busy(): boolean;
  stop(): void;
}

/**
 * Begins on the first call that needs it: when a service is made, the rest of the world may not be there yet.
 */
export function lazily(begin: () => Running): Running & { start(): void } {
  let running: Running | undefined;
  let isStopped = false;
  return {
    start() {
      if (!isStopped) running ??= begin();
    },
    busy: () => running?.busy() ?? false,
    stop() {
      isStopped = true;
      running?.stop();
    },
  };
}
