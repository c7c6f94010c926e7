/** The front of Google's APIs: it reads a request, knows who asks, and hands it to the services of its API. */
import { passGate } from './api-gate.ts';
import { API_NAMES, hostOf } from './api-names.ts';
import { GoogleFault } from './fault.ts';
import type {
  ApiName,
  ApiService,
  Caller,
  RestCall,
  ServiceRequest,
  WireReply,
  World,
} from './ports.ts';
import type { Answer } from '../../shared/wire/answer.ts';
import { headersOf } from '../../shared/wire/headers-of.ts';
import { answerOf, type PlaneServers } from './server.ts';
import { noSuchPath } from './wire-forms.ts';
import { isApiWrite } from './writes.ts';

type Front = Pick<
  World,
  'projectId' | 'projectNumber' | 'disabledApis' | 'exhausted' | 'identity'
> & { services(): readonly ApiService[]; ended(): Promise<void> };

const SIGN_IN = 'See https://developers.google.com/identity/sign-in/web/devconsole-project.';
const EXPECTED =
  'Expected OAuth 2 access token, login cookie or other valid authentication credential.';

/** Opens a server for every API; resolves to where each answers. */
export async function openApis(
  servers: PlaneServers,
  front: Front,
): Promise<Readonly<Record<ApiName, string>>> {
  const opened = await Promise.all(
    API_NAMES.map(async (api) => [api, await openApi(servers, front, api)] as const),
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made of all the names of APIs
  return Object.fromEntries(opened) as Record<ApiName, string>;
}

function openApi(servers: PlaneServers, front: Front, api: ApiName): Promise<string> {
  return servers.open({
    name: api,
    handle: (request) => answer(front, api, request),
    isDeployers: (request) => callerOf(front, request)?.kind === 'deployer',
    isWrite: ({ method, url }) => isApiWrite({ api, method, path: pathOf(front, url) }),
  });
}

async function answer(front: Front, api: ApiName, request: ServiceRequest): Promise<Answer> {
  const headers = headersOf(request.headers);
  const caller = callerOf(front, request);
  if (!caller) throw unauthenticated(api, headers['authorization']);
  const call: RestCall = {
    api,
    method: request.method,
    path: pathOf(front, request.url),
    query: new URL(request.url, 'http://localhost').searchParams,
    headers,
    body: jsonOf(api, headers['content-type'], request.body),
    rawBody: request.body,
    caller,
  };
  // What runs on the platform must not wait for what waits for it.
  if (caller.kind !== 'account') await front.ended();
  return answerOf(await dispatch(front, call));
}

/** The same for a call that needs no wire. Throws a `GoogleFault` when it is refused. */
export async function dispatch(front: Front, call: RestCall): Promise<WireReply> {
  passGate(front, call);
  for (const service of front.services()) {
    if (service.api !== call.api) continue;
    const reply = await service.handle(call);
    if (reply) return reply;
  }
  return noSuchPath(call.path);
}

function callerOf({ identity }: Front, { headers }: ServiceRequest): Caller | undefined {
  const token = /^Bearer (.+)$/i.exec(headersOf(headers)['authorization'] ?? '')?.[1];
  return token === undefined ? undefined : identity.callerOfAccessToken(token);
}

function unauthenticated(api: ApiName, authorization: string | undefined): GoogleFault {
  const isMissing = authorization === undefined;
  const message = isMissing
    ? `Request is missing required authentication credential. ${EXPECTED} ${SIGN_IN}`
    : `Request had invalid authentication credentials. ${EXPECTED} ${SIGN_IN}`;
  return new GoogleFault('UNAUTHENTICATED', message, {
    headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/"' },
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: isMissing ? 'CREDENTIALS_MISSING' : 'ACCESS_TOKEN_TYPE_UNSUPPORTED',
        domain: 'googleapis.com',
        metadata: { service: hostOf(api) },
      },
    ],
  });
}

/** A project may be named by its number everywhere: here it is always its id. */
function pathOf({ projectId, projectNumber }: Front, url: string): string {
  const path = url.split('?', 1)[0] ?? url;
  return decoded(path).replace(`/projects/${projectNumber}`, (found, at: number, all: string) =>
    /^(?:[/:]|$)/.test(all.slice(at + found.length)) ? `/projects/${projectId}` : found,
  );
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Only uploads to Cloud Storage are anything else than JSON. */
function jsonOf(api: ApiName, type: string | undefined, body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (api === 'storage' && !(type ?? '').startsWith('application/json')) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    const told = error instanceof Error ? error.message : '';
    throw new GoogleFault('INVALID_ARGUMENT', `Invalid JSON payload received. ${told}`);
  }
}
