/** What an operation costs on the wire, told so that it is the same each time. */
import type { Stage } from './stage.ts';

/** Reads between two writes are sorted, for some are made at the same time; the same ones are counted. */
export async function callsDuring(
  stage: Stage,
  work: () => Promise<unknown>,
): Promise<readonly string[]> {
  const steady: string[] = [];
  let reads: string[] = [];
  for (const call of await stage.during(work)) {
    if (call.startsWith('GET ')) reads.push(call);
    else {
      steady.push(...reads.toSorted(), call);
      reads = [];
    }
  }
  return counted([...steady, ...reads.toSorted()]);
}

/** `GET v13/deployments/* (3 times)` */
function counted(calls: readonly string[]): readonly string[] {
  const runs: { readonly call: string; count: number }[] = [];
  for (const call of calls) {
    const last = runs.at(-1);
    if (last?.call === call) last.count += 1;
    else runs.push({ call, count: 1 });
  }
  return runs.map(({ call, count }) => (count === 1 ? call : `${call} (${count} times)`));
}
