/** A site as Resource Manager shows it. */
import { numberOf, type Json } from './body.ts';
import { regionName } from './regions.ts';
import { fullName, scaleOf, type AppState, type WebState } from './state.ts';

/** What App Service adds to a configuration, and what its clients expect to find. */
const SITE_CONFIG: Json = {
  numberOfWorkers: 1,
  linuxFxVersion: '',
  alwaysOn: false,
  http20Enabled: false,
  minTlsVersion: '1.2',
  functionAppScaleLimit: 0,
  minimumElasticInstanceCount: 0,
};

export function describeSite(state: WebState, app: AppState): Json {
  const names = [hostName(app), scmName(app)];
  const plan = state.planOf(app);
  const memory = numberOf(scaleOf(app), 'instanceMemoryMB');
  return {
    id: app.id,
    name: app.slot === undefined ? app.name : `${app.name}/${app.slot}`,
    type: app.slot === undefined ? 'Microsoft.Web/sites' : 'Microsoft.Web/sites/slots',
    kind: app.kind,
    location: regionName(app.location),
    tags: app.tags,
    ...describeIdentity(state, app),
    properties: {
      name: fullName(app),
      state: app.isStopped ? 'Stopped' : 'Running',
      enabled: true,
      availabilityState: 'Normal',
      usageState: 'Normal',
      defaultHostName: hostName(app),
      hostNames: [hostName(app)],
      enabledHostNames: names,
      hostNameSslStates: [
        { name: hostName(app), sslState: 'Disabled', hostType: 'Standard' },
        { name: scmName(app), sslState: 'Disabled', hostType: 'Repository' },
      ],
      repositorySiteName: app.name,
      serverFarmId: app.planId,
      sku: plan.sku.tier,
      reserved: plan.reserved,
      httpsOnly: app.httpsOnly,
      keyVaultReferenceIdentity: app.keyVaultReferenceIdentity,
      virtualNetworkSubnetId: app.virtualNetworkSubnetId === '' ? null : app.virtualNetworkSubnetId,
      ...(app.functionAppConfig && { functionAppConfig: describeConfig(app.functionAppConfig) }),
      ...(memory !== undefined && {
        containerSize: memory,
        resourceConfig: { cpu: memory / 2048, memory: `${(memory / 1024).toFixed(1)}Gi` },
      }),
      siteConfig: { ...SITE_CONFIG, ...app.siteConfig },
      lastModifiedTimeUtc: new Date(app.modifiedAt).toISOString().replace('Z', ''),
      resourceGroup: app.group,
      publicNetworkAccess: 'Enabled',
      scmSiteAlsoStopped: false,
    },
  };
}

/** Parts of the scale that were not given are shown as null. */
function describeConfig(config: Json): Json {
  const scale = config['scaleAndConcurrency'];
  return {
    ...config,
    ...(typeof scale === 'object' && {
      scaleAndConcurrency: { alwaysReady: null, triggers: null, ...scale },
    }),
  };
}

function describeIdentity(state: WebState, app: AppState): Json {
  const { system, user } = app.identity;
  if (!system && user.length === 0) return {};
  const kinds = [
    ...(system ? ['SystemAssigned'] : []),
    ...(user.length > 0 ? ['UserAssigned'] : []),
  ];
  return {
    identity: {
      type: kinds.join(', '),
      ...(system && { tenantId: state.world.tenantId, principalId: system.principalId }),
      ...(user.length > 0 && {
        userAssignedIdentities: Object.fromEntries(
          user.map((id) => [id, describePrincipal(state, id)]),
        ),
      }),
    },
  };
}

/** Empty for one that was deleted in the meantime. */
function describePrincipal(state: WebState, id: string): Json {
  const known = state.world.identity.identityOf(id);
  return known ? { principalId: known.principalId, clientId: known.clientId } : {};
}

/** Until it is reachable it has the name that it would have. */
function hostName(app: AppState): string {
  return app.host === '' ? `${fullName(app)}.azurewebsites.net` : app.host;
}

function scmName(app: AppState): string {
  return app.scmHost === '' ? `${fullName(app)}.scm.azurewebsites.net` : app.scmHost;
}

/** `config/web`. */
export function describeWebConfig(app: AppState): Json {
  return {
    id: `${app.id}/config/web`,
    name: app.slot === undefined ? app.name : `${app.name}/${app.slot}`,
    type: 'Microsoft.Web/sites/config',
    location: regionName(app.location),
    properties: { ...SITE_CONFIG, appSettings: null, ...app.siteConfig },
  };
}

/** A child of a site that is a document of its own. */
export function describeDocument(app: AppState, name: string, properties: unknown): Json {
  return {
    id: `${app.id}/config/${name}`,
    name,
    type: 'Microsoft.Web/sites/config',
    location: regionName(app.location),
    tags: app.tags,
    properties,
  };
}
