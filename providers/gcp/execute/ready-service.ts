/** Gets the service of a function ready for a build, which writes the whole of it anew. */
import { type CallContext, keptOf, turnOf, type Waiting } from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import type { Ingress } from '../ingress.ts';
import { changeService, findService, type PresentService } from './service.ts';
import { isAsWished, trafficAsServed } from './traffic-wish.ts';
import { withoutMissing } from './without-missing.ts';

/** Where it is kept how far this is, apart from what the step keeps of its build. */
const KEY = 'service';

/**
 * A change of the traffic that failed has left its wish behind. The build would fail at it where it names a revision that
 * is gone, and carry it out unasked where it does not: what serves is written in its place.
 *
 * @param service undefined before it was built once.
 * @returns what to wait for; or from where the service is reached, which the build has to say; undefined for none.
 */
export async function readyService(
  gcp: GcpClients,
  service: string | null,
  call: CallContext,
): Promise<Waiting | { readonly ingress: Ingress } | undefined> {
  if (service === null) return undefined;
  const found = await findService(gcp, service, call);
  if (found === undefined) return undefined;
  const own = keptOf(call)[KEY];
  if (own === undefined && isAsWished(found)) return { ingress: found.ingress };
  const mended = await mendTraffic(gcp, service, turnOf(call, own));
  return 'done' in mended ? { ...mended, resume: { [KEY]: mended.resume ?? null } } : mended;
}

function mendTraffic(
  gcp: GcpClients,
  service: string,
  call: CallContext,
): Promise<Waiting | PresentService> {
  return withoutMissing(call, null, async (missing) =>
    changeService(gcp, call, {
      service,
      mask: 'traffic',
      stage: 'putting the traffic right',
      wish: (present) => trafficAsServed(present, missing),
    }),
  );
}
