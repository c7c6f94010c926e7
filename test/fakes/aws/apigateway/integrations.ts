/** Integrations: the functions behind an API. */
import { optionalInteger, optionalText, text } from '../core/operation.ts';
import type { RestInput, RestOutput, RestRoute } from '../core/rest.ts';
import { BAD, badRequest, conflict, notFound, tooMany } from './faults.ts';
import { pageOf } from './page.ts';
import { newId, type ApiState, type GatewayState, type IntegrationState } from './state.ts';

/** Of an API (API Gateway quotas). */
const MAX_INTEGRATIONS = 300;
const TIMEOUT_MS = 30_000;
const FUNCTION_ARN =
  /^(?:arn:aws:apigateway:[a-z0-9-]+:lambda:path\/2015-03-31\/functions\/)?(arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[a-zA-Z0-9-_]+(?::[a-zA-Z0-9-_$]+)?)(?:\/invocations)?$/;

function describe(integration: IntegrationState): object {
  return {
    connectionType: 'INTERNET',
    ...(integration.description !== '' && { description: integration.description }),
    integrationId: integration.id,
    integrationMethod: 'POST',
    integrationType: 'AWS_PROXY',
    integrationUri: integration.uri,
    payloadFormatVersion: '2.0',
    timeoutInMillis: integration.timeoutMs,
  };
}

function find(api: ApiState, id = ''): IntegrationState {
  const integration = api.integrations.get(id);
  if (!integration) throw notFound(`Invalid Integration identifier specified`);
  return integration;
}

function readUri(uri: string): string {
  const arn = FUNCTION_ARN.exec(uri)?.[1];
  if (arn === undefined) throw badRequest('Invalid integration URI specified');
  return arn;
}

function readTimeout(input: RestInput): number | undefined {
  const timeout = optionalInteger(input.body, 'timeoutInMillis', BAD);
  if (timeout !== undefined && (timeout < 50 || timeout > TIMEOUT_MS)) {
    throw badRequest(`Timeout should be between 50 ms and ${TIMEOUT_MS} ms`);
  }
  return timeout;
}

function create(state: GatewayState, input: RestInput): RestOutput {
  const { body } = input;
  const api = state.api(input.params['api']);
  const type = text(body, 'integrationType', {
    ...BAD,
    oneOf: ['AWS', 'HTTP', 'MOCK', 'HTTP_PROXY', 'AWS_PROXY'],
  });
  if (!type.endsWith('_PROXY')) {
    throw badRequest(`HTTP APIs do not support the integration type ${type}.`);
  }
  if (type !== 'AWS_PROXY') throw badRequest('Only AWS_PROXY integrations are supported.');
  const version = text(body, 'payloadFormatVersion', BAD);
  if (version !== '2.0') throw badRequest(`Invalid payload format version: ${version}`);
  if (api.integrations.size >= MAX_INTEGRATIONS) {
    throw tooMany('integrations for this API', MAX_INTEGRATIONS);
  }
  const integration: IntegrationState = {
    id: newId(7),
    uri: readUri(text(body, 'integrationUri', BAD)),
    timeoutMs: readTimeout(input) ?? TIMEOUT_MS,
    description: optionalText(body, 'description', { ...BAD, max: 1024 }) ?? '',
  };
  api.integrations.set(integration.id, integration);
  return { status: 201, body: describe(integration) };
}

function update(state: GatewayState, input: RestInput): RestOutput {
  const integration = find(state.api(input.params['api']), input.params['id']);
  const uri = optionalText(input.body, 'integrationUri', BAD);
  const changes = {
    uri: uri === undefined ? integration.uri : readUri(uri),
    timeoutMs: readTimeout(input) ?? integration.timeoutMs,
    description:
      optionalText(input.body, 'description', { ...BAD, max: 1024 }) ?? integration.description,
  };
  Object.assign(integration, changes);
  return { body: describe(integration) };
}

function remove(state: GatewayState, input: RestInput): RestOutput {
  const api = state.api(input.params['api']);
  const { id } = find(api, input.params['id']);
  const users = [...api.routes.values()].filter((route) => route.target === `integrations/${id}`);
  if (users.length > 0) {
    throw conflict(
      `Cannot delete Integration '${id}'. It is referenced by the following Routes: [${users.map((route) => route.id).join(', ')}]`,
    );
  }
  api.integrations.delete(id);
  return { status: 204 };
}

export function integrationRoutes(state: GatewayState): readonly RestRoute[] {
  const path = '/v2/apis/{api}/integrations';
  return [
    { method: 'POST', path, operation: 'CreateIntegration', run: (input) => create(state, input) },
    {
      method: 'GET',
      path,
      operation: 'GetIntegrations',
      run: (input) =>
        pageOf(
          [...state.api(input.params['api']).integrations.values()].map(describe),
          input.query,
        ),
    },
    {
      method: 'GET',
      path: `${path}/{id}`,
      operation: 'GetIntegration',
      run: (input) => ({
        body: describe(find(state.api(input.params['api']), input.params['id'])),
      }),
    },
    {
      method: 'PATCH',
      path: `${path}/{id}`,
      operation: 'UpdateIntegration',
      run: (input) => update(state, input),
    },
    {
      method: 'DELETE',
      path: `${path}/{id}`,
      operation: 'DeleteIntegration',
      run: (input) => remove(state, input),
    },
  ];
}
