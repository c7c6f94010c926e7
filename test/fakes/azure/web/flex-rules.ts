/** What Flex Consumption takes, and what it refuses. */
import { has, isObject, listOf, numberOf, objectOf, textOf, type Json } from './body.ts';
import { badRequest } from './faults.ts';
import { locateBlob } from './storage-access.ts';
import type { IdentityState, WebState } from './state.ts';

const FORBIDDEN_SETTINGS = [
  'ENABLE_ORYX_BUILD',
  'FUNCTIONS_EXTENSION_VERSION',
  'FUNCTIONS_WORKER_RUNTIME',
  'FUNCTIONS_WORKER_RUNTIME_VERSION',
  'FUNCTIONS_MAX_HTTP_CONCURRENCY',
  'FUNCTIONS_WORKER_PROCESS_COUNT',
  'FUNCTIONS_WORKER_DYNAMIC_CONCURRENCY_ENABLED',
  'SCM_DO_BUILD_DURING_DEPLOYMENT',
  'TZ',
  'WEBSITE_CONTENTAZUREFILECONNECTIONSTRING',
  'WEBSITE_CONTENTOVERVNET',
  'WEBSITE_CONTENTSHARE',
  'WEBSITE_NODE_DEFAULT_VERSION',
  'WEBSITE_RUN_FROM_PACKAGE',
  'WEBSITE_SKIP_CONTENTSHARE_VALIDATION',
  'WEBSITE_TIME_ZONE',
];
const FORBIDDEN_CONFIG = [
  'ftpsState',
  'javaVersion',
  'linuxFxVersion',
  'nodeVersion',
  'phpVersion',
  'powerShellVersion',
  'preWarmedInstanceCount',
  'pythonVersion',
  'windowsFxVersion',
];
const MEMORY_MB = [512, 2048, 4096];
const NODE_VERSIONS = ['20', '22', '24'];
const MAX_INSTANCES = 1000;
const GROUPS = ['http', 'blob', 'durable'];

export function refuseFlexSettings(settings: Readonly<Record<string, string>>): void {
  refuse(
    'app setting',
    Object.keys(settings)
      .filter((name) => FORBIDDEN_SETTINGS.includes(name.toUpperCase()))
      .map((name) => `Site.SiteConfig.AppSettings.${name}`),
  );
}

export function refuseFlexSiteConfig(siteConfig: Json): void {
  refuse(
    'site configuration property',
    FORBIDDEN_CONFIG.filter((name) => {
      const value = siteConfig[name];
      return value !== undefined && value !== null && value !== '' && value !== 0;
    }).map((name) => `Site.SiteConfig.${name.slice(0, 1).toUpperCase()}${name.slice(1)}`),
  );
}

function refuse(what: string, names: readonly string[]): void {
  if (names.length === 0) return;
  if (names.length === 1) {
    throw badRequest(
      `The following ${what} ({0}) for Flex Consumption sites is invalid.  Please remove or rename it before retrying.`,
      names.join(''),
    );
  }
  const plural = what.replace(/y$/, 'ie');
  throw badRequest(
    `The following list of {0} ${plural}s ({1}) for Flex Consumption sites is invalid.  Please remove or rename them before retrying.`,
    String(names.length),
    names.join(', '),
  );
}

/** Throws unless the configuration is whole and right. */
export function checkFunctionAppConfig(
  state: WebState,
  config: Json | undefined,
  site: {
    readonly identity: IdentityState;
    readonly settings: Readonly<Record<string, string>>;
  },
): void {
  if (config === undefined) {
    throw badRequest(
      'Site.FunctionAppConfig is invalid.  The FunctionAppConfig section was not specified, which is required for Flex Consumption sites.  To proceed, please add the FunctionAppConfig section in your request.',
    );
  }
  checkRuntime(config);
  checkScale(objectOf(config, 'scaleAndConcurrency'));
  checkStorage(state, objectOf(config, 'deployment', 'storage'), site);
  const strategy = textOf(config, 'siteUpdateStrategy', 'type') ?? 'Recreate';
  if (!['Recreate', 'RollingUpdate'].includes(strategy)) {
    throw invalid('SiteUpdateStrategy.Type', `The value '${strategy}' is not supported.`);
  }
}

