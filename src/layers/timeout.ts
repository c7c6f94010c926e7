/** Bounds one attempt of a management call. Invocations are bounded by the function's own timeout. */
import { ownReason } from '../engine/cancellation.ts';
import { abortable } from '../engine/keyed-mutex.ts';
import { ServerlessError } from '../errors/index.ts';
import type { CallInfo, Layer } from './layer.ts';

export function timeoutLayer(options: { readonly attemptTimeoutSeconds: number }): Layer {
  return {
    name: 'timeout',
    applies: (call) => call !== 'invoke',
    async around(info, context, next) {
      context.signal.throwIfAborted();
      const seconds = info.attemptSeconds ?? options.attemptTimeoutSeconds;
      const own = new AbortController();
      const onAbort = (): void => own.abort(context.signal.reason);
      context.signal.addEventListener('abort', onAbort, { once: true });
      const cancel = context.clock.after(seconds * 1000, () => own.abort(noAnswer(info, seconds)));
      try {
        return await abortable(next({ ...context, signal: own.signal }), own.signal);
      } finally {
        cancel();
        context.signal.removeEventListener('abort', onAbort);
      }
    },
  };
}

/** The reason with which an attempt ends that took too long. */
export function noAnswer(info: CallInfo, seconds: number): ServerlessError {
  return ownReason(
    new ServerlessError({
      code: 'TIMEOUT',
      retryable: true,
      provider: info.provider,
      function: info.function,
      step: info.step,
      message: `The ${info.call} call got no answer within ${seconds} s (limits.attemptTimeoutSeconds, or the step's own).`,
    }),
  );
}
