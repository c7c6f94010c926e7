/** What an operation costs on the wire, told so that it is the same each time. */
import { counted } from '../../support/cost/counted.ts';
import { readsSorted } from '../../support/cost/reads-sorted.ts';
import type { Stage } from './stage.ts';

export async function callsDuring(
  stage: Stage,
  work: () => Promise<unknown>,
): Promise<readonly string[]> {
  return counted(readsSorted(await stage.during(work), isRead));
}

function isRead(call: string): boolean {
  return / GET |:getIamPolicy$|entries:list$/.test(call);
}
