/** One HTTP server for the API and for each plane. The deployer's requests may go wrong. */
import { type Answer, answerOf as answerWith, sendAnswer } from '../../shared/wire/answer.ts';
import { bodyOf } from '../../shared/wire/body.ts';
import type { Intercept } from '../../shared/wire/intercept.ts';
import { PlaneServers as SharedServers } from '../../shared/wire/plane-servers.ts';
import { errorPage } from '../edge/pages.ts';
import { requestId } from '../edge/request-id.ts';
import type { FakeClock, FunctionRequest, PlaneHost, WireReply } from './ports.ts';
import { faultReply, plainFault } from './wire-forms.ts';

type Plane = Parameters<PlaneHost['open']>[0];

export interface PlaneServersOptions {
  readonly clock: FakeClock;
  /** Stands between the wire and the planes, for calls of the deployer. Default: they just act. */
  readonly intercept?: Intercept;
}

export class PlaneServers
  extends SharedServers<Plane, FunctionRequest, Answer>
  implements PlaneHost
{
  constructor({ clock, intercept }: PlaneServersOptions) {
    super({
      intercept,
      // A project that is made again by the same name.
      keepsPorts: true,
      // The edge knows all names below `vercel.app`, and none of this one any more.
      gone: (plane) =>
        plane.startsWith('edge:')
          ? errorPage(404, 'DEPLOYMENT_NOT_FOUND', requestId(clock.now()))
          : undefined,
      read: async (_, incoming, response) => {
        const gone = new AbortController();
        response.on('close', () => {
          if (!response.writableFinished) gone.abort();
        });
        return {
          method: incoming.method ?? 'GET',
          url: incoming.url ?? '/',
          headers: incoming.rawHeaders,
          body: await bodyOf(incoming),
          signal: gone.signal,
        };
      },
      isDeployers: (plane, request) => plane.isDeployers?.(request) === true,
      // Of a plane that does not tell, all are invocations.
      isWrite: (plane, request) => plane.isWrite?.(request) ?? false,
      refuse: (_, error) => answerOf(faultReply(error)),
      instead: (plane, kind) => answerOf(plainFault(plane, kind, clock.now())),
      send: sendAnswer,
    });
  }
}

export function answerOf(reply: WireReply): Answer {
  return answerWith(reply, 'application/json; charset=utf-8');
}
