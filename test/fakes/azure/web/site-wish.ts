/** Reading what a site is to be, and refusing what App Service refuses. */
import { randomUUID } from 'node:crypto';
import { ArmFault } from '../core/service.ts';
import { has, isObject, listOf, merged, objectOf, textOf, type Json } from './body.ts';
import { badRequest, invalidParameter, notFound, planBusy } from './faults.ts';
import { checkFunctionAppConfig, refuseFlexSettings, refuseFlexSiteConfig } from './flex-rules.ts';
import { regionKey } from './regions.ts';
import type { AppState, IdentityState, PlanFamily, PlanState, WebState } from './state.ts';

const SETTING_NAME = /^[\w.:]+$/;
const LINUX_NODE = /^node\|(18|20|22|24)$/i;

/** What the body of a PUT or PATCH makes of a site. */
export interface SiteWish {
  readonly identity: IdentityState;
  readonly settings: Readonly<Record<string, string>>;
  readonly siteConfig: Json;
  readonly functionAppConfig: Json | undefined;
  readonly httpsOnly: boolean;
  readonly keyVaultReferenceIdentity: string;
  readonly virtualNetworkSubnetId: string;
}

type Before = Pick<
  AppState,
  | 'identity'
  | 'settings'
  | 'siteConfig'
  | 'functionAppConfig'
  | 'httpsOnly'
  | 'keyVaultReferenceIdentity'
  | 'virtualNetworkSubnetId'
>;

const NOTHING: Before = {
  identity: { system: undefined, user: [] },
  settings: {},
  siteConfig: {},
  functionAppConfig: undefined,
  httpsOnly: false,
  keyVaultReferenceIdentity: 'SystemAssigned',
  virtualNetworkSubnetId: '',
};

/** @param before undefined for a new site. `isPatch`: what is not given stays. */
export function readSite(
  state: WebState,
  id: string,
  body: unknown,
  family: PlanFamily,
  before: Before | undefined,
  isPatch: boolean,
): SiteWish {
  const old = before ?? NOTHING;
  const properties = objectOf(body, 'properties');
  const { appSettings: _, ...siteConfig } = objectOf(properties, 'siteConfig');
  const given = readSettings(properties);
  const identity = readIdentity(state, id, body, old.identity);
  const settings = given ?? old.settings;
  if (given) checkSettingNames(given);
  const config = has(properties, 'functionAppConfig')
    ? objectOf(properties, 'functionAppConfig')
    : undefined;
  let functionAppConfig = old.functionAppConfig;
  if (family === 'flex') {
    refuseFlexSettings(settings);
    refuseFlexSiteConfig(siteConfig);
    functionAppConfig = isPatch ? merged(old.functionAppConfig ?? {}, config ?? {}) : config;
    checkFunctionAppConfig(state, functionAppConfig, { identity, settings });
  } else {
    if (config) {
      throw badRequest(
        'Site.FunctionAppConfig is invalid.  The FunctionAppConfig section is only supported for Flex Consumption sites.',
      );
    }
    checkLinuxFxVersion({ ...old.siteConfig, ...siteConfig });
  }
  return {
    identity,
    settings,
    siteConfig: merged(old.siteConfig, siteConfig),
    functionAppConfig,
    httpsOnly:
      typeof properties['httpsOnly'] === 'boolean' ? properties['httpsOnly'] : old.httpsOnly,
    keyVaultReferenceIdentity:
      textOf(properties, 'keyVaultReferenceIdentity') ?? old.keyVaultReferenceIdentity,
    // What is null is not given: a site leaves a subnet by a call of its own.
    virtualNetworkSubnetId:
      textOf(properties, 'virtualNetworkSubnetId') ?? old.virtualNetworkSubnetId,
  };
}

