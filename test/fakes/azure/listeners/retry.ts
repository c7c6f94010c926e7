/** Retry policies of registrations, as the host runs them for timers, Event Hubs and Cosmos DB. */
import type { AppHost, TriggerCall, TriggerOutcome, World } from '../core/ports.ts';

export interface RetryPolicy {
  /** -1: for ever. */
  readonly maxRetryCount: number;
  /** How long to wait before a retry; the first is number 1. */
  delayMs(retry: number): number;
}

/** Reads `metadata.retryOptions`, where intervals are `{ seconds }` already. Undefined without a policy. */
export function readRetry(
  options: Readonly<Record<string, unknown>> | undefined,
): RetryPolicy | undefined {
  if (!options) return undefined;
  const maxRetryCount = Number(options['maxRetryCount'] ?? 0);
  const strategy = options['retryStrategy'] ?? options['strategy'];
  if (strategy === 'fixedDelay') {
    const delayMs = durationMs(options['delayInterval']);
    return { maxRetryCount, delayMs: () => delayMs };
  }
  const least = durationMs(options['minimumInterval']);
  const most = durationMs(options['maximumInterval']);
  return { maxRetryCount, delayMs: (retry) => Math.min(most, least * 2 ** (retry - 1)) };
}

function durationMs(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'object' || value === null) return 0;
  const { seconds = 0 }: { seconds?: unknown } = value;
  return Number(seconds) * 1000;
}

/**
 * Invokes until it succeeds or the policy gives up, and tells the last outcome. Between attempts it waits on the clock,
 * and nothing is under way. A host that is stopped forgets what it wanted to repeat.
 */
export function invokeWithRetry(
  world: World,
  host: AppHost,
  call: TriggerCall,
  options: {
    readonly retry: RetryPolicy | undefined;
    isEnded(): boolean;
    /** Not called when it ended while it waited. */
    done(outcome: TriggerOutcome): void | Promise<void>;
  },
): void {
  const { retry, isEnded, done } = options;
  const attempt = (retryCount: number): void => {
    world.work.run(async () => {
      const retryContext = { retryCount, maxRetryCount: retry?.maxRetryCount ?? 0 };
      const outcome = await host.invoke({ ...call, ...(retryCount > 0 && { retryContext }) });
      const isLast = !retry || (retry.maxRetryCount >= 0 && retryCount >= retry.maxRetryCount);
      if (outcome.ok || isLast || isEnded()) return done(outcome);
      world.clock.after(retry.delayMs(retryCount + 1), () => {
        if (!isEnded()) attempt(retryCount + 1);
      });
    });
  };
  attempt(0);
}
