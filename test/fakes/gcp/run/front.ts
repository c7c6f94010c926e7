import type { Caller, ServiceReply, ServiceRequest, World } from '../core/ports.ts';
import { headerOf, withHeader } from '../../shared/runtime/header-list.ts';
import { forbidden, missing, tooLarge, unauthorized } from './pages.ts';
import type { RunService } from './state.ts';
import { routeOf } from './traffic.ts';

/** HTTP/1: https://cloud.google.com/run/quotas#request_limits */
const MAX_REQUEST_BYTES = 32 * 1024 * 1024;
/** Roles with `run.routes.invoke`. */
const INVOKERS = [
  'roles/run.invoker',
  'roles/run.servicesInvoker',
  'roles/run.developer',
  'roles/run.admin',
  'roles/editor',
  'roles/owner',
];
/** Where a token may be; the first that is there counts. */
const TOKEN_HEADERS = ['x-serverless-authorization', 'authorization'] as const;
const REMOVED_SIGNATURE = 'SIGNATURE_REMOVED_BY_GOOGLE';

/** What stands before services: who may come in, and to which revision a request goes. */
export class RunFront {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** @param isInternal for requests of Google's own services and of the project's network */
  async handle(
    service: RunService,
    tag: string | undefined,
    request: ServiceRequest,
    isInternal: boolean,
  ): Promise<ServiceReply> {
    const { url, body } = request;
    const { ingress, defaultUriDisabled } = service.config;
    const isOpen = ingress === undefined || ingress === 'INGRESS_TRAFFIC_ALL';
    if (service.isDeleting || defaultUriDisabled === true || (!isOpen && !isInternal))
      return missing(url);
    if (body.length > MAX_REQUEST_BYTES) return tooLarge();
    const headers = await this.#letIn(service, request);
    if (!Array.isArray(headers)) return headers;
    const revision = routeOf(service, tag);
    if (!revision) return missing(url);
    const reply = await revision.fleet.send({ ...request, headers });
    const isNamed = headerOf(reply.headers, 'server') !== undefined;
    return isNamed ? reply : { ...reply, headers: [...reply.headers, 'Server', 'Google Frontend'] };
  }

  /** Whether a request says that it is the deployer's, true or not. */
  isDeployers({ headers }: ServiceRequest): boolean {
    const claim = claimedEmail(bearerOf(headers)?.token ?? '');
    return claim !== undefined && this.#callerOf(claim).kind === 'deployer';
  }

  /** The headers that reach the container; or why the request does not. */
  async #letIn(
    service: RunService,
    { url, headers }: ServiceRequest,
  ): Promise<string[] | ServiceReply> {
    const { policies, identity } = this.#world;
    const isPublic = policies.allows({ kind: 'account', email: '' }, service.name, INVOKERS);
    if (isPublic || service.config['invokerIamDisabled'] === true) return [...headers];
    const bearer = bearerOf(headers);
    if (!bearer) return forbidden(url);
    const claims = await identity.claimsOfIdToken(bearer.token);
    if (!claims || !audiencesOf(service).includes(claims.aud)) return unauthorized(url);
    if (!policies.allows(this.#callerOf(claims.email), service.name, INVOKERS))
      return forbidden(url);
    // The container may see who it was, and cannot use the token for anything.
    const [head = '', payload = ''] = bearer.token.split('.');
    return withHeader(headers, bearer.header, `Bearer ${head}.${payload}.${REMOVED_SIGNATURE}`);
  }

  #callerOf(email: string): Caller {
    const kinds = ['deployer', 'observer'] as const;
    const kind = kinds.find(
      (each) => email === `${each}@${this.#world.projectId}.iam.gserviceaccount.com`,
    );
    return { kind: kind ?? 'account', email };
  }
}

/** "The aud value must remain as the URL of the service, even when making requests to a specific traffic tag." */
function audiencesOf({ url, config }: RunService): readonly unknown[] {
  const { customAudiences } = config;
  const custom: readonly unknown[] = Array.isArray(customAudiences) ? customAudiences : [];
  return [url, `${url}/`, ...custom];
}

function bearerOf(
  headers: readonly string[],
): { readonly header: string; readonly token: string } | undefined {
  for (const header of TOKEN_HEADERS) {
    const value = headerOf(headers, header);
    if (value === undefined) continue;
    return { header, token: /^Bearer (.+)$/i.exec(value)?.[1] ?? '' };
  }
  return undefined;
}

function claimedEmail(token: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
    );
    const email =
      typeof claims === 'object' && claims !== null && 'email' in claims && claims.email;
    return typeof email === 'string' ? email : undefined;
  } catch {
    return undefined;
  }
}
