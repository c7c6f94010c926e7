/** Stages: what of an API is served, with which variables and limits. */
import {
  isObject,
  optionalFlag,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalText,
  optionalTextMap,
  text,
  type Input,
} from '../core/operation.ts';
import type { RestInput, RestOutput, RestRoute } from '../core/rest.ts';
import { deploy } from './deployments.ts';
import { BAD, badRequest, conflict, notFound, tooMany } from './faults.ts';
import { pageOf } from './page.ts';
import type { ApiState, GatewayState, RouteSettings, StageState } from './state.ts';
import { readTags } from './tags.ts';

/** Of an API (API Gateway quotas). */
const MAX_STAGES = 10;
const NAME = /^(\$default|[a-zA-Z0-9_-]{1,128})$/;
const VARIABLE_NAME = /^[A-Za-z0-9_]{1,64}$/;
const VARIABLE_VALUE = /^[A-Za-z0-9\-._~:/?#&=,]+$/;
const VARIABLE_LENGTH = 512;

function describe(stage: StageState): object {
  return {
    autoDeploy: stage.autoDeploy,
    createdDate: new Date(stage.createdAt).toISOString(),
    defaultRouteSettings: { detailedMetricsEnabled: false, ...stage.defaults },
    ...(stage.deploymentId !== undefined && { deploymentId: stage.deploymentId }),
    ...(stage.description !== '' && { description: stage.description }),
    lastUpdatedDate: new Date(stage.updatedAt).toISOString(),
    routeSettings: Object.fromEntries(stage.settings),
    stageName: stage.name,
    stageVariables: Object.fromEntries(stage.variables),
    tags: Object.fromEntries(stage.tags),
  };
}

export function findStage(api: ApiState, name = ''): StageState {
  const stage = api.stages.get(name);
  if (!stage) throw notFound('Invalid stage identifier specified');
  return stage;
}

function readSettings(input: Input): RouteSettings {
  const burst = optionalInteger(input, 'throttlingBurstLimit', { ...BAD, min: 0 });
  const rate = optionalNumber(input, 'throttlingRateLimit', { ...BAD, min: 0 });
  const metrics = optionalFlag(input, 'detailedMetricsEnabled', BAD);
  for (const member of ['loggingLevel', 'dataTraceEnabled']) {
    if (input[member] !== undefined) {
      throw badRequest(`${member} is not supported for protocol type HTTP`);
    }
  }
  return {
    ...(burst !== undefined && { throttlingBurstLimit: burst }),
    ...(rate !== undefined && { throttlingRateLimit: rate }),
    ...(metrics !== undefined && { detailedMetricsEnabled: metrics }),
  };
}

function readRouteSettings(api: ApiState, body: Input): ReadonlyMap<string, RouteSettings> {
  const keys = new Set([...api.routes.values()].map((route) => route.key));
  const found = new Map<string, RouteSettings>();
  for (const [key, settings] of Object.entries(optionalObject(body, 'routeSettings', BAD) ?? {})) {
    if (!isObject(settings)) throw badRequest(`Invalid route settings for ${key}`);
    if (!keys.has(key)) {
      throw notFound(`Unable to find Route by key ${key} within the provided RouteSettings`);
    }
    found.set(key, readSettings(settings));
  }
  return found;
}

/** An empty text takes a variable away. */
function readVariables(body: Input): Readonly<Record<string, string>> {
  const variables = optionalTextMap(body, 'stageVariables', BAD) ?? {};
  for (const [name, value] of Object.entries(variables)) {
    if (!VARIABLE_NAME.test(name)) {
      throw badRequest(
        `Invalid stage variable name: ${name}. Please use names with alphanumeric characters and underscores`,
      );
    }
    if (value.length > VARIABLE_LENGTH || (value !== '' && !VARIABLE_VALUE.test(value))) {
      throw badRequest(
        `Invalid stage variable value: ${value}. Please use values with at most ${VARIABLE_LENGTH} characters of [A-Za-z0-9-._~:/?#&=,]`,
      );
    }
  }
  return variables;
}

function setVariables(stage: StageState, variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === '') stage.variables.delete(name);
    else stage.variables.set(name, value);
  }
}

function refuseBoth(autoDeploy: boolean, deploymentId: string | undefined): void {
  if (autoDeploy && deploymentId !== undefined) {
    throw badRequest('Cannot specify a deployment ID when autoDeploy is enabled');
  }
}

