/** Reads the addresses of sources, and puts out the settings that hold them. Changes nothing. */
import type { CallContext, JsonObject } from 'polyfaas/spi';
import { numberAt, objectAt, textAt } from '../arm/json.ts';
import type { AzureClients } from '../clients/index.ts';
import { SETTING, type BindingPolicy, type SendTarget } from '../manifest.ts';
import type { Executor } from '../model.ts';
import { nameOfId } from '../names.ts';
import { CONNECTION_ADDRESS, type AddressWish } from './addresses.ts';
import { EVENT_API } from './api-versions.ts';
import { idKey } from './arm-id.ts';
import { read, refusal } from './arm.ts';
import type { Connection, TargetDraft } from './context.ts';
import { STREAM_START } from './host-settings.ts';
import { done, inputOf, type Where } from './steps.ts';

type Service = Connection['service'];

/** Answers one entry for each setting. */
export const readAddresses: Executor = async (azure, step, call) => {
  const { target, wish } = inputOf<{ wish: AddressWish }>(step);
  const book = new AddressBook(azure, target, call);
  const settings: Record<string, string> = {};
  for (const { name, service, hostId } of wish.connections) {
    const address = await book.of(service, hostId);
    settings[`${name}__${CONNECTION_ADDRESS[service]}`] =
      service === 'serviceBus' || service === 'eventHubs' ? hostOf(address, hostId) : address;
  }
  const policies: BindingPolicy[] = [];
  for (const draft of wish.policies) {
    policies.push({
      binding: draft.binding,
      source: draft.source,
      deadLetter: await targetOf(book, draft.deadLetter),
      again: await targetOf(book, draft.again),
    });
  }
  settings[SETTING.bindings] = JSON.stringify(policies);
  if (wish.since.length > 0) settings[STREAM_START.time] = await startOf(azure, wish.since, call);
  for (const { setting, id } of wish.tables) settings[setting] = await madeAt(azure, id, call);
  return done(settings);
};

async function targetOf(book: AddressBook, draft: TargetDraft | null): Promise<SendTarget | null> {
  if (draft === null) return null;
  const service = draft.service === 'serviceBus' ? 'serviceBus' : 'storage';
  const address = await book.of(service, draft.hostId);
  return { service: draft.service, url: `${address.replace(/\/+$/, '')}/${draft.name}` };
}

/** Each account and namespace is asked once. */
class AddressBook {
  readonly #azure: AzureClients;
  readonly #target: Where;
  readonly #call: CallContext;
  readonly #known = new Map<string, string>();

  constructor(azure: AzureClients, target: Where, call: CallContext) {
    this.#azure = azure;
    this.#target = target;
    this.#call = call;
  }

  /** A URL. */
  async of(service: Service, hostId: string): Promise<string> {
    const key = idKey(hostId);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const resource = { path: hostId, apiVersion: EVENT_API[service] };
    const body = await read(this.#azure, resource, this.#call);
    const address = body === undefined ? '' : ADDRESS[service](objectAt(body, 'properties'));
    if (address === '') {
      throw refusal(
        this.#target,
        'NOT_FOUND',
        `${hostId} is not there, or has no address yet. Make it, or correct the option or the resource id that names it.`,
      );
    }
    this.#known.set(key, address);
    return address;
  }
}

const ADDRESS: Readonly<Record<Service, (properties: JsonObject) => string>> = {
  storage: (properties) => textAt(properties, 'primaryEndpoints', 'queue') ?? '',
  // Both are told with the port of https, which goes without saying.
  serviceBus: (properties) => withoutPort(textAt(properties, 'serviceBusEndpoint') ?? ''),
  eventHubs: (properties) => withoutPort(textAt(properties, 'serviceBusEndpoint') ?? ''),
  cosmos: (properties) => textAt(properties, 'documentEndpoint') ?? '',
};

function withoutPort(url: string): string {
  return url.replace(/^(https:\/\/[^/:]+):443(?=\/|$)/, '$1');
}

/** `x.servicebus.windows.net`. An address of this machine tells no name, so that of the public cloud stands for it. */
function hostOf(url: string, namespaceId: string): string {
  const name = nameOfId(namespaceId);
  const { hostname } = new URL(url);
  return hostname.toLowerCase().startsWith(`${name.toLowerCase()}.`)
    ? hostname
    : `${name}.servicebus.windows.net`;
}

/**
 * What no partition was read of begins when the newest of the consumer groups was made: an earlier moment would bring
 * events to it that are older than its binding.
 */
async function startOf(
  azure: AzureClients,
  groups: readonly string[],
  call: CallContext,
): Promise<string> {
  let latest = 0;
  for (const path of groups) {
    const body = await read(azure, { path, apiVersion: EVENT_API.eventHubs }, call);
    const createdAt = Date.parse(textAt(body, 'properties', 'createdAt') ?? '');
    latest = Math.max(latest, Number.isNaN(createdAt) ? 0 : createdAt);
  }
  return new Date(latest === 0 ? call.clock.now() : latest).toISOString();
}

/**
 * When a container of Cosmos DB was made, to the second (`_ts`; nothing changes a container of leases afterwards). Whole
 * seconds, as the feed counts.
 */
async function madeAt(azure: AzureClients, path: string, call: CallContext): Promise<string> {
  const body = await read(azure, { path, apiVersion: EVENT_API.cosmos }, call);
  const seconds = numberAt(body, 'properties', 'resource', '_ts');
  const date = new Date(seconds === undefined ? call.clock.now() : seconds * 1000);
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