/** The plan that a new site is to be on. */
export function readPlan(state: WebState, body: unknown, siteName: string): PlanState {
  const id = textOf(body, 'properties', 'serverFarmId') ?? '';
  if (id === '') throw invalidParameter('ServerFarmId');
  const plan = state.plan(id.startsWith('/') ? id : `/${id}`);
  const name = id.split('/').at(-1) ?? '';
  if (!plan) throw notFound('Cannot find {0} with name {1}.', 'AppServicePlan', name);
  if (plan.operation) throw planBusy(plan.operation);
  const location = textOf(body, 'location') ?? '';
  if (regionKey(location) !== regionKey(plan.location)) throw invalidParameter('location');
  const kind = (textOf(body, 'kind') ?? '').toLowerCase().split(',');
  if (!kind.includes('functionapp')) {
    throw badRequest('The kind {0} is not supported on the plan {1}.', kind.join(','), plan.name);
  }
  if (plan.reserved !== kind.includes('linux')) throw invalidParameter('kind');
  const others = state
    .appsOn(plan.id)
    .filter((app) => app.name.toLowerCase() !== siteName.toLowerCase());
  if (plan.family === 'flex' && others.length > 0) {
    throw badRequest(
      'The Flex Consumption plan {0} already has the site {1}. A Flex Consumption plan takes one site only.',
      plan.name,
      others.map((app) => app.name).join(', '),
    );
  }
  return plan;
}

/** `siteConfig.appSettings`: a list of names and values. */
function readSettings(properties: Json): Readonly<Record<string, string>> | undefined {
  const list = listOf(properties, 'siteConfig', 'appSettings');
  return (
    list &&
    foldedSettings(list.map((entry) => [textOf(entry, 'name') ?? '', textOf(entry, 'value') ?? '']))
  );
}

/** Names are the same whatever their case: of two, the later one is kept, as it is written. */
export function foldedSettings(
  entries: readonly (readonly [string, string])[],
): Readonly<Record<string, string>> {
  const folded = new Map(entries.map((entry) => [entry[0].toLowerCase(), entry]));
  return Object.fromEntries(folded.values());
}

export function checkSettingNames(settings: Readonly<Record<string, string>>): void {
  const wrong = Object.keys(settings).filter((name) => !SETTING_NAME.test(name));
  if (wrong.length === 0) return;
  throw badRequest('AppSetting with name(s) {0} are not allowed.', `'${wrong.join("', '")}'`);
}

function checkLinuxFxVersion(siteConfig: Json): void {
  if (!LINUX_NODE.test(textOf(siteConfig, 'linuxFxVersion') ?? '')) {
    throw invalidParameter('LinuxFxVersion');
  }
}

function readIdentity(
  state: WebState,
  id: string,
  body: unknown,
  before: IdentityState,
): IdentityState {
  if (!has(body, 'identity')) return before;
  const kinds = (textOf(body, 'identity', 'type') ?? '')
    .toLowerCase()
    .split(',')
    .map((kind) => kind.trim());
  const isSystem = kinds.includes('systemassigned');
  const wished = objectOf(body, 'identity', 'userAssignedIdentities');
  const user = kinds.includes('userassigned')
    ? Object.entries(wished).flatMap(([key, value]) => (isObject(value) ? [key] : []))
    : [];
  if (kinds.includes('userassigned') !== user.length > 0) {
    throw new ArmFault(
      400,
      'InvalidIdentityValues',
      `Invalid value for the identity type '${kinds.join(', ')}': The 'UserAssigned' identity type and its 'userAssignedIdentities' belong together.`,
    );
  }
  for (const identity of user) {
    if (state.world.identity.identityOf(identity)) continue;
    throw new ArmFault(
      400,
      'FailedIdentityOperation',
      `Identity operation for resource '${id}' failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: '{"error":{"code":"BadRequest","message":"Resource '${identity}' was not found."}}'.'.`,
    );
  }
  return {
    system: isSystem
      ? (before.system ?? { principalId: randomUUID(), clientId: randomUUID() })
      : undefined,
    user,
  };
}
