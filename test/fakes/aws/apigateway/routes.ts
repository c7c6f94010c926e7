/** Routes: which requests go to which integration, and who may send them. */
import { optionalText, optionalTexts, text, type Input } from '../core/operation.ts';
import type { RestInput, RestOutput, RestRoute } from '../core/rest.ts';
import { BAD, badRequest, conflict, notFound, tooMany } from './faults.ts';
import { pageOf } from './page.ts';
import { isRouteKey } from './route-match.ts';
import { newId, type ApiState, type GatewayState, type RouteState } from './state.ts';

/** Of an API (API Gateway quotas). */
const MAX_ROUTES = 300;
const MAX_SCOPES = 10;

function describe(route: RouteState): object {
  return {
    apiKeyRequired: false,
    ...(route.scopes.length > 0 && { authorizationScopes: route.scopes }),
    authorizationType: route.authorizationType,
    ...(route.authorizerId !== undefined && { authorizerId: route.authorizerId }),
    ...(route.operationName !== undefined && { operationName: route.operationName }),
    routeId: route.id,
    routeKey: route.key,
    ...(route.target !== undefined && { target: route.target }),
  };
}

function find(api: ApiState, id = ''): RouteState {
  const route = api.routes.get(id);
  if (!route) throw notFound('Invalid Route identifier specified');
  return route;
}

function checkKey(api: ApiState, key: string, own?: RouteState): void {
  if (!isRouteKey(key)) {
    throw badRequest(
      'The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"',
    );
  }
  if ([...api.routes.values()].some((route) => route !== own && route.key === key)) {
    throw conflict(`Route with key ${key} already exists for this API`);
  }
}

function readTarget(api: ApiState, body: Input): string | undefined {
  const target = optionalText(body, 'target', { ...BAD, max: 128 });
  if (target === undefined) return undefined;
  const id = /^integrations\/([a-z0-9]+)$/.exec(target)?.[1];
  if (id === undefined) throw badRequest('Invalid target specified');
  if (!api.integrations.has(id)) throw notFound(`Unable to find Integration with ID ${id}`);
  return target;
}

type Access = Pick<RouteState, 'authorizationType' | 'authorizerId' | 'scopes'>;

function readAccess(api: ApiState, body: Input, before?: RouteState): Access {
  const authorizationType =
    optionalText(body, 'authorizationType', {
      ...BAD,
      oneOf: ['NONE', 'AWS_IAM', 'CUSTOM', 'JWT'],
    }) ??
    before?.authorizationType ??
    'NONE';
  const scopes = optionalTexts(body, 'authorizationScopes', BAD) ?? before?.scopes ?? [];
  const authorizerId = optionalText(body, 'authorizerId', BAD) ?? before?.authorizerId;
  if (authorizationType === 'NONE') return { authorizationType, scopes: [] };
  if (authorizationType !== 'JWT') {
    throw badRequest(`The authorization type ${authorizationType} is not supported.`);
  }
  if (authorizerId === undefined) {
    throw badRequest('Authorizer ID is required for the authorization type JWT');
  }
  if (!api.authorizers.has(authorizerId)) throw badRequest('Invalid authorizer ID specified');
  if (scopes.length > MAX_SCOPES) {
    throw tooMany('authorization scopes for this route', MAX_SCOPES);
  }
  return { authorizationType, authorizerId, scopes };
}

function create(state: GatewayState, input: RestInput): RestOutput {
  const { body } = input;
  const api = state.api(input.params['api']);
  const key = text(body, 'routeKey', BAD);
  checkKey(api, key);
  const target = readTarget(api, body);
  const operationName = optionalText(body, 'operationName', { ...BAD, max: 64 });
  const access = readAccess(api, body);
  if (api.routes.size >= MAX_ROUTES) throw tooMany('routes for this API', MAX_ROUTES);
  const route: RouteState = {
    id: newId(7),
    key,
    ...access,
    ...(target !== undefined && { target }),
    ...(operationName !== undefined && { operationName }),
  };
  api.routes.set(route.id, route);
  return { status: 201, body: describe(route) };
}

function update(state: GatewayState, input: RestInput): RestOutput {
  const { body } = input;
  const api = state.api(input.params['api']);
  const route = find(api, input.params['id']);
  const key = optionalText(body, 'routeKey', BAD) ?? route.key;
  checkKey(api, key, route);
  const target = readTarget(api, body) ?? route.target;
  const access = readAccess(api, body, route);
  delete route.authorizerId;
  Object.assign(route, { key, ...access }, target === undefined ? {} : { target });
  return { body: describe(route) };
}

export function routeRoutes(state: GatewayState): readonly RestRoute[] {
  const path = '/v2/apis/{api}/routes';
  return [
    { method: 'POST', path, operation: 'CreateRoute', run: (input) => create(state, input) },
    {
      method: 'GET',
      path,
      operation: 'GetRoutes',
      run: (input) =>
        pageOf([...state.api(input.params['api']).routes.values()].map(describe), input.query),
    },
    {
      method: 'GET',
      path: `${path}/{id}`,
      operation: 'GetRoute',
      run: (input) => ({
        body: describe(find(state.api(input.params['api']), input.params['id'])),
      }),
    },
    {
      method: 'PATCH',
      path: `${path}/{id}`,
      operation: 'UpdateRoute',
      run: (input) => update(state, input),
    },
    {
      method: 'DELETE',
      path: `${path}/{id}`,
      operation: 'DeleteRoute',
      run(input) {
        const api = state.api(input.params['api']);
        api.routes.delete(find(api, input.params['id']).id);
        return { status: 204 };
      },
    },
  ];
}
