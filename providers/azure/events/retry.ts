/** Retry policies of registrations, which Azure Functions has for Event Hubs and Cosmos DB ("Retry policies"). */
import type { JsonObject, RetryPolicy } from 'polyfaas/spi';

const SHORTEST_SECONDS = 1;
const WITHOUT_END = -1;

/**
 * What a registration takes as `retry`; undefined where nothing is repeated. Delays that grow evenly do not exist there:
 * each is as long as the first. Delays are whole seconds, at least one.
 *
 * The host moves its checkpoint when it has repeated often enough, whatever came of it. Where there is a dead-letter
 * queue, it therefore repeats until the entry, which counts the attempts, says that all is done.
 */
export function registrationRetry(
  retry: RetryPolicy,
  hasDeadLetter: boolean,
): JsonObject | undefined {
  const maxRetryCount = hasDeadLetter ? WITHOUT_END : retry.maxAttempts - 1;
  if (maxRetryCount === 0) return undefined;
  const first = registrationSeconds(retry.delaySeconds);
  if (retry.backoff === 'exponential' && retry.delaySeconds > 0) {
    return {
      strategy: 'exponentialBackoff',
      maxRetryCount,
      minimumInterval: { seconds: first },
      // The host wants a longest delay beyond the first.
      maximumInterval: { seconds: Math.max(first + 1, registrationSeconds(retry.maxDelaySeconds)) },
    };
  }
  return { strategy: 'fixedDelay', maxRetryCount, delayInterval: { seconds: first } };
}

/** Whole seconds, at least one. */
export function registrationSeconds(value: number): number {
  return Math.max(SHORTEST_SECONDS, Math.ceil(value));
}
