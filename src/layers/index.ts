/** The layers in their order, inside out: errors, timeout, concurrency, retry, telemetry. */
import type { ServerlessProvider } from '../spi/provider.ts';
import type { LimitsSpec } from '../spec/types.ts';
import { applyLayers } from './apply.ts';
import { concurrencyLayer } from './concurrency.ts';
import { errorsLayer } from './errors.ts';
import { itemByItem } from './items.ts';
import type { Layer } from './layer.ts';
import { retryLayer } from './retry.ts';
import { timeoutLayer } from './timeout.ts';

/**
 * Wraps a provider in the standard layers.
 * A timeout bounds one attempt, so it is inside the retry; an error has its code before anything looks at it.
 */
export function withStandardLayers(
  provider: ServerlessProvider,
  limits: Required<LimitsSpec>,
  telemetry: Layer | undefined,
): ServerlessProvider {
  const retry = retryLayer({ maxAttempts: limits.maxAttempts });
  const layered = applyLayers(provider, [
    errorsLayer(provider),
    timeoutLayer({ attemptTimeoutSeconds: limits.attemptTimeoutSeconds }),
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
          items: (c) => provider.logs(ref, query, c),
        },
        context,
      ),
  };
}
