/** Who reads a queue: a queue has one consumer. */
import type { CallContext } from 'polyfaas/spi';
import type { GcpClients } from '../../clients/index.ts';
import { textsAt } from '../../clients/json.ts';
import { isOwnedBy } from '../../labels.ts';
import { LABEL } from '../../record.ts';
import { EVENT_LABEL } from '../labels.ts';
import { pathOf, shortName } from '../names.ts';
import { read, readAll, refusal } from '../rest.ts';
import type { Where } from '../steps.ts';

/** Refuses a queue that another binding reads. A topic that is not there has no readers. */
export async function refuseOtherConsumer(
  gcp: GcpClients,
  target: Where,
  queue: {
    readonly topic: string;
    /** Our own subscription. */
    readonly consumer: string;
    readonly field: string;
  },
  call: CallContext,
): Promise<void> {
  const path = `/v1/${pathOf(queue.topic)}/subscriptions`;
  const names = await readAll(gcp, { api: 'pubsub', path, field: 'subscriptions' }, call);
  for (const name of names ?? []) {
    // Only those of this library are queues' consumers; all of them have this beginning.
    if (typeof name !== 'string' || !shortName(name).startsWith('polyfaas-')) continue;
    if (name === queue.consumer) continue;
    const found = await read(gcp, { api: 'pubsub', path: `/v1/${pathOf(name)}` }, call);
    const labels = textsAt(found, 'labels');
    if (labels[EVENT_LABEL.kind] !== 'queue' || isOwnedBy(target.ref, labels)) continue;
    const { [LABEL.app]: app, [LABEL.stage]: stage, [LABEL.function]: other } = labels;
    throw refusal(
      target,
      'INVALID_ARGUMENT',
      `${queue.field}: the queue "${shortName(queue.topic)}" is read by function "${other ?? ''}" of app "${app ?? ''}", stage "${stage ?? ''}", and a queue has one consumer. Remove that event first, or make both of type "topic", so that each function gets every message.`,
    );
  }
}
