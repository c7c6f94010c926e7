import type { HandlerRuntime } from '../../function/shim.ts';
import { withConsole } from './call-console.ts';
import { tellingOfEnds } from './ended-calls.ts';
import type { LineSink } from './line-sink.ts';
import type { Watchdog } from './watchdog.ts';

/**
 * The runtime of an instance whose platform leaves its calls to it: each has the watchdog beside it until the handler itself
 * ends, for one that was answered because its time was up may run on, and hold up what comes next. What it prints is in the
 * log with its id, and a call that the process ends in leaves a line.
 */
export function watched(
  runtime: HandlerRuntime,
  {
    watchdog,
    sink,
    timeoutSeconds,
  }: {
    readonly watchdog: Pick<Watchdog, 'watch'>;
    readonly sink: Pick<LineSink, 'write' | 'entry'>;
    readonly timeoutSeconds: number;
  },
): HandlerRuntime {
  const telling = tellingOfEnds(withConsole(runtime, sink), (requestId, message) =>
    sink.write('error', message, undefined, { requestId }),
  );
  return {
    instanceId: telling.instanceId,
    get cold() {
      return telling.cold;
    },
    call(call, meta, signal) {
      // Before it, for a handler may never let go of the event loop.
      const done = watchdog.watch(timeoutSeconds * 1_000, meta.requestId);
      return telling.call(call, meta, signal).finally(done);
    },
  };
}
