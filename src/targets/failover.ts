/** Invocations of several targets: the first that is well answers. */
import { ServerlessError } from '../errors/index.ts';
import type { JsonValue } from '../function/json.types.ts';
import { checkName } from '../manager/arguments.ts';
import { checkOptions } from '../manager/options.ts';
import type { InvokeOptions, ServerlessManager, TargetedInvokeResult } from '../manager/types.ts';
import type { Clock } from '../spi/clock.ts';
import type { CoreLog } from '../spi/provider.ts';
import { blameOf, verdictOf, type Verdict } from './blame.ts';
import { Breaker, type BreakerOptions, type Leave } from './breaker.ts';
import { withOthers, type Miss } from './misses.ts';

export interface FailoverParts {
  /** The primary first. */
  readonly targets: ReadonlyMap<string, ServerlessManager>;
  readonly clock: Clock;
  readonly log: CoreLog;
  readonly options: BreakerOptions;
}

interface Target {
  readonly id: string;
  readonly manager: ServerlessManager;
  readonly breaker: Breaker;
}

export class Failover {
  readonly #targets: readonly Target[];
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
    given: InvokeOptions = {},
  ): Promise<TargetedInvokeResult<Output>> {
    // Before anybody is looked at: what is wrong with the call says nothing of a target.
    checkName(name);
    const { version, idempotent = false, signal } = checkOptions('invoke', given);
    if (version !== undefined) throw this.#versionOfOne(version);
    // One id for all attempts: the logs of every target tell the same call by it.
    const options = { ...given, requestId: given.requestId ?? crypto.randomUUID() };
    const misses: Miss[] = [];
    this.#lookAgain(name);
    for (const target of this.#targets) {
      const leave = target.breaker.begin();
      if (leave === undefined) continue;
      const { id, manager } = target;
      try {
        const result = await manager.invoke<Output>(name, input, options);
        this.#answered(target, leave);
        return { ...result, target: id };
      } catch (error) {
        if (signal?.aborted === true) {
          // Whatever it came to, the caller ended it.
          target.breaker.gone(leave);
          throw error;
        }
        const { isTargets, mayGoOn } = blameOf(error, idempotent);
        if (isTargets) this.#failed(target, leave, error);
        else if (verdictOf(error) === 'none') target.breaker.gone(leave);
        else this.#ran(target, leave);
        misses.push({ id, error });
        if (!mayGoOn) throw withOthers(misses, error);
      }
    }
    const [primary] = misses;
    // The first failure is the primary's, which is what somebody has to look at.
    if (primary !== undefined) throw withOthers(misses, primary.error);
    return this.#insist<Output>(name, input, options);
  }

  /** Nobody is thought to be well; somebody has to be asked all the same. */
  async #insist<Output extends JsonValue>(
    name: string,
    input: unknown,
    options: InvokeOptions,
  ): Promise<TargetedInvokeResult<Output>> {
    const likelyFirst = [
      ...this.#targets.filter(({ breaker }) => !breaker.isOpen),
      ...this.#targets.filter(({ breaker }) => breaker.isOpen),
    ];
    const misses: Miss[] = [];
    for (const target of likelyFirst) {
      const { id, manager } = target;
      try {
        const result = await manager.invoke<Output>(name, input, options);
        this.#isBack(target);
        return { ...result, target: id };
      } catch (error) {
        if (options.signal?.aborted === true) throw error;
        const { isTargets, mayGoOn } = blameOf(error, options.idempotent === true);
        // The function's own failure tells that its platform is there.
        if (!isTargets && verdictOf(error) !== 'none') this.#isBack(target);
        misses.push({ id, error });
        if (!mayGoOn) throw withOthers(misses, error);
      }
    }
    const [first] = misses;
    if (first === undefined) throw new TypeError('There is no target.');
    throw withOthers(misses, first.error);
  }

  /** It had no leave to be called, and was there all the same. */
  #isBack({ id, breaker }: Target): void {
    const wasOpen = breaker.isOpen;
    breaker.looked('back');
    if (wasOpen) this.#tellBack(id);
  }

  #answered({ id, breaker }: Target, leave: Leave): void {
    const wasOpen = breaker.isOpen;
    breaker.succeeded(leave);
    if (wasOpen && !breaker.isOpen) this.#tellBack(id);
  }

  /** The function's own failure: of a trial it tells that the platform is there, and else nothing. */
  #ran(target: Target, leave: Leave): void {
    if (leave === 'trial') this.#answered(target, leave);
    else target.breaker.gone(leave);
  }

  #failed({ id, breaker }: Target, leave: Leave, error: unknown): void {
    breaker.failed(leave);
    if (!breaker.isOpen) return;
    const code = ServerlessError.isInstance(error) ? error.code : 'UNKNOWN';
    this.#log.log('warn', `Calls go past the target "${id}" until it answers again.`, {
      target: id,
      code,
    });
  }

  #tellBack(id: string): void {
    this.#log.log('info', `The target "${id}" answers again.`, { target: id });
  }

  /**
   * A warm-up, which runs no handler, tells whether a target is back: no call of a user's is spent on that, unless these
   * credentials may not warm up.
   */
  #lookAgain(name: string): void {
    for (const { id, manager, breaker } of this.#targets) {
      if (!breaker.shouldLook()) continue;
      const look =
        manager.capabilities.features['warm.ping'].support === 'none'
          ? manager.describe(name)
          : manager.preWarm(name, { instances: 1 });
      void look
        .then((): Verdict => 'back', verdictOf)
        .then((verdict) => {
          breaker.looked(verdict);
          if (verdict === 'back') this.#tellBack(id);
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
