/** One HTTP server for each API and for each plane. The deployer's requests may go wrong. */
import { type Answer, answerOf as answerWith, sendAnswer } from '../../shared/wire/answer.ts';
import { bodyOf } from '../../shared/wire/body.ts';
import type { Intercept } from '../../shared/wire/intercept.ts';
import { PlaneServers as SharedServers } from '../../shared/wire/plane-servers.ts';
import { missing } from '../run/pages.ts';
import type { PlaneHost, ServiceRequest, WireReply } from './ports.ts';
import { faultReply, plainFault } from './wire-forms.ts';

export type { Exchange } from '../../shared/wire/intercept.ts';

type Plane = Parameters<PlaneHost['open']>[0];

export interface PlaneServersOptions {
  readonly projectNumber: string;
  /** Stands between the wire and the planes, for calls of the deployer. Default: they just act. */
  readonly intercept?: Intercept;
}

export class PlaneServers
  extends SharedServers<Plane, ServiceRequest, Answer>
  implements PlaneHost
{
  constructor({ projectNumber, intercept }: PlaneServersOptions) {
    super({
      intercept,
      // A service that is made again by the same name.
      keepsPorts: true,
      // The front of Cloud Run knows all names below `run.app`, and none of this one any more.
      gone: (plane, url) => (plane.startsWith('service:') ? missing(url) : undefined),
      read: async (_, incoming) => ({
        method: incoming.method ?? 'GET',
        url: incoming.url ?? '/',
        headers: incoming.rawHeaders,
        body: await bodyOf(incoming),
      }),
      isDeployers: (plane, request) => plane.isDeployers?.(request) === true,
      isWrite: (plane, request) => plane.isWrite?.(request) ?? isWriting(request.method),
      refuse: (plane, error) => answerOf(faultReply(plane, error)),
      instead: (plane, kind) => answerOf(plainFault(plane, kind, projectNumber)),
      send: sendAnswer,
    });
  }
}

/** A POST to a plane that does not tell is an invocation; uploads are PUTs. */
function isWriting(method: string): boolean {
  return method === 'PUT' || method === 'PATCH' || method === 'DELETE';
}

export function answerOf(reply: WireReply): Answer {
  return answerWith(reply, 'application/json; charset=UTF-8');
}
