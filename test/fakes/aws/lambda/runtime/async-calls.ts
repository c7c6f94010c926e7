import type { InvokeOutcome, World } from '../../core/ports.ts';
import type { AsyncPolicy, ConcurrencyLimits, VersionConfig } from '../execution.ts';
import type { Calls } from './calls.ts';
import { sendToDestination } from './destinations.ts';
import { CallMetrics } from './metrics.ts';

export interface AsyncCall {
  readonly requestId: string;
  readonly payload: string;
  readonly invokedArn: string;
  readonly traceHeader?: string;
  readonly policy: () => AsyncPolicy;
  readonly limits: ConcurrencyLimits;
  readonly config: () => VersionConfig | undefined;
}

type Condition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';

/** An event that Lambda holds. */
interface Held {
  readonly call: AsyncCall;
  readonly acceptedAt: number;
  /** The same at every attempt. */
  readonly traceHeader: string;
  /** Attempts that reached the function. */
  attempts: number;
  /** Attempts in a row that did not. */
  refusals: number;
  last?: InvokeOutcome;
  lastConfig?: VersionConfig;
}

/** Between the attempts after a function's own failure (Lambda: one minute, then two). */
const RETRY_MS = [60_000, 120_000];
/** After a refusal: from one second, growing to five minutes. */
const REFUSED_MS = 1000;
const REFUSED_MAX_MS = 300_000;

/** Calls that were accepted and run in the background, with Lambda's own rules for another try. */
export class AsyncCalls {
  readonly #world: World;
  readonly #calls: Calls;
  readonly #makeTrace: () => string;
  readonly #timers = new Set<() => void>();
  #isStopped = false;

  constructor(world: World, calls: Calls, makeTrace: () => string) {
    this.#world = world;
    this.#calls = calls;
    this.#makeTrace = makeTrace;
  }

  accept(call: AsyncCall): void {
    const held: Held = {
      call,
      acceptedAt: this.#world.clock.now(),
      traceHeader: call.traceHeader ?? this.#makeTrace(),
      attempts: 0,
      refusals: 0,
    };
    this.#world.work.run(() => this.#attempt(held));
  }

  stop(): void {
    this.#isStopped = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  async #attempt(held: Held): Promise<void> {
    const config = held.call.config();
    // The function is gone, and with it what it was sent.
    if (this.#isStopped || !config) return;
    held.lastConfig = config;
    if (this.#isTooOld(held)) return this.#end(held, 'EventAgeExceeded');
    const { requestId, payload, invokedArn, limits } = held.call;
    const { traceHeader } = held;
    let outcome: InvokeOutcome;
    try {
      const call = { requestId, payload, invokedArn, limits, traceHeader, wantTail: false };
      outcome = await this.#calls.run(config, call);
    } catch {
      held.refusals += 1;
      // A function that may not run at all is not waited for.
      if (limits.reserved === 0) return this.#end(held, 'RetriesExhausted');
      this.#again(held, Math.min(REFUSED_MAX_MS, REFUSED_MS * 2 ** (held.refusals - 1)));
      return;
    }
    held.refusals = 0;
    held.attempts += 1;
    held.last = outcome;
    if (outcome.functionError === undefined) return this.#end(held, 'Success');
    if (held.attempts > held.call.policy().maxRetries) return this.#end(held, 'RetriesExhausted');
    this.#again(held, RETRY_MS[held.attempts - 1] ?? REFUSED_MAX_MS);
  }

  /** At the next attempt, or when the event grows too old, whichever comes first. */
  #again(held: Held, delayMs: number): void {
    if (this.#isStopped) return;
    const oldAt = held.acceptedAt + held.call.policy().maxAgeSeconds * 1000;
    const untilOld = Math.max(0, oldAt - this.#world.clock.now());
    const cancel = this.#world.clock.after(Math.min(delayMs, untilOld), () => {
      this.#timers.delete(cancel);
      this.#world.work.run(() => this.#attempt(held));
    });
    this.#timers.add(cancel);
  }

  #isTooOld({ acceptedAt, call }: Held): boolean {
    return this.#world.clock.now() - acceptedAt >= call.policy().maxAgeSeconds * 1000;
  }

  async #end(held: Held, condition: Condition): Promise<void> {
    const { call, lastConfig } = held;
    if (!lastConfig) return;
    const isSuccess = condition === 'Success';
    const { onSuccess, onFailure, deadLetter } = call.policy();
    const functionArn = qualified(call.invokedArn);
    const { roleArn, functionName } = lastConfig;
    const common = { roleArn, isSuccess, functionArn };
    const arn = isSuccess ? onSuccess : onFailure;
    const metrics = new CallMetrics(this.#world, functionName, call.invokedArn);
    if (arn !== undefined) {
      const record = JSON.stringify(this.#record(held, condition, functionArn));
      if (!(await sendToDestination(this.#world, { ...common, arn, record })))
        metrics.undelivered('DestinationDeliveryFailures');
    } else if (!isSuccess && deadLetter !== undefined) {
      const letter = { record: call.payload, attributes: deadLetterAttributes(held) };
      if (!(await sendToDestination(this.#world, { ...common, ...letter, arn: deadLetter })))
        metrics.undelivered('DeadLetterErrors');
    }
  }

  #record({ call, attempts, last }: Held, condition: Condition, functionArn: string): unknown {
    return {
      version: '1.0',
      timestamp: new Date(this.#world.clock.now()).toISOString(),
      requestContext: {
        requestId: call.requestId,
        functionArn,
        condition,
        approximateInvokeCount: attempts,
      },
      requestPayload: parsed(call.payload),
      ...(last && {
        responseContext: {
          statusCode: last.statusCode,
          executedVersion: last.executedVersion,
          ...(last.functionError !== undefined && { functionError: last.functionError }),
        },
        responsePayload: parsed(last.payload ?? 'null'),
      }),
    };
  }
}

/** What goes beside the bare event (Lambda: "Adding a dead-letter queue"). */
function deadLetterAttributes({ call, last }: Held): Readonly<Record<string, string>> {
  const failure = parsed(last?.payload ?? 'null');
  const message = failure instanceof Object ? Reflect.get(failure, 'errorMessage') : undefined;
  return {
    RequestID: call.requestId,
    ErrorCode: String(last?.statusCode ?? 429),
    ErrorMessage: typeof message === 'string' ? message.slice(0, 1024) : 'Rate Exceeded.',
  };
}

/** Records always name a qualifier. */
function qualified(arn: string): string {
  return /:function:[^:]+$/.test(arn) ? `${arn}:$LATEST` : arn;
}

function parsed(payload: string): unknown {
  if (payload === '') return {};
  try {
    return JSON.parse(payload);
  } catch {
    // What a function streamed need not be JSON.
    return payload;
  }
}
