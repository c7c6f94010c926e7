/**
 * Ends the waiting for an invocation when its caller gives up or the provider is closed, also where the adapter notices
 * neither. Other calls are bounded by a timeout, and have a signal for both.
 */
import { closedMeanwhile } from '../engine/cancellation.ts';
import { abortable } from '../engine/keyed-mutex.ts';
import { NEVER_ABORTS } from '../spi/signals.ts';
import type { CallInfo, Layer } from './layer.ts';

/** @param closing aborts when the provider is about to be closed. */
export function endingLayer(closing: AbortSignal): Layer {
  // A listener for each call would be felt on the hot path; one for all of them is not.
  const underWay = new Map<(reason: Error) => void, CallInfo>();
  closing.addEventListener('abort', () => {
    for (const [reject, { provider, function: name }] of underWay) {
      reject(closedMeanwhile(closing.reason, { provider, function: name }));
    }
  });
  return {
    name: 'ending',
    applies: (call) => call === 'invoke',
    around: (info, context, next) =>
      new Promise((resolve, reject) => {
        const { signal } = context;
        const call = signal === NEVER_ABORTS ? next(context) : abortable(next(context), signal);
        underWay.set(reject, info);
        call.then(
          (value) => {
            underWay.delete(reject);
            resolve(value);
          },
          (error: unknown) => {
            underWay.delete(reject);
            reject(error);
          },
        );
      }),
  };
}
