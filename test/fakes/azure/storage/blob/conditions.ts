/** Conditional headers. */
import { StorageFault } from '../fault.ts';
import type { Blob } from './container.ts';

type Headers = Readonly<Record<string, string>>;

/** For writes. Throws 409 or 412 when the blob is not as the caller thinks it is. */
export function checkWrite(headers: Headers, blob: Blob | undefined): void {
  const ifMatch = headers['if-match'];
  const ifNone = headers['if-none-match'];
  if (ifNone === '*' && blob) {
    throw new StorageFault(409, 'BlobAlreadyExists', 'The specified blob already exists.');
  }
  if (ifMatch !== undefined && !fits(ifMatch, blob)) throw conditionNotMet(412);
  if (ifNone !== undefined && ifNone !== '*' && fits(ifNone, blob)) throw conditionNotMet(412);
  const since = timeOf(headers['if-modified-since']);
  const until = timeOf(headers['if-unmodified-since']);
  if (blob && since !== undefined && seconds(blob) <= since) throw conditionNotMet(412);
  if (blob && until !== undefined && seconds(blob) > until) throw conditionNotMet(412);
}

/** For reads of a blob that is there. Throws 412, 304 when the caller has it already, or 400 for what can never be. */
export function checkRead(headers: Headers, blob: Blob): void {
  if (headers['if-none-match'] === '*') {
    throw new StorageFault(
      400,
      'UnsatisfiableCondition',
      'The request includes an unsatisfiable condition for this operation.',
    );
  }
  const ifMatch = headers['if-match'];
  const ifNone = headers['if-none-match'];
  if (ifMatch !== undefined && !fits(ifMatch, blob)) throw conditionNotMet(412);
  const until = timeOf(headers['if-unmodified-since']);
  if (until !== undefined && seconds(blob) > until) throw conditionNotMet(412);
  if (ifNone !== undefined && fits(ifNone, blob)) throw conditionNotMet(304);
  const since = timeOf(headers['if-modified-since']);
  if (since !== undefined && seconds(blob) <= since) throw conditionNotMet(304);
}

function fits(condition: string, blob: Blob | undefined): boolean {
  if (!blob) return false;
  return condition === '*' || condition.replaceAll('"', '') === blob.etag.replaceAll('"', '');
}

function seconds(blob: Blob): number {
  return Math.floor(blob.modifiedAt / 1000) * 1000;
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

function conditionNotMet(status: number): StorageFault {
  return new StorageFault(
    status,
    'ConditionNotMet',
    'The condition specified using HTTP conditional header(s) is not met.',
  );
}
