/** Reads the Cloud Run service of a function, when everything is read. */
import type { CallContext, JsonValue } from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { at, listAt, numberAt, textAt } from '../clients/json.ts';
import { ifThere } from '../errors.ts';
import { readAll } from '../events/rest.ts';
import { serviceOf as presentOf } from '../execute/service.ts';
import { inForce, isAsWished } from '../execute/traffic-wish.ts';
import type { GcpObserved } from '../model.ts';

type ObservedService = NonNullable<GcpObserved['service']>;

/** The role of those who may call. */
const INVOKER = 'roles/run.invoker';

/** Null when there is none. */
export async function readService(
  gcp: GcpClients,
  name: string,
  call: CallContext,
): Promise<ObservedService | null> {
  const { signal } = call;
  const get = (path: string): Promise<JsonValue> =>
    gcp.rest({ api: 'run', method: 'GET', path, signal });
  const found = await ifThere(
    Promise.all([
      get(`/v2/${name}`),
      get(`/v2/${name}:getIamPolicy`),
      readAll(gcp, { api: 'run', path: `/v2/${name}/revisions`, field: 'revisions' }, call),
    ]),
  );
  return found === undefined ? null : serviceOf(...found);
}

export function serviceOf(
  service: JsonValue,
  policy: JsonValue,
  revisions: readonly JsonValue[] = [],
): ObservedService {
  const latest = textAt(service, 'latestReadyRevision') ?? '';
  const present = presentOf(service);
  // What is bound to a condition may not be in force.
  const callers = listAt(policy, 'bindings')
    .filter((one) => textAt(one, 'role') === INVOKER && at(one, 'condition') === undefined)
    .flatMap((one) => listAt(one, 'members'))
    .filter((one) => typeof one === 'string');
  return {
    etag: textAt(service, 'etag') ?? '',
    minInstances: numberAt(service, 'scaling', 'minInstanceCount') ?? 0,
    traffic: inForce(present).map(({ revision, percent, tag }) => ({
      revision: revision ?? shortName(latest),
      percent,
      tag,
    })),
    isAsWished: isAsWished(present),
    // One that is being deleted is as good as gone.
    revisions: revisions
      .filter((one) => at(one, 'deleteTime') === undefined)
      .map((one) => shortName(textAt(one, 'name') ?? '')),
    ingress: textAt(service, 'ingress') ?? '',
    isPublic: callers.includes('allUsers'),
    callers,
  };
}

function shortName(revision: string): string {
  return revision.slice(revision.lastIndexOf('/') + 1);
}
