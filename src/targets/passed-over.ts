/** Targets that could not be read, where another one may know the same. */
import { ServerlessError } from '../errors/index.ts';
import type { CallOptions } from '../manager/types.ts';
import type { CoreLog } from '../spi/provider.ts';
import { blameOf } from './blame.ts';

export class PassedOver {
  readonly #operation: string;
  readonly #log: CoreLog;
  readonly #errors: unknown[] = [];

  constructor(operation: string, log: CoreLog) {
    this.#operation = operation;
    this.#log = log;
  }

  get count(): number {
    return this.#errors.length;
  }

  /** @throws the error itself, where it is not the target's: a wrong name, or a caller that gave up. */
  add(id: string, error: unknown, options: CallOptions | undefined): void {
    if (options?.signal?.aborted === true || !blameOf(error, true).isTargets) throw error;
    this.#errors.push(error);
    this.#log.log('warn', `The target "${id}" was passed over by ${this.#operation}.`, {
      target: id,
      code: ServerlessError.isInstance(error) ? error.code : 'UNKNOWN',
    });
  }

  /** @throws the first, if there is any. */
  throwFirst(): void {
    if (this.#errors.length > 0) throw this.#errors[0];
  }
}
