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
  // Only those of this library are queues' consumers; all of them have this beginning.
  const others = (names ?? []).flatMap((name) => {
    if (typeof name !== 'string' || name === queue.consumer) return [];
    return shortName(name).startsWith('polyfaas-') ? [name] : [];
  });
  const found = await Promise.all(
    others.map((name) => read(gcp, { api: 'pubsub', path: `/v1/${pathOf(name)}` }, call)),
  );
  for (const one of found) {
    const labels = textsAt(one, 'labels');
    if (labels[EVENT_LABEL.kind] !== 'queue' || isOwnedBy(target.ref, labels)) continue;
    const { [LABEL.app]: app, [LABEL.stage]: stage, [LABEL.function]: other } = labels;
    throw refusal(
      target,
      'INVALID_ARGUMENT',
      `${queue.field}: the queue "${shortName(queue.topic)}" is read by function "${other ?? ''}" of app "${app ?? ''}", stage "${stage ?? ''}", and a queue has one consumer. Remove that event first, or make both of type "topic", so that each function gets every message.`,
    );
  }
}
