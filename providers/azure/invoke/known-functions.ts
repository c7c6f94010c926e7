/** What a call needs to know of its function. */
import { parseDirectKeys } from 'polyfaas/http';
import {
  type CallContext,
  type DirectDoors,
  doorsTo,
  functionIdOf,
  type FunctionRef,
  type JsonValue,
  notDeployed,
  ServerlessError,
} from 'polyfaas/spi';
import type { AzureClients } from '../clients/index.ts';
import { DIRECT_ROUTE, SETTING } from '../manifest.ts';
import type { AzureObserved } from '../model.ts';

/** A function that is there and ours. */
export interface KnownFunction {
  readonly siteId: string;
  readonly liveVersion: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly doors: DirectDoors;
  /** Of the function app's own storage account, without a slash at its end. */
  readonly queueEndpoint: string;
}

/** Where a version is to be looked at, before anything is known of a function that is live. */
export interface SiteAddress {
  readonly ref: FunctionRef;
  /** `/subscriptions/.../sites/NAME`, or `.../slots/NAME` below it. */
  readonly siteId: string;
  readonly hostName: string;
}

/** How a look at a site came out. */
export interface Look {
  readonly isServing: boolean;
  /** Null while the host has made no keys. */
  readonly masterKey: string | null;
}

export type Observe = (ref: FunctionRef, call: CallContext) => Promise<AzureObserved>;

const API_VERSION = '2025-05-01';

/** @throws ServerlessError NOT_FOUND when there is no such function, it is a stranger's, or nothing is live. */
export async function readFunction(
  azure: AzureClients,
  observe: Observe,
  ref: FunctionRef,
  call: CallContext,
): Promise<KnownFunction> {
  const { site, siteId, isStranger, record } = await observe(ref, call);
  const { live } = record;
  if (site === null || isStranger || live === null) throw notDeployed('azure', ref);
  const { doors, settings } = await readDoors(
    azure,
    { ref, siteId, hostName: site.hostName },
    call,
  );
  return {
    siteId,
    liveVersion: live.version,
    memoryMb: live.memoryMb,
    timeoutSeconds: live.timeoutSeconds,
    doors,
    queueEndpoint: (settings['AzureWebJobsStorage__queueServiceUri'] ?? '').replace(/\/+$/, ''),
  };
}

/**
 * The keys of a function app, its own and ours, in two reads side by side.
 *
 * @throws ServerlessError UNAVAILABLE while the host has made no keys yet: it makes them when it first runs.
 */
export async function readDoors(
  azure: AzureClients,
  { ref, siteId, hostName }: SiteAddress,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<{
  readonly doors: DirectDoors;
  readonly settings: Readonly<Record<string, string>>;
  /** What the host tells of itself to; empty where there is none. */
  readonly masterKey: string;
}> {
  const read = (path: string): Promise<JsonValue | undefined> =>
    azure
      .arm({ method: 'POST', path: `${siteId}${path}`, apiVersion: API_VERSION, signal })
      .then(({ body }) => body);
  const [keys, list] = await Promise.all([
    read('/host/default/listkeys'),
    read('/config/appsettings/list'),
  ]);
  const hostKey = textsOf(fieldOf(keys, 'functionKeys'))['default'];
  const settings = textsOf(fieldOf(list, 'properties'));
  const invokeKeys = parseDirectKeys(settings[SETTING.invokeKeys] ?? '');
  if (hostKey === undefined || invokeKeys.length === 0) {
    throw new ServerlessError({
      code: 'UNAVAILABLE',
      retryable: true,
      provider: 'azure',
      function: ref.name,
      message:
        hostKey === undefined
          ? `The host of "${ref.name}" has no keys yet: it makes them when it first runs. Try again in a moment.`
          : `"${ref.name}" has no invoke key: the app setting ${SETTING.invokeKeys} is missing. Deploy it again, and one is made.`,
    });
  }
  const place = {
    url: `${azure.scheme}//${hostName}/${DIRECT_ROUTE}`,
    headers: { 'x-functions-key': hostKey },
    functionId: functionIdOf(ref),
  };
  const masterKey = textsOf(keys)['masterKey'] ?? '';
  return { doors: doorsTo(place, invokeKeys), settings, masterKey };
}

function fieldOf(value: JsonValue | undefined, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? Reflect.get(value, name)
    : undefined;
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  if (typeof value !== 'object' || value === null) return texts;
  for (const [name, text] of Object.entries(value)) {
    if (typeof text === 'string') texts[name] = text;
  }
  return texts;
}
