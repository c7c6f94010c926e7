/** What answers at the endpoint of an API. */
import type { InvokeOutcome } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import { preflight, withCors } from '../lambda/http/cors.ts';
import { edgeMessage, header, type EdgeReply, type EdgeRequest } from '../lambda/http/edge.ts';
import { httpEvent } from '../lambda/http/event.ts';
import { readReply } from '../lambda/http/reply.ts';
import { afterSimulated } from '../lambda/runtime/patience.ts';
import type { JwtAuthorizers } from './jwt.ts';
import { decode, matchRoute, type RouteMatch } from './route-match.ts';
import {
  snapshotOf,
  type ApiState,
  type GatewayState,
  type IntegrationState,
  type RouteState,
  type Snapshot,
  type StageState,
} from './state.ts';
import { takeToken } from './throttle.ts';

const FAILED = edgeMessage(500, 'Internal Server Error');
const NOT_FOUND = edgeMessage(404, 'Not Found');

/** Real time that an integration gets before it can time out: simulated time may run far ahead of it. */
const GRANTED_MS = 2_000;

interface Served {
  readonly stage: StageState;
  /** Behind the name of the stage, percent-encoded. */
  readonly path: string;
}

export class Gateway {
  readonly #state: GatewayState;
  readonly #authorizers: JwtAuthorizers;

  constructor(state: GatewayState, authorizers: JwtAuthorizers) {
    this.#state = state;
    this.#authorizers = authorizers;
  }

  async answer(apiId: string, request: EdgeRequest): Promise<EdgeReply> {
    const api = this.#state.apis.get(apiId);
    const served = api && !api.isEndpointDisabled ? serve(api, request.rawPath) : undefined;
    if (!api || !served) return NOT_FOUND;
    const early = api.cors && preflight(api.cors, request);
    if (early) return early;
    const reply = await this.#pass(api, served, request);
    return api.cors ? withCors(api.cors, request, reply) : reply;
  }

  async #pass(api: ApiState, served: Served, request: EdgeRequest): Promise<EdgeReply> {
    const { stage, path } = served;
    const snapshot = snapshotFor(api, stage);
    const match = snapshot && matchRoute(snapshot.routes, request.method, path);
    if (!snapshot || !match) return NOT_FOUND;
    const now = this.#state.now();
    if (!takeToken(stage, match.route.key, now)) return edgeMessage(429, 'Too Many Requests');
    const admitted = await this.#admit(snapshot, match.route, request, now);
    if ('refusal' in admitted) return admitted.refusal;
    const integration = snapshot.integrations.get(match.route.target?.split('/')[1] ?? '');
    if (!integration) return FAILED;
    const event = httpEvent(request, {
      now,
      accountId: this.#state.world.account,
      apiId: api.id,
      routeKey: match.route.key,
      stage: stage.name,
      // A decoded question mark ends the path: so it is on AWS.
      path: decode(request.rawPath).split('?')[0] ?? '/',
      pathParameters: match.params,
      stageVariables: Object.fromEntries(stage.variables),
      ...(admitted.authorizer && { authorizer: admitted.authorizer }),
    });
    return this.#invoke(api, stage, match, integration, JSON.stringify(event));
  }

  async #admit(
    snapshot: Snapshot,
    route: RouteState,
    request: EdgeRequest,
    now: number,
  ): Promise<{ readonly refusal: EdgeReply } | { readonly authorizer?: object }> {
    if (route.authorizationType === 'NONE') return {};
    const authorizer = snapshot.authorizers.get(route.authorizerId ?? '');
    if (!authorizer) return { refusal: FAILED };
    const identity = identityOf(authorizer.identitySource, request);
    const verdict = await this.#authorizers.judge(authorizer, identity, route.scopes, now);
    if (verdict.kind === 'forbidden') {
      const scope = route.scopes.join(' ');
      const challenge = `Bearer scope="${scope}" error="insufficient_scope" error_description="the token does not have required scopes"`;
      return { refusal: edgeMessage(403, 'Forbidden', [['www-authenticate', challenge]]) };
    }
    if (verdict.kind === 'unauthorized') {
      const challenge = identity
        ? `Bearer scope="" error="invalid_token" error_description="${verdict.why}"`
        : 'Bearer';
      return { refusal: edgeMessage(401, 'Unauthorized', [['www-authenticate', challenge]]) };
    }
    const scopes = route.scopes.length > 0 ? route.scopes : null;
    return { authorizer: { jwt: { claims: verdict.claims, scopes } } };
  }

  async #invoke(
    api: ApiState,
    stage: StageState,
    match: RouteMatch<RouteState>,
    integration: IntegrationState,
    payload: string,
  ): Promise<EdgeReply> {
    const { world } = this.#state;
    const called = world.lambda.invoke({
      arn: integration.uri,
      payload,
      type: 'RequestResponse',
      source: {
        principal: 'apigateway.amazonaws.com',
        sourceArn: `arn:aws:execute-api:${world.region}:${world.account}:${api.id}/${stage.name}/${match.route.key.replace(' ', '')}`,
      },
    });
    try {
      const outcome = await this.#within(integration.timeoutMs, called);
      if (outcome === undefined) return edgeMessage(503, 'Service Unavailable');
      return (outcome.functionError ? undefined : readReply(outcome.payload)) ?? FAILED;
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      if (error.status === 413) return edgeMessage(413, 'Request Entity Too Large');
      return error.status === 429 ? edgeMessage(503, 'Service Unavailable') : FAILED;
    }
  }

  /** Undefined when the time is over before the call; the function then runs on. */
  async #within(ms: number, call: Promise<InvokeOutcome>): Promise<InvokeOutcome | undefined> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const { clock } = this.#state.world;
    const cancel = afterSimulated(clock, ms, GRANTED_MS, () => resolve(undefined));
    try {
      return await Promise.race([call, promise]);
    } finally {
      cancel();
      // Nobody waits for what comes too late.
      call.catch(() => {});
    }
  }
}

/** A first segment that names a stage chooses it; all else goes to `$default`. */
function serve(api: ApiState, rawPath: string): Served | undefined {
  const [, first = '', ...rest] = rawPath.split('/');
  const named = first === '$default' ? undefined : api.stages.get(decode(first));
  if (named) return { stage: named, path: `/${rest.join('/')}` };
  const stage = api.stages.get('$default');
  return stage && { stage, path: rawPath };
}

function snapshotFor(api: ApiState, stage: StageState): Snapshot | undefined {
  if (stage.autoDeploy) return snapshotOf(api);
  return api.deployments.get(stage.deploymentId ?? '')?.snapshot;
}

/** `$request.header.NAME` or `$request.querystring.NAME`. */
function identityOf(source: string, request: EdgeRequest): string | undefined {
  const [, place, name = ''] = /^\$request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
  if (place === 'header') return header(request, name.toLowerCase());
  return new URLSearchParams(request.rawQuery).get(name) ?? undefined;
}
