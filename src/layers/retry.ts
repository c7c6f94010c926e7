/** One retry policy for every provider: full jitter, Retry-After, and a budget shared by all calls. */
import { cancelledByCaller, closedMeanwhile, isOwnReason } from '../engine/cancellation.ts';
import { ServerlessError } from '../errors/index.ts';
import type { CallContext } from '../spi/provider.ts';
import { NEVER_ABORTS } from '../spi/signals.ts';
import type { CallInfo, Layer } from './layer.ts';

const BASE_DELAY_MS = 100;
const MAX_DELAY_MS = 20_000;
/** Whoever is asked to wait longer than this decides for itself: the error says how long. */
const MAX_ASKED_DELAY_MS = 60_000;
/** An invocation that somebody else can answer does not wait for longer. */
const MAX_ASKED_DELAY_WITH_OTHERS_MS = 1_000;
/** A retry costs this many tokens, and a success gives one back: an outage is not made worse. */
const RETRY_COST = 5;

export interface RetryOptions {
  /** The first attempt counts. */
  readonly maxAttempts: number;
  /** Tokens in the budget. Default 500. */
  readonly budget?: number;
  /** Aborts when the provider is about to be closed: nothing is repeated after that. */
  readonly closing?: AbortSignal;
  /** Another target may answer an invocation instead. Default false. */
  readonly hasOthers?: boolean;
}

export function retryLayer(options: RetryOptions): Layer {
  const capacity = options.budget ?? 500;
  let tokens = capacity;
  return {
    name: 'retry',
    applies: () => true,
    around: (info, context, next) => {
      const retry = async (first: unknown): Promise<Awaited<ReturnType<typeof next>>> => {
        let error = first;
        for (let attempt = 1; attempt < options.maxAttempts; attempt += 1) {
          const isOver = context.signal.aborted || options.closing?.aborted === true;
          if (!mayRetry(info, error, options) || isOver || tokens < RETRY_COST) throw error;
          tokens -= RETRY_COST;
          await pause(info, context, options.closing, error, attempt);
          try {
            const value = await next(context);
            tokens = Math.min(capacity, tokens + RETRY_COST);
            return value;
          } catch (again) {
            error = again;
          }
        }
        throw error;
      };
      return next(context).then((value) => {
        if (tokens < capacity) tokens += 1;
        return value;
      }, retry);
    },
  };
}

/** An invocation is repeated only when that does no harm, or when the platform says that it did not run. */
function mayRetry(info: CallInfo, error: unknown, { hasOthers = false }: RetryOptions): boolean {
  if (!ServerlessError.isInstance(error)) return false;
  if (error.code === 'CANCELLED' || !error.retryable) return false;
  // It is the whole operation that may be repeated: the same call meets what the other one noted again.
  if (error.details?.['overtaken'] === true) return false;
  const isInvoke = info.call === 'invoke';
  const longest = isInvoke && hasOthers ? MAX_ASKED_DELAY_WITH_OTHERS_MS : MAX_ASKED_DELAY_MS;
  if ((error.retryAfterMs ?? 0) > longest) return false;
  return !isInvoke || info.idempotent || error.details?.['didNotRun'] === true;
}

/** Waits before the next attempt. An abort meanwhile ends the call, and tells what it had come to. */
async function pause(
  info: CallInfo,
  context: CallContext,
  closing: AbortSignal | undefined,
  last: unknown,
  attempt: number,
): Promise<void> {
  const signal = eitherOf(context.signal, closing);
  try {
    await context.clock.sleep(delayMs(last, attempt, context.random()), signal);
  } catch (cause) {
    const { reason } = signal;
    if (!signal.aborted) throw cause;
    if (isOwnReason(reason)) throw reason;
    const { provider, function: name, step } = info;
    const place = { provider, function: name, step, details: { lastFailure: told(last) } };
    throw closing?.aborted === true && reason === closing.reason
      ? closedMeanwhile(reason, place)
      : cancelledByCaller(`The ${info.call} call`, reason, place);
  }
}

function eitherOf(signal: AbortSignal, closing: AbortSignal | undefined): AbortSignal {
  if (closing === undefined) return signal;
  return signal === NEVER_ABORTS ? closing : AbortSignal.any([signal, closing]);
}

function told(error: unknown): { readonly code: string; readonly message: string } {
  const { code, message } = ServerlessError.isInstance(error)
    ? error
    : { code: 'UNKNOWN', message: 'An unknown failure.' };
  return { code, message };
}

function delayMs(error: unknown, attempt: number, random: number): number {
  const ceiling = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** (attempt - 1));
  const asked = ServerlessError.isInstance(error) ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(asked, ceiling * random);
}
