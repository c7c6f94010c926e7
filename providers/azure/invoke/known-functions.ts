/** What a call needs to know of its function. */
import { parseDirectKeys } from 'polyfaas/http';
import {
  type CallContext,
  type DirectDoors,
  doorsTo,
  functionIdOf,
  type FunctionRef,
  notDeployed,
  ServerlessError,
} from 'polyfaas/spi';
import { readSettings } from '../arm/calls.ts';
import { textAt } from '../arm/json.ts';
import type { AzureClients } from '../clients/index.ts';
import { DIRECT_ROUTE, SETTING } from '../manifest.ts';
import type { AzureObserved } from '../model.ts';
import { API } from '../names.ts';
import { HOST } from '../setting-names.ts';

/** A function that is there and ours. */
export interface KnownFunction {
  readonly siteId: string;
  /** Somebody stopped the function app: nothing answers, and `doors` are none. */
  readonly isStopped: boolean;
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
  const address = { ref, siteId, hostName: site.hostName };
  const { isStopped } = site;
  // Of its queue, the settings alone tell.
  const { doors, settings } = isStopped
    ? { doors: [], settings: await readSettings(azure, siteId, call.signal) }
    : await readDoors(azure, address, call);
  return {
    siteId,
    isStopped,
    liveVersion: live.version,
    memoryMb: live.memoryMb,
    timeoutSeconds: live.timeoutSeconds,
    doors,
    queueEndpoint: (settings[`${HOST.storage}__queueServiceUri`] ?? '').replace(/\/+$/, ''),
  };
}

/** What a call goes through. @throws ServerlessError UNAVAILABLE; see {@link Keys.open}. */
export async function readDoors(
  azure: AzureClients,
  address: SiteAddress,
  call: Pick<CallContext, 'signal'>,
): Promise<ReturnType<Keys['open']>> {
  const { open } = await readKeys(azure, address, call);
  return open();
}

/** What a look at the keys of a function app came to. */
interface Keys {
  /** What the host tells of itself to; null where there is none. */
  readonly masterKey: string | null;
  /**
   * @throws ServerlessError UNAVAILABLE while the host has made no keys yet, which passes, and when the app setting that
   * holds ours is gone, which does not; or why the settings cannot be read.
   */
  readonly open: () => { readonly doors: DirectDoors; readonly settings: Settings };
}

type Settings = Readonly<Record<string, string>>;

/** The keys of a function app, its own and ours, in two reads side by side. */
export async function readKeys(
  azure: AzureClients,
  { ref, siteId, hostName }: SiteAddress,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<Keys> {
  const path = `${siteId}/host/default/listkeys`;
  const [keys, list] = await Promise.allSettled([
    azure.arm({ method: 'POST', path, apiVersion: API.web, signal }),
    readSettings(azure, siteId, signal),
  ]);
  if (keys.status === 'rejected') throw keys.reason;
  const { body } = keys.value;
  const hostKey = textAt(body, 'functionKeys', 'default');
  return {
    masterKey: textAt(body, 'masterKey') ?? null,
    open() {
      if (list.status === 'rejected') throw list.reason;
      const settings = list.value;
      if (hostKey === undefined) throw unavailable(ref, true, NO_HOST_KEY);
      const invokeKeys = parseDirectKeys(settings[SETTING.invokeKeys] ?? '');
      if (invokeKeys.length === 0) throw unavailable(ref, false, NO_INVOKE_KEY);
      const place = {
        url: `${azure.scheme}//${hostName}/${DIRECT_ROUTE}`,
        headers: { 'x-functions-key': hostKey },
        functionId: functionIdOf(ref),
      };
      return { doors: doorsTo(place, invokeKeys), settings };
    },
  };
}

const NO_HOST_KEY =
  'its host has no keys yet: it makes them when it first runs. Try again in a moment.';
const NO_INVOKE_KEY = `it has no invoke key: the app setting ${SETTING.invokeKeys} is missing. Deploy it with drift: 'full', which makes one.`;

function unavailable(
  { name }: Pick<FunctionRef, 'name'>,
  retryable: boolean,
  why: string,
): ServerlessError {
  return new ServerlessError({
    code: 'UNAVAILABLE',
    retryable,
    provider: 'azure',
    function: name,
    message: `"${name}" cannot be called: ${why}`,
    details: { didNotRun: true, ...(retryable ? {} : { setting: SETTING.invokeKeys }) },
  });
}

/** True when what fails is that the app setting with our keys is gone. */
export function lacksInvokeKey(error: unknown): boolean {
  return ServerlessError.isInstance(error) && error.details?.['setting'] === SETTING.invokeKeys;
}
