/** The layers in their order, inside out: ending, errors, timeout, concurrency, retry, telemetry. */
import { systemClock } from '../engine/system-clock.ts';
import type { Clock } from '../spi/clock.ts';
import type { ServerlessProvider } from '../spi/provider.ts';
import type { Complete, LimitsSpec } from '../spec/types.ts';
import { NEVER_ABORTS } from '../spi/signals.ts';
import { applyLayers } from './apply.ts';
import { closeInTime } from './closing.ts';
import { concurrencyLayer } from './concurrency.ts';
import { endingLayer } from './ending.ts';
import { errorsLayer, wrapError } from './errors.ts';
import { itemByItem } from './items.ts';
import type { Layer } from './layer.ts';
import { retryLayer } from './retry.ts';
import { timeoutLayer } from './timeout.ts';

/** A line that is rare is looked for through many pages, and a repeat would begin with the first of them again. */
const SEARCH_SECONDS = 600;

/**
 * Wraps a provider in the standard layers.
 * A timeout bounds one attempt, so it is inside the retry; an error has its code before anything looks at it.
 *
 * @param hasOthers another target may answer an invocation instead.
 */
export function withStandardLayers(
  provider: ServerlessProvider,
  limits: Complete<LimitsSpec>,
  telemetry: Layer | undefined,
  hasOthers = false,
  clock: Clock = systemClock,
): ServerlessProvider {
  const { attemptTimeoutSeconds } = limits;
  const closing = new AbortController();
  const { maxAttempts } = limits;
  const retry = retryLayer({ maxAttempts, closing: closing.signal, hasOthers });
  const layered = applyLayers(provider, [
    endingLayer(closing.signal),
    errorsLayer(provider),
    timeoutLayer({ attemptTimeoutSeconds }),
    concurrencyLayer({ concurrentCalls: limits.concurrentCalls }),
    retry,
    ...(telemetry ? [telemetry] : []),
  ]);
  const place = { provider: provider.id, step: undefined, idempotent: true };
  return {
    ...layered,
    list: (scope, context) =>
      itemByItem(
        {
          provider,
          retry,
          info: { ...place, call: 'list', function: undefined },
          attemptTimeoutSeconds,
          items: (c) => provider.list(scope, c),
        },
        context,
      ),
    logs: (ref, query, context) =>
      itemByItem(
        {
          provider,
          retry,
          info: { ...place, call: 'logs', function: ref.name },
          // The next line may be written in an hour.
          attemptTimeoutSeconds: query.follow
            ? undefined
            : Math.max(attemptTimeoutSeconds, SEARCH_SECONDS),
          items: (c) => provider.logs(ref, query, c),
        },
        context,
      ),
    close: async () => {
      // What is under way learns that it was ended, not that its platform is gone.
      closing.abort();
      try {
        const parts = { provider: provider.id, clock, attemptTimeoutSeconds };
        await closeInTime(parts, () => provider.close());
      } catch (cause) {
        const info = { ...place, call: 'close', function: undefined } as const;
        throw wrapError(provider, info, NEVER_ABORTS, cause);
      }
    },
  };
}
