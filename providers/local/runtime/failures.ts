/** Every way in which a call ends badly, in words that say what to do. */
import { deserializeError, type SerializedError } from 'polyfaas/function';
import { ServerlessError, type SourcePositions } from 'polyfaas/spi';
import type { PoolSettings } from '../ports.ts';
import { MOST_ANSWER_BYTES } from './answer-size.ts';
import type { Places } from './places.ts';
import type { AnswerTooLarge } from './protocol.ts';

/** Where in an instance's life a call failed. */
type Phase = 'init' | 'call' | 'exit' | 'idle';

const WHEN = {
  init: 'while it started',
  exit: 'during the call',
  idle: 'after it had answered, and served no call',
} as const;

/** Makes the errors of one pool. */
export class Failures {
  readonly #settings: PoolSettings;

  readonly #positions: SourcePositions;

  readonly #places: Places;

  constructor(settings: PoolSettings, positions: SourcePositions, places: Places) {
    this.#settings = settings;
    this.#positions = positions;
    this.#places = places;
  }

  get #name(): string {
    return this.#settings.identity.functionName;
  }

  /**
   * The handler threw, or answered with what cannot travel.
   *
   * @param durationMs in the handler; null where that is not known.
   * @param initDurationMs of a cold start; null on a warm one.
   */
  handler(
    travelled: SerializedError | AnswerTooLarge,
    durationMs: number | null,
    initDurationMs: number | null,
  ): ServerlessError {
    if ('answerBytes' in travelled)
      return this.#answerTooLarge(travelled.answerBytes, durationMs, initDurationMs);
    const cause = deserializeError(travelled);
    return this.#failed('call', `${this.#name} failed: ${cause.name}: ${cause.message}`, cause, {
      errorName: cause.name,
      durationMs,
      initDurationMs,
      coldStart: initDurationMs !== null,
    });
  }

  /** The code could not be loaded. */
  start(travelled: SerializedError): ServerlessError {
    const cause = deserializeError(travelled);
    return this.#failed(
      'init',
      `${this.#name} did not start: ${cause.name}: ${cause.message}. The code outside the handlers failed; see the stack of the cause.`,
      cause,
      { errorName: cause.name },
    );
  }

  startTooLong(limitMs: number): ServerlessError {
    return this.#failed(
      'init',
      `${this.#name} did not start within ${limitMs / 1000} s. Do less outside the handlers, or raise timeoutSeconds.`,
    );
  }

  /** The instance ended by itself; `idle`: when it served no call. */
  exit(
    phase: 'init' | 'exit' | 'idle',
    code: number | null,
    signal: string | null,
    cause: Error | undefined,
  ): ServerlessError {
    const when = WHEN[phase];
    const how = signal === null ? `with code ${code ?? 'unknown'}` : `by ${signal}`;
    if (cause)
      return this.#failed(
        phase,
        `The instance of ${this.#name} ended ${how} ${when}, of an error that nothing caught: ${cause.name}: ${cause.message}. Catch it, or await the promise that it comes from.`,
        cause,
        { errorName: cause.name, exitCode: code },
      );
    const advice =
      signal === 'SIGABRT'
        ? `That is how V8 ends when the heap is full: memoryMb is ${this.#settings.memoryMb}; raise it, or hold less at once. process.abort() and native code end so, too.`
        : phase === 'init' && code === 13
          ? 'A top-level await never settled.'
          : 'Return from the handler instead of calling process.exit.';
    return this.#failed(
      phase,
      `The instance of ${this.#name} ended ${how} ${when}. ${advice}`,
      undefined,
      { exitCode: code },
    );
  }

  memory(usedBytes: number | null): ServerlessError {
    const { memoryMb } = this.#settings;
    const usedMb = usedBytes === null ? null : Math.round(usedBytes / BYTES_PER_MB);
    const used = usedMb === null ? 'more than allowed' : `${usedMb} MB`;
    return this.#failed(
      'exit',
      `${this.#name} used ${used} of memory (heap and buffers); ${memoryMb} MB are allowed, so its instance was ended. Raise memoryMb, or hold less at once.`,
      undefined,
      { usedMb, memoryMb },
    );
  }

  /** What the caller gave does not pass a structured clone. */
  unsendable(cause: unknown): ServerlessError {
    return new ServerlessError({
      ...this.#common('INVALID_ARGUMENT'),
      message: `The event for ${this.#name} cannot be sent to its instance: give JSON only.`,
      cause,
    });
  }

  /** @param initDurationMs of a cold start; null on a warm one. */
  timeout(initDurationMs: number | null): ServerlessError {
    const { timeoutSeconds } = this.#settings;
    const coldStart = initDurationMs !== null;
    // Perhaps for one that waits for the place of this very call.
    const crowded = this.#places.isCrowded
      ? ` Meanwhile ${this.#allTaken}, and calls waited for one: if this one waited for another function, that is why.`
      : '';
    return new ServerlessError({
      ...this.#common('TIMEOUT'),
      message: `${this.#name} did not answer within ${timeoutSeconds} s. Raise timeoutSeconds, or do less in one call.${crowded}`,
      details: { timeoutSeconds, durationMs: timeoutSeconds * 1000, initDurationMs, coldStart },
    });
  }

  cancelled(cause?: unknown): ServerlessError {
    return new ServerlessError({
      ...this.#common('CANCELLED'),
      message: `The call of ${this.#name} was cancelled by its caller.`,
      cause,
    });
  }

  stopped(): ServerlessError {
    return new ServerlessError({
      ...this.#common('CANCELLED'),
      message: `The call of ${this.#name} ended because version ${this.#settings.identity.version} is being stopped. Call again: the live version answers.`,
      retryable: true,
    });
  }

  /** No instance is free, and no place in the queue. */
  throttled(stuck: number): ServerlessError {
    const { maxInstances, concurrency, maxWaiting } = this.#settings;
    const quarantined =
      stuck === 0 ? '' : ` ${stuck} of them did not end when told to and are of no use.`;
    return new ServerlessError({
      ...this.#common('RATE_LIMITED'),
      message: `${this.#name} has all of its ${maxInstances} instances busy (concurrency ${concurrency}) and ${maxWaiting} calls waiting.${quarantined} Try again later, or raise maxInstances or concurrency.`,
      retryable: true,
      details: { maxInstances, concurrency, maxWaiting, didNotRun: true },
    });
  }

  /** The limit of all functions together leaves it no instance, and there is no place in the queue. */
  crowded(): ServerlessError {
    const { maxWaiting } = this.#settings;
    return new ServerlessError({
      ...this.#common('RATE_LIMITED'),
      message: `${this.#name} has no free instance and ${maxWaiting} calls waiting: ${this.#allTaken}. Try again later, or raise that limit.`,
      retryable: true,
      details: { maxTotalInstances: this.#places.limit, maxWaiting, didNotRun: true },
    });
  }

  /** A call has waited for a place for as long as it might have run. */
  noPlace(): ServerlessError {
    const { timeoutSeconds } = this.#settings;
    return new ServerlessError({
      ...this.#common('RATE_LIMITED'),
      message: `${this.#name} had no instance within ${timeoutSeconds} s: ${this.#allTaken}. Raise that limit; functions that wait for each other hold an instance each.`,
      // Its caller has waited for as long as for an answer.
      retryable: false,
      details: { maxTotalInstances: this.#places.limit, timeoutSeconds, didNotRun: true },
    });
  }

  get #allTaken(): string {
    return `all ${this.#places.limit} instances that providerOptions.local.maxTotalInstances allows for all functions together were taken`;
  }

  #answerTooLarge(
    bytes: number,
    durationMs: number | null,
    initDurationMs: number | null,
  ): ServerlessError {
    const limit = MOST_ANSWER_BYTES;
    const [is, most] = [bytes, limit].map((count) => count.toLocaleString('en-US'));
    return new ServerlessError({
      ...this.#common('PAYLOAD_TOO_LARGE'),
      message: `The answer of ${this.#name} is ${is} bytes of JSON; at most ${most} are passed on. Put the data in a bucket and answer with its key, or stream it from an http handler.`,
      details: { bytes, limit, durationMs, initDurationMs, coldStart: initDurationMs !== null },
    });
  }

  #failed(
    phase: Phase,
    message: string,
    cause?: Error,
    details: { readonly [field: string]: string | number | boolean | null } = {},
  ): ServerlessError {
    this.#positions.locate(cause);
    return new ServerlessError({
      ...this.#common('FUNCTION_FAILED'),
      message,
      cause,
      details: { phase, ...(phase === 'init' ? { didNotRun: true } : {}), ...details },
    });
  }

  #common<Code extends ServerlessError['code']>(
    code: Code,
  ): { readonly code: Code; readonly provider: string; readonly function: string } {
    return { code, provider: this.#settings.identity.provider, function: this.#name };
  }
}

export const BYTES_PER_MB = 1_048_576;

/** The end that V8 puts to a thread whose heap is full. */
export function isOutOfMemory(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
