/** The fake of API Gateway v2: HTTP APIs, each behind a port of its own. */
import type { World } from '../core/ports.ts';
import { restService, type RestService } from '../core/rest.ts';
import { apiRoutes } from './apis.ts';
import { authorizerRoutes } from './authorizers.ts';
import { deploymentRoutes } from './deployments.ts';
import { Gateway } from './gateway.ts';
import { integrationRoutes } from './integrations.ts';
import { JwtAuthorizers } from './jwt.ts';
import { routeRoutes } from './routes.ts';
import { stageRoutes } from './stages.ts';
import { GatewayState } from './state.ts';
import { tagRoutes } from './tags.ts';

export function createApiGatewayService(world: World): RestService {
  const state = new GatewayState(world);
  const gateway = new Gateway(state, new JwtAuthorizers());
  return restService({
    id: 'apigateway',
    routes: [
      ...apiRoutes(state, gateway),
      ...integrationRoutes(state),
      ...routeRoutes(state),
      ...authorizerRoutes(state),
      ...stageRoutes(state),
      ...deploymentRoutes(state),
      ...tagRoutes(state),
    ].map((route) => ({ ...route, action: `apigateway:${route.method}` })),
    inventory: () => inventory(state),
    async stop() {
      await Promise.all([...state.apis.values()].map((api) => api.edge.close()));
    },
  });
}

function inventory(state: GatewayState): readonly string[] {
  return [...state.apis.values()].flatMap((api) => [
    `apigateway api ${api.name} ${api.id}`,
    ...[...api.integrations.keys()].map((id) => `apigateway integration ${api.id} ${id}`),
    ...[...api.routes.values()].map((route) => `apigateway route ${api.id} ${route.key}`),
    ...[...api.authorizers.values()].map((one) => `apigateway authorizer ${api.id} ${one.name}`),
    ...[...api.stages.keys()].map((name) => `apigateway stage ${api.id} ${name}`),
  ]);
}
