/** Deployments: what an API was at a moment, for stages that do not deploy by themselves. */
import { optionalText } from '../core/operation.ts';
import type { RestInput, RestOutput, RestRoute } from '../core/rest.ts';
import { BAD, badRequest, notFound } from './faults.ts';
import { pageOf } from './page.ts';
import { findStage } from './stages.ts';
import {
  newId,
  snapshotOf,
  type ApiState,
  type DeploymentState,
  type GatewayState,
} from './state.ts';

export function deploy(
  state: GatewayState,
  api: ApiState,
  description: string,
  autoDeployed: boolean,
): DeploymentState {
  const deployment: DeploymentState = {
    id: newId(6),
    description,
    createdAt: state.now(),
    autoDeployed,
    snapshot: snapshotOf(api),
  };
  api.deployments.set(deployment.id, deployment);
  return deployment;
}

function describe(deployment: DeploymentState): object {
  return {
    autoDeployed: deployment.autoDeployed,
    createdDate: new Date(deployment.createdAt).toISOString(),
    deploymentId: deployment.id,
    deploymentStatus: 'DEPLOYED',
    ...(deployment.description !== '' && { description: deployment.description }),
  };
}

function create(state: GatewayState, input: RestInput): RestOutput {
  const api = state.api(input.params['api']);
  const stageName = optionalText(input.body, 'stageName', BAD);
  const stage = stageName === undefined ? undefined : findStage(api, stageName);
  const description = optionalText(input.body, 'description', { ...BAD, max: 1024 }) ?? '';
  if (api.routes.size === 0)
    throw badRequest('At least one route is required before deploying the Api.');
  const deployment = deploy(state, api, description, false);
  if (stage) stage.deploymentId = deployment.id;
  return { status: 201, body: describe(deployment) };
}

export function deploymentRoutes(state: GatewayState): readonly RestRoute[] {
  const path = '/v2/apis/{api}/deployments';

  function one(input: RestInput): DeploymentState {
    const api = state.api(input.params['api']);
    const deployment = api.deployments.get(input.params['id'] ?? '');
    if (!deployment) throw notFound('Invalid deployment identifier specified');
    return deployment;
  }

  return [
    { method: 'POST', path, operation: 'CreateDeployment', run: (input) => create(state, input) },
    {
      method: 'GET',
      path,
      operation: 'GetDeployments',
      run: (input) =>
        pageOf([...state.api(input.params['api']).deployments.values()].map(describe), input.query),
    },
    {
      method: 'GET',
      path: `${path}/{id}`,
      operation: 'GetDeployment',
      run: (input) => ({ body: describe(one(input)) }),
    },
    {
      method: 'DELETE',
      path: `${path}/{id}`,
      operation: 'DeleteDeployment',
      run(input) {
        const api = state.api(input.params['api']);
        const { id } = one(input);
        if ([...api.stages.values()].some((stage) => stage.deploymentId === id)) {
          throw badRequest('Active stages pointing to this deployment must be moved or deleted');
        }
        api.deployments.delete(id);
        return { status: 204 };
      },
    },
  ];
}
