/** Projects as the API shows them. */
import type { Account } from '../core/identity.ts';
import type { Project, ProjectStore } from './store.ts';
import { variableView } from './variable-view.ts';

export interface ProjectViewOptions {
  readonly account: Account;
  readonly store: ProjectStore;
  /** `rollbackInfo=true`: with the last promotion or rollback. */
  readonly hasRollbackInfo: boolean;
}

/** What the platform decides where the project does not. */
const DEFAULT_RESOURCES = {
  fluid: true,
  functionDefaultRegions: ['iad1'],
  functionDefaultMemoryType: 'standard',
  functionDefaultTimeout: 300,
};

export function projectView(project: Project, options: ProjectViewOptions): object {
  const { account, store, hasRollbackInfo } = options;
  const { id, name, createdAt, updatedAt, ssoProtection, aliases } = project;
  const { targets, latestDeployments } = store.deploymentsOf(project);
  const variables = [...project.variables.values()];
  const viewOptions = { userId: account.userId, decrypt: false };
  return {
    framework: null,
    nodeVersion: '24.x',
    ...project.settings,
    accountId: account.teamId,
    id,
    name,
    createdAt,
    updatedAt,
    directoryListing: false,
    live: false,
    deploymentExpiration: {},
    defaultResourceConfig: DEFAULT_RESOURCES,
    resourceConfig: { ...DEFAULT_RESOURCES, ...project.resourceConfig },
    ssoProtection: ssoProtection === null ? null : { deploymentType: ssoProtection },
    ...(project.gate === 'paused' && { paused: true }),
    crons: {
      enabledAt: createdAt,
      disabledAt: project.cronsDisabledAt,
      updatedAt,
      deploymentId: project.productionId,
      definitions: [],
    },
    alias: aliases.map((domain) => aliasView(createdAt, domain, targets['production'])),
    targets,
    latestDeployments,
    env: variables.map((variable) => variableView(variable, viewOptions)),
    ...(project.bypassSecrets.size > 0 && { protectionBypass: bypassView(project) }),
    ...(hasRollbackInfo && { lastAliasRequest: aliasRequestView(project) }),
  };
}

function aliasView(createdAt: number, domain: string, production: object | undefined): object {
  return {
    configuredBy: 'A',
    configuredChangedAt: createdAt,
    createdAt,
    deployment: production ?? null,
    domain,
    environment: 'production',
    gitBranch: null,
    redirect: null,
    redirectStatusCode: null,
    target: 'PRODUCTION',
  };
}

function aliasRequestView({ aliasRequest }: Project): object | null {
  if (!aliasRequest) return null;
  const { fromDeploymentId, toDeploymentId, type, requestedAt } = aliasRequest;
  const jobStatus = aliasRequest.jobStatus();
  return { fromDeploymentId, toDeploymentId, jobStatus, requestedAt, type };
}

/** By the secret itself. */
export function bypassView({ bypassSecrets }: Project): object {
  const entries = [...bypassSecrets].map(([secret, { note, ...shown }]) => [
    secret,
    { ...shown, ...(note !== null && { note }) },
  ]);
  return Object.fromEntries(entries);
}
