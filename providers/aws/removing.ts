/**
 * A removal that was broken off: the record still names what it has taken away by then. A tag beside the record tells so,
 * and not the record itself, which another operation may have written in the very moment.
 */
import { decodeSettings, unsettled } from './plan/applied.ts';
import { TAG, decodeRecord, type FunctionRecord } from './record.ts';

export function isRemoving(tags: Readonly<Record<string, string>>): boolean {
  return tags[TAG.removing] !== undefined;
}

/** The record as an operation takes it; undefined when there is none, or it cannot be read. */
export function recordOf(tags: Readonly<Record<string, string>>): FunctionRecord | undefined {
  const record = decodeRecord(tags);
  return record !== undefined && isRemoving(tags) ? halfRemoved(record) : record;
}

/** All that a removal takes away while the function is there: whoever deploys it again makes it anew. */
export function halfRemoved(record: FunctionRecord): FunctionRecord {
  const before = decodeSettings(record.settings);
  return {
    ...record,
    pending: [...new Set([...record.pending, ...record.bindings.map(({ id }) => id)])].toSorted(),
    settings: unsettled(before, [...(before?.unsettled ?? []), 'provisioned', 'keepWarm']),
  };
}
