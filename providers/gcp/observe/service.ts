/** Reads the Cloud Run service of a function, when everything is read. */
import type { JsonValue } from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { listAt, numberAt, textAt } from '../clients/json.ts';
import { ifThere } from '../errors.ts';
import type { GcpObserved } from '../model.ts';

type ObservedService = NonNullable<GcpObserved['service']>;

/** The role of those who may call. */
const INVOKER = 'roles/run.invoker';

/** Null when there is none. */
export async function readService(
  gcp: GcpClients,
  name: string,
  signal: AbortSignal,
): Promise<ObservedService | null> {
  const get = (path: string): Promise<JsonValue> =>
    gcp.rest({ api: 'run', method: 'GET', path, signal });
  const found = await ifThere(Promise.all([get(`/v2/${name}`), get(`/v2/${name}:getIamPolicy`)]));
  return found === undefined ? null : serviceOf(...found);
}

export function serviceOf(service: JsonValue, policy: JsonValue): ObservedService {
  const latest = textAt(service, 'latestReadyRevision') ?? '';
  return {
    etag: textAt(service, 'etag') ?? '',
    minInstances: numberAt(service, 'scaling', 'minInstanceCount') ?? 0,
    traffic: listAt(service, 'traffic').map((one) => ({
      // Without one, it is the latest that is ready.
      revision: shortName(textAt(one, 'revision') || latest),
      percent: numberAt(one, 'percent') ?? 0,
      tag: textAt(one, 'tag') || null,
    })),
    ingress: textAt(service, 'ingress') ?? '',
    isPublic: listAt(policy, 'bindings').some(
      (one) => textAt(one, 'role') === INVOKER && listAt(one, 'members').includes('allUsers'),
    ),
  };
}

function shortName(revision: string): string {
  return revision.slice(revision.lastIndexOf('/') + 1);
}