function checkRuntime(config: Json): void {
  const name = textOf(config, 'runtime', 'name') ?? '';
  const version = textOf(config, 'runtime', 'version') ?? '';
  if (name === 'node' && NODE_VERSIONS.includes(version)) return;
  throw invalid(
    'Runtime',
    `The runtime version '${version}' for runtime name '${name}' is not supported.`,
  );
}

function checkScale(scale: Json): void {
  const memory = numberOf(scale, 'instanceMemoryMB');
  if (memory === undefined || !MEMORY_MB.includes(memory)) {
    throw invalid(
      'ScaleAndConcurrency.InstanceMemoryMB',
      `The value '${String(scale['instanceMemoryMB'])}' is not supported. Supported values: ${MEMORY_MB.join(', ')}.`,
    );
  }
  const most = has(scale, 'maximumInstanceCount')
    ? whole(scale, 'maximumInstanceCount', 'MaximumInstanceCount', 1, MAX_INSTANCES)
    : 100;
  if (has(scale, 'triggers', 'http', 'perInstanceConcurrency')) {
    const http = objectOf(scale, 'triggers', 'http');
    whole(http, 'perInstanceConcurrency', 'Triggers.Http.PerInstanceConcurrency', 1, 1000);
  }
  const seen = new Set<string>();
  for (const entry of listOf(scale, 'alwaysReady') ?? []) {
    const name = textOf(entry, 'name') ?? '';
    if (!GROUPS.includes(name) && !/^function:[a-z][\w-]{0,127}$/i.test(name)) {
      throw invalid(
        'ScaleAndConcurrency.AlwaysReady',
        `The name '${name}' is not valid. Valid names are 'http', 'blob', 'durable' and 'function:<FUNCTION_NAME>'.`,
      );
    }
    if (seen.has(name.toLowerCase())) {
      throw invalid('ScaleAndConcurrency.AlwaysReady', `The name '${name}' is not unique.`);
    }
    seen.add(name.toLowerCase());
    whole(objectOf(entry), 'instanceCount', 'AlwaysReady.InstanceCount', 0, most);
  }
}

function whole(scale: Json, member: string, name: string, min: number, max: number): number {
  const value = scale[member];
  const isRight =
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
  if (isRight) return value;
  throw invalid(
    `ScaleAndConcurrency.${name}`,
    `The value '${String(value)}' is not valid. It must be between ${min} and ${max}.`,
  );
}

function checkStorage(
  state: WebState,
  storage: Json,
  site: {
    readonly identity: IdentityState;
    readonly settings: Readonly<Record<string, string>>;
  },
): void {
  if (!isObject(storage) || textOf(storage, 'type')?.toLowerCase() !== 'blobcontainer') {
    throw invalid('Deployment.Storage.Type', 'The value must be blobContainer.');
  }
  const value = textOf(storage, 'value') ?? '';
  const place = locateBlob(state.world, value);
  if (!place || !state.world.blobs.containerExists(place.account, place.container)) {
    throw invalid(
      'Deployment.Storage.Value',
      `The blob container '${value}' was not found. Make sure that the storage account and the container exist.`,
    );
  }
  const kind = textOf(storage, 'authentication', 'type') ?? '';
  if (kind === 'SystemAssignedIdentity') {
    if (site.identity.system) return;
    throw authentication('The site has no system-assigned identity.');
  }
  if (kind === 'UserAssignedIdentity') {
    const id = textOf(storage, 'authentication', 'userAssignedIdentityResourceId') ?? '';
    if (site.identity.user.some((own) => own.toLowerCase() === id.toLowerCase())) return;
    throw authentication(`The identity '${id}' is not assigned to the site.`);
  }
  if (kind === 'StorageAccountConnectionString') {
    const name = textOf(storage, 'authentication', 'storageAccountConnectionStringName') ?? '';
    if (site.settings[name] !== undefined) return;
    throw authentication(`The app setting '${name}' does not exist.`);
  }
  throw authentication(`The type '${kind}' is not supported.`);
}

function authentication(problem: string): Error {
  return invalid('Deployment.Storage.Authentication', problem);
}

function invalid(name: string, problem: string): Error {
  return badRequest('Site.FunctionAppConfig.{0} is invalid.  {1}', name, problem);
}
