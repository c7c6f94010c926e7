import { availableParallelism, totalmem } from 'node:os';

/** What instances need of a machine. */
export interface Machine {
  readonly processors: number;
  readonly memoryBytes: number;
}

const LEAST = 8;
const USUAL = 64;
const FOR_EACH_PROCESSOR = 16;
/** A thread that has loaded little takes 12 MB, one at work several times as much. */
const BYTES_FOR_EACH = 64 * 1_048_576;

/** How many instances all functions have together, unless the options say so. Pure. */
export function defaultTotalInstances({ processors, memoryBytes }: Machine): number {
  const usual = Math.max(USUAL, FOR_EACH_PROCESSOR * processors);
  return Math.max(LEAST, Math.min(usual, Math.floor(memoryBytes / BYTES_FOR_EACH)));
}

/** How many of them start at once for calls that wait. Each start keeps a processor busy. Pure. */
export function startsAtOnce({ processors }: Pick<Machine, 'processors'>): number {
  return Math.max(4, 2 * processors);
}

export function thisMachine(): Machine {
  // What a container may use; without a limit it is 0, or far more than there is.
  const allowedBytes = process.constrainedMemory() || Infinity;
  return {
    processors: availableParallelism(),
    memoryBytes: Math.min(totalmem(), allowedBytes),
  };
}
