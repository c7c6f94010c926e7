import type { HandlerRuntime } from '../../function/shim.ts';
import type { Watchdog } from './watchdog.ts';

/**
 * The runtime, with the watchdog beside each of its calls until the handler itself ends: one that was answered because its
 * time was up may run on, and hold up what comes next.
 */
export function watched(
  runtime: HandlerRuntime,
  watchdog: Pick<Watchdog, 'watch'>,
  timeoutMs: number,
): HandlerRuntime {
  return {
    instanceId: runtime.instanceId,
    get cold() {
      return runtime.cold;
    },
    call(call, meta, signal) {
      // Before it, for a handler may never let go of the event loop.
      const done = watchdog.watch(timeoutMs, meta.requestId);
      return runtime.call(call, meta, signal).finally(done);
    },
  };
}
