/** Writes the record, by compare and set: each number of it can be written once. */
import {
  type CallContext,
  jsonObject,
  sameJson,
  type JsonObject,
  type ServerlessError,
} from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import type { Executor } from '../model.ts';
import { decodeRecord, encodeRecord, recordVariable } from '../record-text.ts';
import type { FunctionRecord, KeptRecord } from '../record.ts';
import type { RecordInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { conflict, overtaken, refusal } from './refusals.ts';
import { spareVariables } from './room.ts';
import { Variables } from '../observe/variables.ts';
import {
  createVariable,
  deleteVariable,
  isTooMuch,
  KEPT_ONLY,
  type NewVariable,
  variablesOf,
} from './variables.ts';

export const writeRecord: Executor = async (vercel, step, call) => {
  const { projectId, record, topics, expected, deploys } = inputOf<RecordInput>(step);
  if (deploys) await vercel.loadDeployer();
  const present = await variablesOf(vercel, projectId, call);
  const { kept } = present;
  // Written by an attempt whose answer was lost.
  if (kept !== undefined && isWritten(kept.record, record)) {
    await deleteOlder(vercel, projectId, present, kept.number, call);
    return { done: true };
  }
  if (kept === undefined) throw conflict('its record is gone');
  if (!isExpected(kept, expected)) throw overtaken();
  // Of what this plan itself wrote before, the times count.
  const before = 'next' in expected ? kept.record.since : {};
  const wish = { record, topics, before };
  await writeNext(vercel, projectId, present, wish, call);
  return { done: true };
};

/** What is to be written, but for the time. */
export interface RecordWish {
  readonly record: object;
  readonly topics: readonly string[];
  /** Since when bindings of topics are wished, as it was noted. */
  readonly before: Readonly<Record<string, number>>;
}

/**
 * Writes it under the number after the greatest, and deletes the others.
 *
 * @param present what the project had when it was decided that the record may be written.
 * @throws ServerlessError CONFLICT when somebody else has written one since.
 */
export async function writeNext(
  vercel: VercelClients,
  projectId: string,
  present: Variables,
  recordWish: RecordWish,
  call: CallContext,
): Promise<void> {
  const { record } = recordWish;
  const number = (present.records[0]?.number ?? 0) + 1;
  const value = recordValue(recordWish, call.clock.now());
  const key = recordVariable(number);
  const wish = { key, value, type: 'plain', target: KEPT_ONLY } as const;
  await createWithRoom(vercel, projectId, wish, present, call);
  // Who deleted ours as an older one, or had taken the number before, has written a greater one or another.
  const after = await variablesOf(vercel, projectId, call);
  const own = after.get(key);
  const [greatest] = after.records;
  if (greatest?.variable.key === key && isWritten(decodeRecord(own?.value), record)) {
    await deleteOlder(vercel, projectId, after, number, call);
    return;
  }
  if (own?.value === value && greatest !== undefined && greatest.number > number) {
    await deleteVariable(vercel, projectId, own.id, call);
  }
  throw overtaken();
}

/** What is kept of versions that are not live is less than what tells that they are there. */
async function createWithRoom(
  vercel: VercelClients,
  projectId: string,
  wish: NewVariable,
  present: Variables,
  call: CallContext,
): Promise<void> {
  const spare = spareVariables(present);
  for (let made = 0; ; made += 1) {
    try {
      await createVariable(vercel, projectId, wish, call);
      return;
    } catch (error) {
      if (!isTooMuch(error)) throw error;
      const next = spare[made];
      if (next === undefined) throw tooMuch(error);
      await deleteVariable(vercel, projectId, next.id, call);
    }
  }
}

/** The text of the variable. @throws ServerlessError QUOTA_EXCEEDED when it is too long. */
export function recordValue(wish: RecordWish, nowMs: number): string {
  const text = encodeRecord(stamped(wish, nowMs));
  if (text !== undefined) return text;
  throw tooMuch();
}

function tooMuch(cause?: unknown): ServerlessError {
  return refusal(
    'QUOTA_EXCEEDED',
    'The function has more events, or versions, than the environment variables of its project can hold: what is noted of them has 14 KB, packed, and all variables for development together have 64 KB. Move some of its events to another function, or keep fewer versions (keepVersions).',
    { cause },
  );
}

/** With the time since when each binding of a topic is wished: as it is known, or now. */
export function stamped({ record, topics, before }: RecordWish, nowMs: number): JsonObject {
  const given: Partial<FunctionRecord> = record;
  const since: Record<string, number> = { ...given.since };
  for (const id of topics) since[id] ??= before[id] ?? nowMs;
  return { ...jsonObject(record), since };
}

/** True when this is what was to be written, whenever that was. */
export function isWritten(present: FunctionRecord | undefined, record: object): boolean {
  return present !== undefined && sameJson({ ...present, since: null }, { ...record, since: null });
}

function isExpected({ number, record }: KeptRecord, expected: RecordInput['expected']): boolean {
  return 'number' in expected ? number === expected.number : record.next === expected.next;
}

async function deleteOlder(
  vercel: VercelClients,
  projectId: string,
  variables: Variables,
  newest: number,
  call: CallContext,
): Promise<void> {
  for (const { variable, number } of variables.records) {
    if (number < newest) await deleteVariable(vercel, projectId, variable.id, call);
  }
}
