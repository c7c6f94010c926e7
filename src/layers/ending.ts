/**
 * Ends the waiting for an invocation when its caller gives up or the provider is closed, also where the adapter notices
 * neither. Other calls are bounded by a timeout, and have a signal for both.
 */
import { closedMeanwhile } from '../engine/cancellation.ts';
import { abortable } from '../engine/keyed-mutex.ts';
import type { ServerlessError } from '../errors/index.ts';
import { NEVER_ABORTS } from '../spi/signals.ts';
import type { CallInfo, Layer } from './layer.ts';

/** @param closing aborts when the provider is about to be closed. */
export function endingLayer(closing: AbortSignal): Layer {
  // A listener for each call would be felt on the hot path; one for all of them is not.
  const underWay = new UnderWay();
  const closedBy = (info: CallInfo): ServerlessError =>
    closedMeanwhile(closing.reason, { provider: info.provider, function: info.function });
  closing.addEventListener('abort', () => {
    for (const { reject, info } of underWay.all()) reject(closedBy(info));
  });
  return {
    name: 'ending',
    applies: (call) => call === 'invoke',
    around: (info, context, next) =>
      new Promise((resolve, reject) => {
        const { signal } = context;
        // It may have waited, as for telemetry that was being loaded: what nobody wants any more is not sent.
        if (closing.aborted) {
          reject(closedBy(info));
          return;
        }
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        const call = signal === NEVER_ABORTS ? next(context) : abortable(next(context), signal);
        const place = underWay.add({ info, reject });
        call.then(
          (value) => {
            underWay.remove(place);
            resolve(value);
          },
          (error: unknown) => {
            underWay.remove(place);
            reject(error);
          },
        );
      }),
  };
}

interface Waiting {
  readonly info: CallInfo;
  readonly reject: (reason: Error) => void;
}

/**
 * The calls that somebody waits for, in places that are used again. Not a `Map`: with entries that come and go, V8
 * makes new tables all the time, each known to the one before it. Once one of them is old, those behind it, and the
 * calls in them, stay until the whole heap is collected.
 */
class UnderWay {
  readonly #places: (Waiting | undefined)[] = [];
  readonly #free: number[] = [];

  /** @returns its place. */
  add(waiting: Waiting): number {
    const place = this.#free.pop() ?? this.#places.length;
    this.#places[place] = waiting;
    return place;
  }

  remove(place: number): void {
    this.#places[place] = undefined;
    this.#free.push(place);
  }

  all(): readonly Waiting[] {
    return this.#places.filter((waiting) => waiting !== undefined);
  }
}
