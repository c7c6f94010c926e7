/** Writes the record into the annotation of the settings secret, by compare and set. */
import { sameJson } from 'polyfaas/spi';
import { isPassing } from '../errors.ts';
import type { Executor } from '../model.ts';
import { EMPTY_RECORD, RECORD_ANNOTATION } from '../record.ts';
import { encodeRecord } from '../record-text.ts';
import type { RecordInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { conflict, refusal, shortName } from './refusals.ts';
import { changeSecret, overtaken, presentSecret, type PresentSecret } from './secret.ts';

/** Who loses against writers of other annotations so often in a row waits a moment. */
const MOST_TRIES = 3;

export const writeRecord: Executor = async (gcp, step, call) => {
  const { secret, record, expected } = inputOf<RecordInput>(step);
  const text = encodeRecord(record);
  if (text === undefined) {
    throw refusal(
      'QUOTA_EXCEEDED',
      `"${shortName(secret)}" has more events than the annotation of its settings secret can hold (16 KiB, packed). Move some of them to another function.`,
    );
  }
  for (let tries = 1; ; tries += 1) {
    const present = await presentSecret(gcp, secret, call);
    if (present === undefined) throw conflict(secret, 'its settings secret is gone');
    // Written by an attempt whose answer was lost.
    if (isWritten(present, record)) return { done: true };
    if (!isExpected(present, expected)) throw overtaken(secret);
    const annotations = { ...present.annotations, [RECORD_ANNOTATION]: text };
    try {
      await changeSecret(gcp, secret, { etag: present.etag, annotations }, call);
      return { done: true };
    } catch (error) {
      if (!isPassing(error) || tries === MOST_TRIES) throw error;
    }
  }
};

function isWritten({ record: present }: PresentSecret, record: RecordInput['record']): boolean {
  return present !== undefined && sameJson(present, { ...EMPTY_RECORD, ...record });
}

function isExpected(present: PresentSecret, expected: RecordInput['expected']): boolean {
  // The secret is new: whoever wrote a record into it was faster.
  if (expected === null) return present.annotations[RECORD_ANNOTATION] === undefined;
  if ('etag' in expected) return present.etag === expected.etag;
  return present.record?.next === expected.next;
}
