/** Searches that the deployer may have no right to, or no package for: then it is told what was left out. */
import { ServerlessError, type CallContext } from 'polyfaas/spi';
import type { AwsClients } from '../../clients/index.ts';
import { isDenied } from '../../errors.ts';
import type { Target } from '../../model.ts';

export interface Search {
  readonly aws: AwsClients;
  readonly target: Target;
  readonly call: CallContext;
  /** What could not be searched, in words for people. */
  readonly unsearched: Set<string>;
}

/** What the look finds; `none` where it is refused. */
export async function searched<Value>(
  { unsearched }: Search,
  what: string,
  none: Value,
  look: () => Promise<Value>,
): Promise<Value> {
  try {
    return await look();
  } catch (error) {
    if (!isDenied(error) && !isMissingPackage(error)) throw error;
    unsearched.add(what);
    return none;
  }
}

/** The clients say it of a vendor's package that is not installed. */
function isMissingPackage(error: unknown): boolean {
  return ServerlessError.isInstance(error) && error.code === 'INVALID_ARGUMENT';
}

/** All items of a list that comes in pages. */
export async function everyItem<Item>(
  ask: (token: string | undefined) => Promise<{
    readonly items: readonly Item[] | undefined;
    readonly next: string | undefined;
  }>,
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let token: string | undefined;
  do {
    const { items, next } = await ask(token);
    found.push(...(items ?? []));
    token = next === '' ? undefined : next;
  } while (token !== undefined);
  return found;
}
