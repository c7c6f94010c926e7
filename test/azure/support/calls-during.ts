/** What an operation costs on the wire, told so that it is the same each time. */
import type { Stage } from './stage.ts';

/** Into how many tags a record packs depends on the time that is in it. */
const TAGS = 'arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default';

/** Reads between two writes are sorted, for some are made at the same time. */
export async function callsDuring(
  stage: Stage,
  work: () => Promise<unknown>,
): Promise<readonly string[]> {
  const calls = await stage.during(work);
  const once = calls.filter((call, index) => call !== TAGS || calls[index - 1] !== TAGS);
  const steady: string[] = [];
  let reads: string[] = [];
  for (const call of once) {
    if (isRead(call)) reads.push(call);
    else {
      steady.push(...reads.toSorted(), call);
      reads = [];
    }
  }
  return [...steady, ...reads.toSorted()];
}

function isRead(call: string): boolean {
  return /^\w+ (?:GET|HEAD) |\/(?:list|listkeys|query)$|userdelegationkey/.test(call);
}
