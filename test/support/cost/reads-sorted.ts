/** Reads between two writes are sorted, for some are made at the same time. */
export function readsSorted(
  calls: readonly string[],
  isRead: (call: string) => boolean,
): readonly string[] {
  const steady: string[] = [];
  let reads: string[] = [];
  for (const call of calls) {
    if (isRead(call)) reads.push(call);
    else {
      steady.push(...reads.toSorted(), call);
      reads = [];
    }
  }
  return [...steady, ...reads.toSorted()];
}
