import { endToEnd, headerOf } from '../../shared/runtime/header-list.ts';
import type {
  DeployedFunction,
  FunctionReply,
  FunctionRequest,
  ReadyDeployment,
  World,
} from '../core/ports.ts';
import type { Runtime } from '../runtime/index.ts';
import { DEFAULT_REGION } from '../runtime/environment.ts';
import { MAX_BODY_BYTES } from '../runtime/outcome.ts';
import { forFunction, fromOutside } from './function-headers.ts';
import { authenticationPage, errorPage, gatePage, statusPage } from './pages.ts';
import { mayPass } from './protection.ts';
import { requestId } from './request-id.ts';
import { followRoutes } from './routes.ts';
import type { OidcTokens } from './tokens.ts';

/** What Vercel says of each answer, whatever the function says. */
const OF_VERCEL = ['server', 'x-vercel-cache', 'x-vercel-id'];

/** What stands before deployments: who may come in, and which function a request goes to. */
export class EdgeFront {
  readonly #world: World;
  readonly #runtime: Runtime;
  readonly #tokens: OidcTokens;

  constructor(world: World, runtime: Runtime, tokens: OidcTokens) {
    this.#world = world;
    this.#runtime = runtime;
    this.#tokens = tokens;
  }

  /** A request from outside. */
  async handle(host: string, request: FunctionRequest): Promise<FunctionReply> {
    const { projects, clock } = this.#world;
    const found = projects.deploymentOfHost(host);
    if (!found) {
      const id = requestId(clock.now());
      const page =
        projects.isDeletedHost?.(host) === true
          ? errorPage(410, 'DEPLOYMENT_DELETED', id)
          : errorPage(404, 'DEPLOYMENT_NOT_FOUND', id);
      return marked(page, id);
    }
    const { deployment, isProductionAlias } = found;
    const gate = gatePage(projects.gateOf(deployment.projectId), requestId(clock.now()));
    if (gate) return marked(gate, requestId(clock.now()));
    if (!mayPass(projects, deployment, isProductionAlias, request))
      return marked(authenticationPage(), requestId(clock.now()));
    return this.route(deployment, { ...request, headers: fromOutside(request.headers) });
  }

  /** Past the protection, through the routes. */
  async route(deployment: ReadyDeployment, request: FunctionRequest): Promise<FunctionReply> {
    const target = followRoutes(deployment, request);
    if (target.kind === 'function') {
      const reply = await this.run(deployment, target.func, request);
      const { status, headers } = reply;
      const said = new Set(names(target.headers));
      return {
        ...reply,
        status: target.status ?? status,
        headers: [...endToEnd(headers, [...said]), ...target.headers],
      };
    }
    const id = requestId(this.#world.clock.now());
    if (target.kind === 'external')
      return marked(errorPage(502, 'ROUTER_EXTERNAL_TARGET_ERROR', id), id);
    const page =
      target.kind === 'status' ? statusPage(target.status, id) : errorPage(404, 'NOT_FOUND', id);
    return marked({ ...page, headers: [...page.headers, ...target.headers] }, id);
  }

  /** Straight to a function. */
  async run(
    deployment: ReadyDeployment,
    func: DeployedFunction,
    request: FunctionRequest,
  ): Promise<FunctionReply> {
    const id = requestId(this.#world.clock.now(), func.regions[0] ?? DEFAULT_REGION);
    if (request.body.length > MAX_BODY_BYTES)
      return marked(errorPage(413, 'FUNCTION_PAYLOAD_TOO_LARGE', id), id);
    const token = this.#tokens.issue(deployment);
    const headers = forFunction(request.headers, deployment, func, { id, token });
    const outcome = await this.#runtime.send(deployment, func, { ...request, headers });
    if (outcome.kind === 'fault') return marked(errorPage(outcome.status, outcome.code, id), id);
    const { reply } = outcome;
    const cached = headerOf(reply.headers, 'cache-control') !== undefined;
    const added = cached ? [] : ['Cache-Control', 'public, max-age=0, must-revalidate'];
    const path = ['X-Matched-Path', `/${func.name}`];
    return marked({ ...reply, headers: [...reply.headers, ...added, ...path] }, id);
  }
}

/** @see https://vercel.com/docs/headers/response-headers */
function marked(reply: FunctionReply, id: string): FunctionReply {
  const kept = endToEnd(reply.headers, OF_VERCEL);
  const added = ['Server', 'Vercel', 'X-Vercel-Cache', 'MISS', 'X-Vercel-Id', id];
  return { ...reply, headers: [...kept, ...added] };
}

function names(headers: readonly string[]): readonly string[] {
  return headers.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
}
