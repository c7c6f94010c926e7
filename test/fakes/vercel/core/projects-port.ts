/** What the other parts see of projects: their store, and what the deployments know. */
import type { DeploymentsPort } from './assemble.ts';
import type { ProjectsPort } from './ports.ts';
import type { ProjectStore, SsoProtection } from '../projects/store.ts';

/** Automatic addresses count as deployments' own: custom domains are not here. */
const PROTECTION: Readonly<Record<SsoProtection, 'all_but_production' | 'all'>> = {
  all: 'all',
  all_except_custom_domains: 'all',
  prod_deployment_urls_and_all_previews: 'all_but_production',
  preview: 'all_but_production',
};

export function projectsPort(store: ProjectStore, deployments: DeploymentsPort): ProjectsPort {
  return {
    deploymentOfHost: (host) => deployments.deploymentOfHost(host),
    isDeletedHost: (host) => deployments.isDeletedHost?.(host) === true,
    productionOf: (projectId) => deployments.productionOf(projectId),
    producing: () => deployments.producing(),
    deploymentById: (id) => deployments.deploymentById(id),
    onPromoted: (listener) => deployments.onPromoted(listener),
    onDeleted: (listener) => deployments.onDeleted(listener),
    bypassSecretsOf: (projectId) => [...(store.find(projectId)?.bypassSecrets.keys() ?? [])],
    protectionOf(projectId) {
      const protection = store.find(projectId)?.ssoProtection;
      return protection ? PROTECTION[protection] : 'none';
    },
    gateOf: (projectId) => store.find(projectId)?.gate ?? 'open',
    projectIdOf: (nameOrId) => store.find(nameOrId)?.id,
    setSharedVariable(key, value) {
      store.setShared(key, value);
    },
    onProjectDeleted: (listener) => store.onDeleted(listener),
  };
}
