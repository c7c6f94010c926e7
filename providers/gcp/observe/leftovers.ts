/** What a deploy or a removal that was broken off left of a function that is not there. */
import type { JsonValue } from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { textAt, textsAt } from '../clients/json.ts';
import { ifThere } from '../errors.ts';
import { isOwnedBy } from '../labels.ts';
import type { GcpObserved } from '../model.ts';
import { ownerText } from '../names.ts';
import type { Place } from '../place.ts';

export async function findLeftovers(
  gcp: GcpClients,
  { ref, projectId, ownServiceAccount, asyncTopic }: Place,
  signal: AbortSignal,
): Promise<GcpObserved['leftovers']> {
  const read = (api: 'iam' | 'pubsub', path: string): Promise<JsonValue | undefined> =>
    ifThere(gcp.rest({ api, method: 'GET', path, signal }));
  const [account, topic] = await Promise.all([
    read('iam', `/v1/projects/${projectId}/serviceAccounts/${ownServiceAccount}`),
    read('pubsub', `/v1/${asyncTopic}`),
  ]);
  return [
    ...(textAt(account, 'description') === ownerText(ref) ? (['serviceAccount'] as const) : []),
    ...(topic !== undefined && isOwnedBy(ref, textsAt(topic, 'labels'))
      ? (['asyncTopic'] as const)
      : []),
  ];
}
