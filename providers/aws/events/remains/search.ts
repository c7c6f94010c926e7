/** Searches that the deployer may have no right to, or no package for: then it is told what was left out. */
import type { CallContext } from 'polyfaas/spi';
import type { AwsClients } from '../../clients/index.ts';
import { missingPackages } from '../../clients/load-sdk.ts';
import { classify, isDenied } from '../../errors.ts';
import type { Target } from '../../model.ts';

export interface Search {
  readonly aws: AwsClients;
  readonly target: Target;
  readonly call: CallContext;
  /** What could not be searched, in words for people. */
  readonly unsearched: Set<string>;
}

/** A search of the whole account. */
export interface AccountSearch extends Search {
  /** Names or ARNs of its buses; the default one is among them. */
  readonly buses: () => Promise<readonly string[]>;
}

/** What the look finds; `none` where it is refused. */
export async function searched<Value>(
  { unsearched }: Pick<Search, 'unsearched'>,
  what: string,
  none: Value,
  look: () => Promise<Value>,
): Promise<Value> {
  try {
    return await look();
  } catch (error) {
    if (!isDenied(error) && missingPackages(error).length === 0) throw error;
    unsearched.add(what);
    return none;
  }
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;

/**
 * One look, and another one after a while for as long as the service says that these are too many: a whole account is
 * looked at, others ask too, and to begin again with the first item would never come to an end. The attempt's own time
 * bounds it.
 */
export async function unhurried<Value>(
  { clock, random, signal }: CallContext,
  look: () => Promise<Value>,
): Promise<Value> {
  for (let turn = 0; ; turn += 1) {
    try {
      return await look();
    } catch (error) {
      const { code, retryAfterMs = 0 } = classify(error);
      if (code !== 'RATE_LIMITED') throw error;
      const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** turn);
      await clock.sleep(Math.max(retryAfterMs, (ceiling * (1 + random())) / 2), signal);
    }
  }
}
