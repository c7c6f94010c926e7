/** Writes the record into the tags of the function app, which restarts nothing. */
import { digestOf, sameJson, type CallContext } from 'polyfaas/spi';
import { writeTags } from '../arm/calls.ts';
import type { AzureClients } from '../clients/index.ts';
import type { Executor, Target } from '../model.ts';
import { TAG, type FunctionRecord } from '../record.ts';
import { inputOf } from '../step-input.ts';
import { encodeRecord } from '../tags.ts';
import { presentRecord, refuseOtherMark } from './mark.ts';
import { conflict, refusal } from './refusals.ts';

export const writeRecord: Executor = async (azure, step, call) => {
  const { target, record, expected, knows, tags, untag } = inputOf<{
    record: FunctionRecord;
    /** Null: nothing is looked at. */
    expected: string | null;
    /** Digests of the records that may be there by now. Absent: nothing is compared. */
    knows?: readonly string[];
    tags: Readonly<Record<string, string>>;
    untag: readonly string[];
  }>(step);
  const state = stateOf(target, record);
  if (expected !== null || knows || untag.length > 0) {
    const present = await presentRecord(azure, target, call);
    // It may have been written by an attempt whose answer was lost.
    if (!sameJson({ ...present.record }, { ...record })) {
      refuseOtherMark(target, present.record, expected);
      // Tags cannot be compared and set: what somebody else noted since this operation looked would be forgotten.
      if (knows && !knows.includes(digestOf({ ...present.record }))) {
        throw conflict(target, 'another operation has noted something since');
      }
    }
    // As long as the record names them, an operation that is broken off here finds them again.
    const gone = Object.entries(present.tags).filter(([name]) => untag.includes(name));
    await dropTags(azure, target, gone, call);
  }
  await keepRecord(azure, target, { ...tags, ...state }, call);
  return { done: true };
};

/** @throws ServerlessError QUOTA_EXCEEDED for one that is too long. */
export function stateOf(target: Target, record: FunctionRecord): Readonly<Record<string, string>> {
  const state = encodeRecord(record);
  if (state) return state;
  throw refusal(
    target,
    'QUOTA_EXCEEDED',
    `"${target.ref.name}" has more events than the function app's tags can hold. Move some of them to another function.`,
  );
}

/** Writes the tags of a record, and drops those of a longer one: they count among all that there may be. */
export async function keepRecord(
  azure: AzureClients,
  target: Target,
  tags: Readonly<Record<string, string>>,
  call: CallContext,
): Promise<void> {
  const after = await writeTags(azure, target.siteId, 'Merge', tags, call.signal);
  const spare = Object.entries(after).filter(
    ([name]) => name.startsWith(TAG.state) && tags[name] === undefined,
  );
  await dropTags(azure, target, spare, call);
}

async function dropTags(
  azure: AzureClients,
  { siteId }: Target,
  tags: readonly (readonly [string, string])[],
  { signal }: CallContext,
): Promise<void> {
  if (tags.length === 0) return;
  await writeTags(azure, siteId, 'Delete', Object.fromEntries(tags), signal);
}
