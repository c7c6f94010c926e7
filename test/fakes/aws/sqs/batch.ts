/** What all the batch operations have in common. */
import { objects, type Input } from '../core/operation.ts';
import { AwsFault } from '../core/service.ts';
import { batchFault, missingParameter } from './faults.ts';

const MAX_ENTRIES = 10;

/** Runs each entry on its own; a fault of one is told for it, and does not touch the others. */
export function runBatch(
  input: Input,
  entryName: string,
  run: (entry: Input) => object,
): { readonly Successful: readonly object[]; readonly Failed: readonly object[] } {
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of readEntries(input, entryName)) {
    const Id = entry['Id'];
    try {
      Successful.push({ Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      const [code] = (error.headers['x-amzn-query-error'] ?? error.code).split(';');
      Failed.push({ Id, SenderFault: true, Code: code, Message: error.message });
    }
  }
  return { Successful, Failed };
}

/** The entries, once the batch as a whole is sound. */
export function readEntries(input: Input, entryName: string): readonly Input[] {
  const entries = input['Entries'] === undefined ? [] : objects(input, 'Entries');
  if (entries.length === 0) {
    throw batchFault(
      'EmptyBatchRequest',
      `There should be at least one ${entryName} in the request.`,
    );
  }
  if (entries.length > MAX_ENTRIES) {
    throw batchFault(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`,
    );
  }
  const seen = new Set<string>();
  for (const { Id } of entries) {
    if (typeof Id !== 'string') throw missingParameter(`${entryName}.1.Id`);
    if (!/^[\w-]{1,80}$/.test(Id)) {
      throw batchFault(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    }
    if (seen.has(Id)) throw batchFault('BatchEntryIdsNotDistinct', `Id ${Id} repeated.`);
    seen.add(Id);
  }
  return entries;
}
