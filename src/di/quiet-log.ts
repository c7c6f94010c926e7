import { ServerlessError } from '../errors/index.ts';
import type { CoreLog } from '../spi/provider.ts';

/**
 * The user's log, which never throws: it hears of calls, and does not decide about them. Some of what is logged is logged
 * where nobody waits, and a failure there would end the process.
 *
 * @throws ServerlessError INVALID_ARGUMENT for what is no log at all.
 */
export function quietLog(given: CoreLog): CoreLog {
  if (typeof given.log !== 'function') {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: 'log: it has no method `log(level, message, fields)`. Give one, or leave it out.',
    });
  }
  return {
    log(...entry) {
      try {
        // One that is `async` fits the type too.
        const outcome: unknown = given.log(...entry);
        if (outcome instanceof Promise) outcome.catch(() => {});
      } catch {
        // There is nobody left to tell.
      }
    },
  };
}