function checkDeployment(api: ApiState, id: string | undefined): void {
  if (id !== undefined && !api.deployments.has(id)) {
    throw notFound('Invalid deployment identifier specified');
  }
}

function create(state: GatewayState, input: RestInput): RestOutput {
  const { body } = input;
  const api = state.api(input.params['api']);
  const name = text(body, 'stageName', BAD);
  if (!NAME.test(name)) {
    throw badRequest('Stage name only allows alphanumeric characters, hyphens, and underscores');
  }
  if (api.stages.has(name)) throw conflict('Stage already exists');
  const autoDeploy = optionalFlag(body, 'autoDeploy', BAD) ?? false;
  const deploymentId = optionalText(body, 'deploymentId', BAD);
  refuseBoth(autoDeploy, deploymentId);
  checkDeployment(api, deploymentId);
  const settings = readRouteSettings(api, body);
  const variables = readVariables(body);
  const now = state.now();
  const stage: StageState = {
    name,
    autoDeploy,
    description: optionalText(body, 'description', { ...BAD, max: 1024 }) ?? '',
    defaults: readSettings(optionalObject(body, 'defaultRouteSettings', BAD) ?? {}),
    settings: new Map(settings),
    variables: new Map(),
    tags: readTags(optionalTextMap(body, 'tags', BAD) ?? {}, new Map()),
    createdAt: now,
    updatedAt: now,
    buckets: new Map(),
    ...(deploymentId !== undefined && { deploymentId }),
  };
  if (api.stages.size >= MAX_STAGES) throw tooMany('stages for this API', MAX_STAGES);
  setVariables(stage, variables);
  api.stages.set(name, stage);
  if (autoDeploy) stage.deploymentId = deploy(state, api, 'Automatic deployment', true).id;
  return { status: 201, body: describe(stage) };
}

function update(state: GatewayState, input: RestInput): RestOutput {
  const { body } = input;
  const api = state.api(input.params['api']);
  const stage = findStage(api, input.params['stage']);
  const autoDeploy = optionalFlag(body, 'autoDeploy', BAD) ?? stage.autoDeploy;
  const deploymentId = optionalText(body, 'deploymentId', BAD);
  refuseBoth(autoDeploy, deploymentId);
  checkDeployment(api, deploymentId);
  const settings = readRouteSettings(api, body);
  const variables = readVariables(body);
  const defaults = readSettings(optionalObject(body, 'defaultRouteSettings', BAD) ?? {});
  const description = optionalText(body, 'description', { ...BAD, max: 1024 });
  stage.autoDeploy = autoDeploy;
  stage.defaults = { ...stage.defaults, ...defaults };
  stage.description = description ?? stage.description;
  // What is not given stays: maps are merged key by key.
  for (const [key, value] of settings) {
    stage.settings.set(key, { ...stage.settings.get(key), ...value });
    stage.buckets.delete(key);
  }
  setVariables(stage, variables);
  stage.updatedAt = state.now();
  if (deploymentId !== undefined) stage.deploymentId = deploymentId;
  return { body: describe(stage) };
}

export function stageRoutes(state: GatewayState): readonly RestRoute[] {
  const path = '/v2/apis/{api}/stages';
  const one = (input: RestInput): StageState =>
    findStage(state.api(input.params['api']), input.params['stage']);
  return [
    { method: 'POST', path, operation: 'CreateStage', run: (input) => create(state, input) },
    {
      method: 'GET',
      path,
      operation: 'GetStages',
      run: (input) =>
        pageOf([...state.api(input.params['api']).stages.values()].map(describe), input.query),
    },
    {
      method: 'GET',
      path: `${path}/{stage}`,
      operation: 'GetStage',
      run: (input) => ({ body: describe(one(input)) }),
    },
    {
      method: 'PATCH',
      path: `${path}/{stage}`,
      operation: 'UpdateStage',
      run: (input) => update(state, input),
    },
    {
      method: 'DELETE',
      path: `${path}/{stage}`,
      operation: 'DeleteStage',
      run(input) {
        state.api(input.params['api']).stages.delete(one(input).name);
        return { status: 204 };
      },
    },
    {
      method: 'DELETE',
      path: `${path}/{stage}/routesettings/{key}`,
      operation: 'DeleteRouteSettings',
      run(input) {
        const stage = one(input);
        const key = input.params['key'] ?? '';
        if (!stage.settings.delete(key)) {
          throw notFound(`Unable to find Route by key ${key} within the RouteSettings`);
        }
        stage.buckets.delete(key);
        return { status: 204 };
      },
    },
  ];
}
