/** Who reads a topic without a record that says so. */
import type { CallContext } from 'polyfaas/spi';
import type { GcpClients } from '../../clients/index.ts';
import { textsAt } from '../../clients/json.ts';
import { isOwnedBy } from '../../labels.ts';
import { pathOf } from '../names.ts';
import { lacksRole, read, readAll } from '../rest.ts';
import type { Where } from '../steps.ts';

/**
 * True when a topic has a subscription that is none of this function's: one that was made by hand, or for a function of
 * another project, whose record is there.
 */
export async function hasReaders(
  gcp: GcpClients,
  { ref }: Where,
  {
    topic,
    letters,
  }: {
    readonly topic: string;
    /** The subscription of its dead letters, which goes with it; null for none. */
    readonly letters: string | null;
  },
  call: CallContext,
): Promise<boolean> {
  const path = `/v1/${pathOf(topic)}/subscriptions`;
  const names = await readAll(gcp, { api: 'pubsub', path, field: 'subscriptions' }, call);
  for (const name of names ?? []) {
    if (typeof name !== 'string' || name === letters) continue;
    if (await isReader(gcp, ref, name, call)) return true;
  }
  return false;
}

/** Those of this function are deleted by now; the list may tell of them for a while longer. */
async function isReader(
  gcp: GcpClients,
  ref: Where['ref'],
  name: string,
  call: CallContext,
): Promise<boolean> {
  try {
    const found = await read(gcp, { api: 'pubsub', path: `/v1/${pathOf(name)}` }, call);
    return found !== undefined && !isOwnedBy(ref, textsAt(found, 'labels'));
  } catch (error) {
    // It is there, in another project.
    if (lacksRole(error)) return true;
    throw error;
  }
}
