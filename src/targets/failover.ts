/** Invocations of several targets: the first that is well answers. */
import { ServerlessError } from '../errors/index.ts';
import type { JsonValue } from '../function/json.types.ts';
import type { InvokeOptions, ServerlessManager, TargetedInvokeResult } from '../manager/types.ts';
import type { Clock } from '../spi/clock.ts';
import type { CoreLog } from '../spi/provider.ts';
import { blameOf } from './blame.ts';
import { Breaker, type BreakerOptions } from './breaker.ts';

export interface FailoverParts {
  /** The primary first. */
  readonly targets: ReadonlyMap<string, ServerlessManager>;
  readonly clock: Clock;
  readonly log: CoreLog;
  readonly options: BreakerOptions;
}

export class Failover {
  readonly #targets: readonly {
    readonly id: string;
    readonly manager: ServerlessManager;
    readonly breaker: Breaker;
  }[];
  readonly #log: CoreLog;

  constructor({ targets, clock, log, options }: FailoverParts) {
    this.#targets = [...targets].map(([id, manager]) => ({
      id,
      manager,
      breaker: new Breaker(options, clock),
    }));
    this.#log = log;
  }

  async invoke<Output extends JsonValue>(
    name: string,
    input: unknown,
    options: InvokeOptions = {},
  ): Promise<TargetedInvokeResult<Output>> {
    const { version, idempotent = false } = options;
    if (version !== undefined) throw this.#versionOfOne(version);
    // One id for all attempts: the logs of every target tell the same call by it.
    const all = { ...options, requestId: options.requestId ?? crypto.randomUUID() };
    let failed: { readonly error: unknown } | undefined;
    this.#lookAgain(name);
    for (const { id, manager, breaker } of this.#targets) {
      if (!breaker.begin()) continue;
      try {
        const result = await manager.invoke<Output>(name, input, all);
        breaker.succeeded();
        return { ...result, target: id };
      } catch (error) {
        const { isTargets, mayGoOn } = blameOf(error, idempotent);
        if (isTargets) this.#failed(id, breaker, error);
        else breaker.gone();
        // The first failure is the primary's, which is what somebody has to look at.
        failed ??= { error };
        if (!mayGoOn || options.signal?.aborted === true) throw error;
      }
    }
    if (failed !== undefined) throw failed.error;
    return this.#insist<Output>(name, input, all);
  }

  /** Nobody is thought to be well; somebody has to be asked all the same. */
  async #insist<Output extends JsonValue>(
    name: string,
    input: unknown,
    options: InvokeOptions,
  ): Promise<TargetedInvokeResult<Output>> {
    const likely = this.#targets.find(({ breaker }) => !breaker.isOpen) ?? this.#targets[0];
    if (likely === undefined) throw new TypeError('There is no target.');
    const { id, manager, breaker } = likely;
    const result = await manager.invoke<Output>(name, input, options);
    if (breaker.isOpen) breaker.looked(true);
    return { ...result, target: id };
  }

  #failed(id: string, breaker: Breaker, error: unknown): void {
    breaker.failed();
    if (!breaker.isOpen) return;
    const code = ServerlessError.isInstance(error) ? error.code : 'UNKNOWN';
    this.#log.log('warn', `Calls go past the target "${id}" until it answers again.`, {
      target: id,
      code,
    });
  }

  /** A warm-up, which runs no handler, tells whether a target is back: no call of a user's is spent on that. */
  #lookAgain(name: string): void {
    for (const { id, manager, breaker } of this.#targets) {
      if (!breaker.shouldLook()) continue;
      const look =
        manager.capabilities.features['warm.ping'].support === 'none'
          ? manager.describe(name)
          : manager.preWarm(name, { instances: 1 });
      void look
        .then(() => true, hasAnswered)
        .then((isBack) => {
          breaker.looked(isBack);
          if (!isBack) return;
          this.#log.log('info', `The target "${id}" answers again.`, { target: id });
        });
    }
  }

  #versionOfOne(version: string): ServerlessError {
    const ids = this.#targets.map(({ id }) => id);
    return new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: `version: "${version}" is a version of one platform, and here are ${ids.join(', ')}. Use manager.target('${ids[0]}').invoke(...).`,
    });
  }
}

/** A function that is not deployed there, or does not start, has a platform that answers. */
function hasAnswered(error: unknown): boolean {
  if (!ServerlessError.isInstance(error)) return false;
  return error.code === 'NOT_FOUND' || error.code === 'FUNCTION_FAILED';
}
