/** Deletes what was made for one binding, or for the function itself. Only what is labelled as its own goes. */
import type { CallContext } from 'polyfaas/spi';
import type { GcpClients } from '../../clients/index.ts';
import { textsAt } from '../../clients/json.ts';
import { refuseOvertaken } from '../../execute/secret.ts';
import { isOwnedBy } from '../../labels.ts';
import type { Executor } from '../../model.ts';
import type { MadeSource } from '../../record.ts';
import { inputOf } from '../../step-input.ts';
import type { Claim } from '../../steps.ts';
import { pathOf, shortName } from '../names.ts';
import { removeNotifications } from '../object/notifications.ts';
import { read, send, unlessMissing } from '../rest.ts';
import { removeJob } from '../schedule/jobs.ts';
import { done, type Where } from '../steps.ts';
import { removeTrigger } from '../table/triggers.ts';

export const deleteBound: Executor = async (gcp, step, call) => {
  const { target, made, claim } = inputOf<{
    readonly target: Where;
    readonly made: MadeSource;
    /** Of a removal: whoever has begun something else since needs what is there. */
    readonly claim?: Claim;
  }>(step);
  await refuseOvertaken(gcp, claim, call);
  const { kind, id } = made;
  if (kind === 'trigger') {
    const [name = '', database = ''] = id.split('#');
    return await removeTrigger(gcp, target, { name, database }, call);
  }
  if (kind === 'job') await removeJob(gcp, target, id, call);
  else if (kind === 'notification') {
    const [bucket = '', topic = ''] = id.split('#');
    await removeNotifications(gcp, { bucket: shortName(bucket), topic }, call);
  } else await removeOwned(gcp, target, id, call);
  return done();
};

/** A topic or a subscription. */
async function removeOwned(
  gcp: GcpClients,
  target: Where,
  id: string,
  call: CallContext,
): Promise<void> {
  const request = { api: 'pubsub', path: `/v1/${pathOf(id)}` } as const;
  const found = await read(gcp, request, call);
  if (found === undefined || !isOwnedBy(target.ref, textsAt(found, 'labels'))) return;
  await unlessMissing(send(gcp, { ...request, method: 'DELETE' }, call));
}
