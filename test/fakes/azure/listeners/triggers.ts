/** What a site's functions are triggered by. */
import type { AppHost, RegisteredFunction, World } from '../core/ports.ts';
import { hostTrace } from './host-trace.ts';
import { readRetry, type RetryPolicy } from './retry.ts';
import { HostSettings, resolveNames, UnresolvedSetting } from './settings.ts';

/** A trigger of a function that is not disabled. */
export interface Trigger {
  readonly functionName: string;
  /** `queueTrigger`, `timerTrigger`, `serviceBusTrigger`, `eventHubTrigger`, `cosmosDBTrigger`, ... */
  readonly type: string;
  /** The members of the binding as they were registered, `%SETTING%` resolved. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Undefined: failures are not repeated by the host. */
  readonly retry: RetryPolicy | undefined;
}

/**
 * The triggers that a host serves, which may be the site's present one no more. Starts the host if need be. Empty when it
 * does not start. A function whose binding names a setting that is not there is left out, and the log says so.
 */
export async function readTriggers(
  world: World,
  siteId: string,
  host: AppHost,
): Promise<readonly Trigger[]> {
  const functions = await registeredBy(host);
  if (functions.length === 0 || !world.web.siteIds().includes(siteId)) return [];
  const settings = new HostSettings(world.web.settingsOf(siteId));
  return functions
    .filter(({ name }) => !settings.isOn(`AzureWebJobs.${name}.Disabled`))
    .flatMap((registered) => {
      try {
        return triggersOfFunction(registered, settings);
      } catch (error) {
        if (!(error instanceof UnresolvedSetting)) throw error;
        const told = `The '${registered.name}' function is in error: Microsoft.Azure.WebJobs.Host: Error indexing method 'Functions.${registered.name}'. Microsoft.Azure.WebJobs.Host: ${error.message}`;
        hostTrace(world, siteId, { message: told, severity: 3, functionName: registered.name });
        return [];
      }
    });
}

async function registeredBy(host: AppHost): Promise<readonly RegisteredFunction[]> {
  try {
    return await host.functions();
  } catch {
    // Its state and its errors are told by `status`; there is nothing to deliver to.
    return [];
  }
}

function triggersOfFunction(registered: RegisteredFunction, settings: HostSettings): Trigger[] {
  const binding = Object.values(registered.bindings).find((each) =>
    /trigger$/i.test(String(each['type'])),
  );
  if (!binding) return [];
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(binding)) {
    // A connection is a name of settings already.
    options[name] = name === 'connection' ? value : resolveNames(value, settings);
  }
  const retry = readRetry(registered.retryOptions);
  return [{ functionName: registered.name, type: String(binding['type']), options, retry }];
}
