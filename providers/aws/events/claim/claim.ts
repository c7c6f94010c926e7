/** What an operation claimed when it marked the record, and whether it is still the one who goes on. */
import { digestOf, type Binding, type CallContext } from 'polyfaas/spi';
import type { AwsClients } from '../../clients/index.ts';
import type { Target } from '../../model.ts';
import { isOwnedBy } from '../../names.ts';
import { decodeRecord, type FunctionRecord } from '../../record.ts';
import { recordOf } from '../../removing.ts';
import { ifThere } from '../../replies.ts';

/** What steps of the operation touch: all that somebody must know of who undoes it. */
export interface Claim {
  /** The bindings that are bound, as they are wished. */
  readonly bindings: readonly Binding[];
  /** Ids: theirs, and those of what is unbound. */
  readonly touched: readonly string[];
  readonly boundaryArn: string | null;
}

/** What a step carries that looks at the record. */
export interface Claimed {
  /** Digests of the records that may be there by now. */
  readonly knows: readonly string[];
  /** Undefined: nothing is touched yet. */
  readonly claim?: Claim | undefined;
  /** A removal: that the function is gone is as it should be. Default false. */
  readonly removes?: boolean | undefined;
}

/** Whose the record is now: the function may be gone, or another's, and a record too. */
export interface Present {
  readonly isGone: boolean;
  readonly isForeign: boolean;
  /** With what a removal has begun to take away as half done. */
  readonly record: FunctionRecord | undefined;
  /** As it was noted. */
  readonly noted: FunctionRecord | undefined;
}

export async function presentRecord(
  aws: AwsClients,
  target: Target,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<Present> {
  const lambda = await aws.lambda();
  const answer = await ifThere(
    lambda.listTags({ Resource: target.functionArn }, { abortSignal: signal }),
  );
  const tags = answer?.Tags ?? {};
  const isGone = answer === undefined;
  const isForeign = !isGone && !isOwnedBy(target.ref, tags);
  const own = isForeign ? {} : tags;
  return { isGone, isForeign, record: recordOf(own), noted: decodeRecord(own) };
}

/**
 * True when another operation has noted something since. What is read may be late, so the record of before is as good as
 * the last one that was written. Each operation marks the record anew, so none is ever there twice.
 */
export function isOvertaken(
  { isGone, isForeign, record }: Present,
  knows: readonly string[],
): boolean {
  return isGone || isForeign || (record !== undefined && !knows.includes(digestOf(record)));
}
