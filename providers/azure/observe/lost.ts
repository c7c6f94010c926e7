/** What was made for the events of a function, and is there no more: somebody deleted it. */
import type { CallContext } from 'polyfaas/spi';
import type { AzureClients } from '../clients/index.ts';
import { isDenied } from '../errors.ts';
import { read } from '../events/arm.ts';
import { isRole } from '../events/made/list.ts';
import { resourceOfMade } from '../events/made/resource.ts';
import { topicsOnce, type TopicsIn } from '../events/object/system-topic.ts';
import type { MadeSource } from '../record.ts';

/** All are asked for at the same time. */
export async function findLost(
  azure: AzureClients,
  made: readonly MadeSource[],
  call: CallContext,
): Promise<readonly MadeSource[]> {
  const topicsIn = topicsOnce(azure, call);
  const found = await Promise.all(
    made.map(async (one) => ((await isThere(azure, one, topicsIn, call)) ? [] : [one])),
  );
  return found.flat();
}

async function isThere(
  azure: AzureClients,
  one: MadeSource,
  topicsIn: TopicsIn,
  call: CallContext,
): Promise<boolean> {
  // Roles are read in one list. An account may have a system topic under another name than the one that is noted: its
  // subscription tells whether it is there.
  if (isRole(one.kind) || one.kind === 'systemTopic') return true;
  try {
    const resource = await resourceOfMade(azure, one, call, topicsIn);
    return resource !== undefined && (await read(azure, resource, call)) !== undefined;
  } catch (error) {
    // What may not be seen may be there.
    if (isDenied(error)) return true;
    throw error;
  }
}
