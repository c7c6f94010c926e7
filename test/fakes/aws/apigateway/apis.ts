/** APIs and their CORS rules. */
import {
  optionalFlag,
  optionalInteger,
  optionalObject,
  optionalText,
  optionalTextMap,
  optionalTexts,
  text,
  type Input,
} from '../core/operation.ts';
import type { RestInput, RestOutput, RestRoute } from '../core/rest.ts';
import type { CorsRules } from '../lambda/http/cors.ts';
import { openEdge } from '../lambda/http/edge.ts';
import { BAD, badRequest, tooMany } from './faults.ts';
import type { Gateway } from './gateway.ts';
import { pageOf } from './page.ts';
import { newId, type ApiState, type GatewayState } from './state.ts';
import { readTags } from './tags.ts';

/** Of an account and region (API Gateway quotas). */
const MAX_APIS = 600;
/** 10 MB (API Gateway quotas). */
const BODY_BYTES = 10_485_760;

export function describeApi(api: ApiState): object {
  return {
    apiEndpoint: api.edge.origin,
    apiId: api.id,
    apiKeySelectionExpression: '$request.header.x-api-key',
    ...(api.cors && { corsConfiguration: api.cors }),
    createdDate: new Date(api.createdAt).toISOString(),
    ...(api.description !== '' && { description: api.description }),
    disableExecuteApiEndpoint: api.isEndpointDisabled,
    ipAddressType: 'ipv4',
    name: api.name,
    protocolType: 'HTTP',
    routeSelectionExpression: '$request.method $request.path',
    tags: Object.fromEntries(api.tags),
    ...(api.version !== undefined && { version: api.version }),
  };
}

function readCors(body: Input): CorsRules | undefined {
  const cors = optionalObject(body, 'corsConfiguration', BAD);
  if (cors === undefined) return undefined;
  const allowCredentials = optionalFlag(cors, 'allowCredentials', BAD);
  const allowHeaders = optionalTexts(cors, 'allowHeaders', BAD);
  const allowMethods = optionalTexts(cors, 'allowMethods', BAD);
  const allowOrigins = optionalTexts(cors, 'allowOrigins', BAD);
  const exposeHeaders = optionalTexts(cors, 'exposeHeaders', BAD);
  const maxAge = optionalInteger(cors, 'maxAge', { ...BAD, min: -1, max: 86_400 });
  if (allowCredentials === true && allowOrigins?.includes('*')) {
    throw badRequest('allowCredentials is not supported when allowOrigins contains *');
  }
  const wrong = allowOrigins?.find(
    (origin) => origin !== '*' && !/^[a-z][a-z0-9+.-]*:\/\//.test(origin),
  );
  if (wrong !== undefined) throw badRequest(`Invalid CORS origin: ${wrong}`);
  return {
    ...(allowCredentials !== undefined && { allowCredentials }),
    ...(allowHeaders && { allowHeaders }),
    ...(allowMethods && { allowMethods }),
    ...(allowOrigins && { allowOrigins }),
    ...(exposeHeaders && { exposeHeaders }),
    ...(maxAge !== undefined && { maxAge }),
  };
}

async function create(
  state: GatewayState,
  gateway: Gateway,
  input: RestInput,
): Promise<RestOutput> {
  const { body } = input;
  const name = text(body, 'name', { ...BAD, min: 1, max: 128 });
  const protocol = text(body, 'protocolType', { ...BAD, oneOf: ['HTTP', 'WEBSOCKET'] });
  if (protocol !== 'HTTP') throw badRequest('WEBSOCKET APIs are not supported.');
  for (const member of ['target', 'routeKey', 'credentialsArn']) {
    if (body[member] !== undefined) throw badRequest(`${member} (quick create) is not supported.`);
  }
  const cors = readCors(body);
  const tags = readTags(optionalTextMap(body, 'tags', BAD) ?? {}, new Map());
  const version = optionalText(body, 'version', { ...BAD, max: 64 });
  const description = optionalText(body, 'description', { ...BAD, max: 1024 }) ?? '';
  const isEndpointDisabled = optionalFlag(body, 'disableExecuteApiEndpoint', BAD) ?? false;
  if (state.apis.size >= MAX_APIS) throw tooMany('APIs', MAX_APIS);
  const id = newId(10);
  const edge = await openEdge({
    maxBodyBytes: BODY_BYTES,
    handle: (request) => gateway.answer(id, request),
  });
  const api: ApiState = {
    id,
    name,
    description,
    isEndpointDisabled,
    edge,
    createdAt: state.now(),
    tags,
    integrations: new Map(),
    routes: new Map(),
    authorizers: new Map(),
    stages: new Map(),
    deployments: new Map(),
    ...(cors && { cors }),
    ...(version !== undefined && { version }),
  };
  state.apis.set(id, api);
  return { status: 201, body: describeApi(api) };
}

function update(state: GatewayState, input: RestInput): RestOutput {
  const { body } = input;
  const api = state.api(input.params['api']);
  const name = optionalText(body, 'name', { ...BAD, min: 1, max: 128 });
  const description = optionalText(body, 'description', { ...BAD, max: 1024 });
  const version = optionalText(body, 'version', { ...BAD, max: 64 });
  const isEndpointDisabled = optionalFlag(body, 'disableExecuteApiEndpoint', BAD);
  const cors = readCors(body);
  api.name = name ?? api.name;
  api.description = description ?? api.description;
  api.isEndpointDisabled = isEndpointDisabled ?? api.isEndpointDisabled;
  if (version !== undefined) api.version = version;
  if (cors) api.cors = cors;
  return { body: describeApi(api) };
}

export function apiRoutes(state: GatewayState, gateway: Gateway): readonly RestRoute[] {
  return [
    {
      method: 'POST',
      path: '/v2/apis',
      operation: 'CreateApi',
      run: (input) => create(state, gateway, input),
    },
    {
      method: 'GET',
      path: '/v2/apis',
      operation: 'GetApis',
      run: (input) => pageOf([...state.apis.values()].map(describeApi), input.query),
    },
    {
      method: 'GET',
      path: '/v2/apis/{api}',
      operation: 'GetApi',
      run: (input) => ({ body: describeApi(state.api(input.params['api'])) }),
    },
    {
      method: 'PATCH',
      path: '/v2/apis/{api}',
      operation: 'UpdateApi',
      run: (input) => update(state, input),
    },
    {
      method: 'DELETE',
      path: '/v2/apis/{api}',
      operation: 'DeleteApi',
      async run(input) {
        const api = state.api(input.params['api']);
        state.apis.delete(api.id);
        await api.edge.close();
        return { status: 204 };
      },
    },
    {
      method: 'DELETE',
      path: '/v2/apis/{api}/cors',
      operation: 'DeleteCorsConfiguration',
      run(input) {
        delete state.api(input.params['api']).cors;
        return { status: 204 };
      },
    },
  ];
}
