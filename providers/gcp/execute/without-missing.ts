/** Changes of the traffic, past revisions that somebody deleted. */
import {
  again,
  type CallContext,
  type JsonArray,
  type JsonObject,
  keptOf,
  type Waiting,
} from 'polyfaas/spi';
import { listAt, objectAt } from '../clients/json.ts';
import { errorMessage } from '../errors.ts';
import type { TaggedRevision } from '../steps.ts';
import type { PresentService } from './service.ts';

/**
 * A version that is kept may have lost its revision to somebody who deleted it by hand: then it gets no tag, and stands in
 * no other version's way.
 *
 * @param wanted the revision that the step is about, which has to be there.
 */
export async function withoutMissing(
  call: CallContext,
  wanted: string | null,
  change: (missing: JsonArray) => Promise<Waiting | PresentService>,
): Promise<Waiting | PresentService> {
  const missing = listAt(keptOf(call), 'missing');
  try {
    const found = await change(missing);
    return 'done' in found && missing.length > 0 ? keeping(found, { missing }) : found;
  } catch (error) {
    const [, name] = MISSING.exec(errorMessage(error)) ?? [];
    if (name === undefined || name === wanted || missing.includes(name)) throw error;
    return again(call, {
      stage: 'leaving out a deleted version',
      keep: { missing: [...missing, name] },
    });
  }
}

const MISSING = /Revision '([\w-]+)' does not exist or is deleted/i;

export function isThere(missing: JsonArray): (one: TaggedRevision) => boolean {
  return ({ revision }) => !missing.includes(revision);
}

/** What is waited for, with more kept. */
export function keeping(waiting: Waiting, more: JsonObject): Waiting {
  return { ...waiting, resume: { ...objectAt(waiting.resume), ...more } };
}
