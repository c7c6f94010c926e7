/** Says whose call it was when a process ends in the middle of one: the platform's own words name no request. */
import type { CallMeta, HandlerRuntime } from '../../function/shim.ts';

type Tell = (requestId: string, message: string) => void;

/** The calls that are on, and what tells of them. */
const ON = new Set<Pick<CallMeta, 'requestId' | 'deadline'> & { readonly tell: Tell }>();
let isListening = false;

/**
 * The runtime; if the process ends by itself while one of its calls is on, `tell` is told, and has to write at once. A
 * process that is killed tells nothing.
 */
export function tellingOfEnds(runtime: HandlerRuntime, tell: Tell): HandlerRuntime {
  return {
    instanceId: runtime.instanceId,
    get cold() {
      return runtime.cold;
    },
    call(call, meta, signal) {
      listen();
      const { requestId, deadline } = meta;
      const on = { requestId, deadline, tell };
      ON.add(on);
      return runtime.call(call, meta, signal).finally(() => ON.delete(on));
    },
  };
}

function listen(): void {
  if (isListening) return;
  isListening = true;
  process.on('exit', (code) => {
    const message = `The process ended with code ${code} in the middle of this call. Return from the handler instead of calling process.exit, and catch what is thrown outside of it.`;
    const now = Date.now();
    for (const { requestId, deadline, tell } of ON) {
      // One that is overdue was answered, and told of, when its time was up.
      if (now <= deadline) tell(requestId, message);
    }
  });
}
