/** Deployments, and which of them are in production. */
import type { DeploymentsPort, Part } from '../core/assemble.ts';
import type { ApiService, ReadyDeployment, World } from '../core/ports.ts';
import type { ProjectStore } from '../projects/store.ts';
import { createDeploymentsApi } from './api.ts';
import { Deployments } from './deployments.ts';

export function createDeployments(
  world: World,
  store: ProjectStore,
): DeploymentsPort &
  Part & { readonly services: readonly ApiService[]; inventory(): readonly string[] } {
  const deployments = new Deployments(world, store);
  const api = createDeploymentsApi(deployments);
  return {
    services: [api],
    isDeletedHost: (host) => deployments.isGone(host),
    deploymentOfHost: (host) => deployments.ofHost(host),
    productionOf: (projectId) => deployments.productionOf(projectId),
    producing: () =>
      store
        .list()
        .map(({ id }) => deployments.productionOf(id))
        .filter((one): one is ReadyDeployment => one !== undefined),
    deploymentById: (id) => deployments.readyById(id),
    onPromoted: (listener) => deployments.production.onPromoted(listener),
    onDeleted: (listener) => deployments.onDeleted(listener),
    inventory: () => api.inventory(),
    busy: () => deployments.isBusy,
    stop: () => deployments.stop(),
  };
}
