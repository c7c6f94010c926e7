/** The layers in their order, inside out: errors, timeout, concurrency, retry, telemetry. */
import type { ServerlessProvider } from '../spi/provider.ts';
import type { LimitsSpec } from '../spec/types.ts';
import { applyLayers } from './apply.ts';
import { concurrencyLayer } from './concurrency.ts';
import { errorsLayer } from './errors.ts';
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
  return applyLayers(provider, [
    errorsLayer(provider),
    timeoutLayer({ attemptTimeoutSeconds: limits.attemptTimeoutSeconds }),
    concurrencyLayer({ concurrentCalls: limits.concurrentCalls }),
    retryLayer({ maxAttempts: limits.maxAttempts }),
    ...(telemetry ? [telemetry] : []),
  ]);
}
