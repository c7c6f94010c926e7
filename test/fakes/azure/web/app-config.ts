/** The documents below `config`: app settings, the site's configuration, and what else is kept with a site. */
import type { ArmCall, WireReply } from '../core/ports.ts';
import { listOf, merged, objectOf, type Json } from './body.ts';
import { badRequest, notFound } from './faults.ts';
import { isReference, resolveReference } from './environment.ts';
import { refuseFlexSettings, refuseFlexSiteConfig } from './flex-rules.ts';
import type { Hosts } from './hosts.ts';
import { describeDocument, describeWebConfig } from './site-view.ts';
import { checkSettingNames, foldedSettings } from './site-wish.ts';
import type { AppState, WebState } from './state.ts';

export function listAppSettings(app: AppState): WireReply {
  return { status: 200, body: describeDocument(app, 'appsettings', app.settings) };
}

/** All settings at once: what is not given is gone. They reach the host a little later. */
export function putAppSettings(
  state: WebState,
  hosts: Hosts,
  app: AppState,
  call: ArmCall,
): WireReply {
  state.refuseBusy(app);
  const given = Object.entries(objectOf(call.body, 'properties')).map(
    ([name, value]): [string, string] => {
      if (typeof value !== 'string') throw badRequest('The app setting {0} is no text.', name);
      return [name, value];
    },
  );
  const settings = foldedSettings(given);
  checkSettingNames(settings);
  if (state.planOf(app).family === 'flex') refuseFlexSettings(settings);
  app.settings = settings;
  app.modifiedAt = state.now();
  hosts.restartSoon(app);
  return listAppSettings(app);
}

export function getWebConfig(app: AppState): WireReply {
  return { status: 200, body: describeWebConfig(app) };
}

/** A PUT replaces the whole document, a PATCH merges. */
export function changeWebConfig(
  state: WebState,
  hosts: Hosts,
  app: AppState,
  call: ArmCall,
): WireReply {
  state.refuseBusy(app);
  const { appSettings: _, ...change } = objectOf(call.body, 'properties');
  if (state.planOf(app).family === 'flex') refuseFlexSiteConfig(change);
  checkCors(change);
  app.siteConfig = call.method === 'PUT' ? change : merged(app.siteConfig, change);
  app.modifiedAt = state.now();
  hosts.restartSoon(app);
  return getWebConfig(app);
}

function checkCors(change: Json): void {
  const origins = listOf(change, 'cors', 'allowedOrigins') ?? [];
  if (objectOf(change, 'cors')['supportCredentials'] === true && origins.includes('*')) {
    throw badRequest(
      "The CORS configuration is invalid. When supportCredentials is set, allowedOrigins must not contain '{0}'.",
      '*',
    );
  }
}

/** The site leaves its subnet; a PUT or PATCH of the site joins one, and does not leave it. */
export function leaveSubnet(state: WebState, hosts: Hosts, app: AppState): WireReply {
  state.refuseBusy(app);
  if (app.virtualNetworkSubnetId === '') return { status: 200 };
  app.virtualNetworkSubnetId = '';
  app.modifiedAt = state.now();
  hosts.restartSoon(app);
  return { status: 200 };
}

export function authSettings(
  state: WebState,
  hosts: Hosts,
  app: AppState,
  call: ArmCall,
): WireReply {
  if (call.method === 'PUT') {
    state.refuseBusy(app);
    app.authSettings = objectOf(call.body, 'properties');
    hosts.restartSoon(app);
  }
  return { status: 200, body: describeDocument(app, 'authsettingsV2', app.authSettings) };
}

/** Names of settings that stay with their slot. */
export function slotConfigNames(state: WebState, app: AppState, call: ArmCall): WireReply {
  if (call.method === 'PUT') {
    state.refuseBusy(app);
    app.sticky = objectOf(call.body, 'properties');
  }
  const names = {
    appSettingNames: listOf(app.sticky, 'appSettingNames') ?? null,
    connectionStringNames: listOf(app.sticky, 'connectionStringNames') ?? null,
    azureStorageConfigNames: null,
  };
  return { status: 200, body: describeDocument(app, 'slotConfigNames', names) };
}

/** How the references to Key Vault came out. */
export function listReferences(
  state: WebState,
  app: AppState,
  only: string | undefined,
): WireReply {
  const value = Object.entries(app.settings)
    .filter(([name, text]) => isReference(text) && (only === undefined || name === only))
    .map(([name, text]) => describeReference(state, app, name, text));
  if (only === undefined) return { status: 200, body: { value, nextLink: null } };
  const [found] = value;
  if (!found) throw notFound('Cannot find {0} with name {1}.', 'KeyVaultReference', only);
  return { status: 200, body: found };
}

function describeReference(state: WebState, app: AppState, name: string, text: string): Json {
  const found = resolveReference(state, app, text);
  const uri = /SecretUri=([^;)]+)/i.exec(text)?.[1];
  const url = uri !== undefined && URL.canParse(uri) ? new URL(uri) : undefined;
  const [, , secret, version] = url?.pathname.split('/') ?? [];
  return {
    id: `${app.id}/config/configreferences/appsettings/${name}`,
    name,
    type: 'Microsoft.Web/sites/config/configreferences',
    properties: {
      reference: text,
      status: 'value' in found ? 'Resolved' : found.status,
      vaultName: url?.hostname.split('.')[0] ?? '',
      secretName: secret ?? '',
      secretVersion: version ?? '',
      identityType: app.keyVaultReferenceIdentity.startsWith('/')
        ? 'UserAssigned'
        : 'SystemAssigned',
      details: 'value' in found ? 'Reference has been successfully resolved.' : found.status,
      source: 'KeyVault',
    },
  };
}

/** Names of app settings that stay with their slot. */
export function stickyNames(site: AppState): ReadonlySet<string> {
  const names = listOf(site.sticky, 'appSettingNames') ?? [];
  return new Set(names.flatMap((name) => (typeof name === 'string' ? [name] : [])));
}
