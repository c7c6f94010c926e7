/** Whose a source is once the function that it was made for goes, and others use it. */
import type { CallContext } from 'polyfaas/spi';
import type { GcpClients } from '../../clients/index.ts';
import { isOfScope } from '../../labels.ts';
import { LABEL, type MadeSource } from '../../record.ts';
import { send } from '../rest.ts';
import type { Where } from '../steps.ts';
import { isBound } from './list.ts';
import type { Neighbour } from './neighbours.ts';
import { placeOf, type Thing } from './things.ts';

/**
 * A function that uses the source and declared it with `create: true` too: one of the same app and stage, if there is one.
 * Without an heir the labels stay as they are: a later removal of the same app and stage takes the source away, once
 * nobody else uses it.
 */
export function heirOf(
  { ref }: Where,
  users: readonly Neighbour[],
  { id }: MadeSource,
): Neighbour | undefined {
  const heirs = users.filter(({ record }) =>
    record?.made.some((one) => one.id === id && !isBound(one)),
  );
  return heirs.find(({ labels }) => isOfScope(ref, labels)) ?? heirs[0];
}

/** Gives a resource the labels of the heir's app and stage: its removal takes away what carries them. */
export async function handOn(
  gcp: GcpClients,
  thing: Thing,
  heir: Neighbour,
  call: CallContext,
): Promise<void> {
  const { [LABEL.app]: app = '', [LABEL.stage]: stage = '' } = heir.labels;
  const labels = { ...thing.labels, [LABEL.app]: app, [LABEL.stage]: stage };
  const body =
    thing.kind === 'bucket'
      ? { labels }
      : { [thing.kind]: { name: thing.id, labels }, updateMask: 'labels' };
  await send(gcp, { ...placeOf(thing), method: 'PATCH', body }, call);
}
