/** The front of Vercel's API: it reads a request, knows who asks, and hands it to the part that has the path. */
import { badRequest, notFound } from './fault.ts';
import { callerOf, notAuthenticated, requireScope, type Account } from './identity.ts';
import type { ApiService, FunctionRequest, RestCall, WireReply } from './ports.ts';
import type { Answer } from '../../shared/wire/answer.ts';
import { headersOf } from '../../shared/wire/headers-of.ts';
import { answerOf, type PlaneServers } from './server.ts';
import { API_PLANE } from './wire-forms.ts';
import { isApiWrite } from './writes.ts';

export interface Front {
  readonly account: Account;
  services(): readonly ApiService[];
}

/** Resolves to where the API answers. */
export function openApi(servers: PlaneServers, front: Front): Promise<string> {
  return servers.open({
    name: API_PLANE,
    handle: (request) => answer(front, request),
    isDeployers: ({ headers }) =>
      callerOf(front.account, headersOf(headers)['authorization']) === 'deployer',
    isWrite: ({ method, url }) => isApiWrite(method, pathOf(url)),
  });
}

async function answer(front: Front, request: FunctionRequest): Promise<Answer> {
  const headers = headersOf(request.headers);
  const { authorization } = headers;
  const caller = callerOf(front.account, authorization);
  if (!caller) throw notAuthenticated(authorization);
  const reply = await dispatch(front, {
    method: request.method,
    path: pathOf(request.url),
    query: new URL(request.url, 'http://localhost').searchParams,
    headers,
    body: jsonOf(headers['content-type'], request.body),
    rawBody: request.body,
    caller,
    signal: request.signal,
  });
  return answerOf(reply);
}

/** The same for a call that needs no wire. Throws a `VercelFault` when it is refused. */
export async function dispatch(front: Front, call: RestCall): Promise<WireReply> {
  requireScope(front.account, call.query);
  for (const service of front.services()) {
    const reply = await service.handle(call);
    if (reply) return reply;
  }
  throw notFound('The requested API endpoint was not found');
}

function pathOf(url: string): string {
  const path = url.split('?', 1)[0] ?? url;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Only the uploads of files are anything else than JSON. */
function jsonOf(type: string | undefined, body: Buffer): unknown {
  if (body.length === 0 || (type ?? '').startsWith('application/octet-stream')) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch {
    throw badRequest('Invalid JSON');
  }
}
