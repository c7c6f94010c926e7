/** What an operation costs on the wire, told so that it is the same each time. */
import { readsSorted } from '../../support/cost/reads-sorted.ts';
import type { Stage } from './stage.ts';

/** Into how many tags a record packs depends on the time that is in it. */
const TAGS = 'arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default';

export async function callsDuring(
  stage: Stage,
  work: () => Promise<unknown>,
): Promise<readonly string[]> {
  const calls = await stage.during(work);
  const once = calls.filter((call, index) => call !== TAGS || calls[index - 1] !== TAGS);
  return readsSorted(once, isRead);
}

function isRead(call: string): boolean {
  return /^\w+ (?:GET|HEAD) |\/(?:list|listkeys|query)$|userdelegationkey/.test(call);
}
