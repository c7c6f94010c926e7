/** Names of app settings that are the adapter's or the platform's own. */
import { packageSetting, SETTING } from './manifest.ts';

/** What of the Functions host is set by the adapter: where it keeps its state, and where it finds the package. */
export const HOST = {
  storage: 'AzureWebJobsStorage',
  disableHomepage: 'AzureWebJobsDisableHomepage',
  insights: 'APPLICATIONINSIGHTS_CONNECTION_STRING',
  insightsAuth: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  extensionVersion: 'FUNCTIONS_EXTENSION_VERSION',
  workerRuntime: 'FUNCTIONS_WORKER_RUNTIME',
  package: 'WEBSITE_RUN_FROM_PACKAGE',
  packageIdentity: 'WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID',
  /** Before the names of host.json that events override. */
  hostJson: 'AzureFunctionsJobHost__',
} as const;

const OWN = new Set(
  [
    HOST.storage,
    HOST.disableHomepage,
    HOST.insights,
    HOST.insightsAuth,
    HOST.extensionVersion,
    HOST.workerRuntime,
    HOST.package,
    HOST.packageIdentity,
  ].map((name) => name.toUpperCase()),
);

/** True for what users may not set by themselves. Names of settings are the same whatever their case. */
export function isOwnSetting(name: string): boolean {
  const upper = name.toUpperCase();
  return (
    upper.startsWith('POLYFAAS_') ||
    upper.startsWith(`${HOST.storage.toUpperCase()}__`) ||
    upper.startsWith(HOST.hostJson.toUpperCase()) ||
    OWN.has(upper)
  );
}

/**
 * "Flex Consumption plan deprecations" and "Considerations" of the app settings reference. What of them is ours is no
 * matter of users anyway.
 */
const REFUSED_ON_FLEX: ReadonlySet<string> = new Set([
  'ENABLE_ORYX_BUILD',
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
  'WEBSITE_SKIP_CONTENTSHARE_VALIDATION',
  'WEBSITE_TIME_ZONE',
]);

/** True for what Flex Consumption takes on no function app. */
export function isRefusedOnFlex(name: string): boolean {
  return REFUSED_ON_FLEX.has(name.toUpperCase());
}

/** True for settings that follow from the bindings, and are read by all packages: those that are not wished for go. */
export function isBindingSetting(name: string): boolean {
  return name.startsWith(SETTING.connection) || name.startsWith(`${HOST.hostJson}extensions__`);
}

/** What each package has for itself. */
function isOfPackage(name: string): boolean {
  return (
    name === SETTING.bindings ||
    name === SETTING.async ||
    name === SETTING.alwaysReady ||
    name.startsWith(SETTING.binding)
  );
}

/** Settings under the names that a package finds them by. Null: nothing is published that could. */
export function settingsFor<Value>(
  key: string | null,
  settings: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => {
      if (!isOfPackage(name)) return [[name, value] as const];
      return key === null ? [] : [[packageSetting(key, name), value] as const];
    }),
  );
}

/** The key of the package that reads a setting; undefined for other settings. */
export function packageOfSetting(name: string): string | undefined {
  return /^POLYFAAS_P([0-9a-f]{10})_/.exec(name)?.[1];
}

/** The version that a setting holds a variable of; undefined for other settings. */
export function versionOfSetting(name: string): string | undefined {
  return /^POLYFAAS_V([0-9a-f]{10})_/.exec(name)?.[1];
}
