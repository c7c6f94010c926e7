/**
 * The hosts that the functions of one app and stage share: where sources with plain names are, unless the options name
 * others. They are made with `create: true`, tagged with app, stage and `polyfaas-shared`, and go with the last function.
 */
import { shortHash, type Step } from 'polyfaas/spi';
import type { Target } from '../model.ts';
import { isOfScope, resourceId, scopeTags } from '../names.ts';
import { eventStep } from './steps.ts';

export type SharedService = 'storage' | 'serviceBus' | 'eventHubs' | 'cosmos';

/** One host: what it is called, and where it is. */
export interface SharedHost {
  readonly service: SharedService;
  readonly name: string;
  /** Its ARM id. */
  readonly id: string;
}

export type SharedHosts = Readonly<Record<SharedService, SharedHost>>;

/** Where the hosts of an app and stage are. */
export type SharedPlace = Pick<Target, 'subscriptionId' | 'resourceGroup' | 'ref'>;

/** The tag that hosts carry instead of a function's. Its value is `true`. */
export const SHARED_TAG = 'polyfaas-shared';

/** The database in the shared account of Cosmos DB. */
export const SHARED_DATABASE = 'polyfaas';

const TYPES: Readonly<Record<SharedService, string>> = {
  storage: 'Microsoft.Storage/storageAccounts',
  serviceBus: 'Microsoft.ServiceBus/namespaces',
  eventHubs: 'Microsoft.EventHub/namespaces',
  cosmos: 'Microsoft.DocumentDB/databaseAccounts',
};

/** Lengths of names: storage account 24, namespaces 50, Cosmos DB 44 ("Naming rules for Azure resources"). */
const ACCOUNT_LENGTH = 24;
const HOST_LENGTH = 44;
/** Event Grid topics: 3 to 50 letters, digits and dashes. */
const TOPIC_LENGTH = 50;
const HASH_LENGTH = 8;

/** The four hosts by their service. Names are unique in the world, so they hold a hash of where they are. */
export function sharedHosts(place: SharedPlace): SharedHosts {
  const host = (service: SharedService): SharedHost => {
    const hash = hashOf(place, service);
    const name =
      service === 'storage'
        ? `${slug(place, '').slice(0, ACCOUNT_LENGTH - HASH_LENGTH)}${hash}`
        : `${slug(place, '-').slice(0, HOST_LENGTH - HASH_LENGTH - 1)}-${hash}`.replace('--', '-');
    return { service, name, id: idIn(place, TYPES[service], name) };
  };
  return {
    storage: host('storage'),
    serviceBus: host('serviceBus'),
    eventHubs: host('eventHubs'),
    cosmos: host('cosmos'),
  };
}

/** The Event Grid topic that is a bus of the app and stage. */
export function sharedBus(place: SharedPlace, bus: string): { name: string; id: string } {
  const readable = bus
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  const room = TOPIC_LENGTH - HASH_LENGTH - 1;
  const name = `${`bus-${readable}`.slice(0, room)}-${hashOf(place, `bus\u0000${bus}`)}`;
  return { name, id: idIn(place, 'Microsoft.EventGrid/topics', name) };
}

/** What every host carries. */
export function sharedTags({ ref }: Pick<Target, 'ref'>): Record<string, string> {
  return { ...scopeTags(ref), [SHARED_TAG]: 'true' };
}

export function isShared(
  { ref }: Pick<Target, 'ref'>,
  tags: Readonly<Record<string, string | undefined>>,
): boolean {
  return isOfScope(ref, tags) && tags[SHARED_TAG] === 'true';
}

/**
 * The step that deletes the hosts, and the buses, of an app and stage when no function of it is left; it looks for
 * functions when it is done. It belongs after the deletion of the function app and before that of the resource group.
 */
export function planRemoveShared(target: Target): Step {
  return eventStep(target, {
    id: 'shared-remove',
    kind: 'remove-shared',
    title: 'Delete what the functions of the app shared, unless others are left',
    phase: 'retire',
    input: { hosts: Object.values(sharedHosts(target)) },
    locks: [`shared:${target.resourceGroup}`],
    // Accounts of Cosmos DB take their time.
    deadlineSeconds: 3600,
  });
}

function idIn({ subscriptionId, resourceGroup }: SharedPlace, type: string, name: string): string {
  return resourceId(subscriptionId, resourceGroup, type, name);
}

function hashOf({ subscriptionId, resourceGroup, ref }: SharedPlace, what: string): string {
  // Names of subscriptions and groups are the same whatever their case; those of apps, stages and buses are not.
  const parts = [subscriptionId.toLowerCase(), resourceGroup.toLowerCase()];
  return shortHash([...parts, ref.app, ref.stage, what].join('\u0000'));
}

/** Begins with a letter, as namespaces must. */
function slug({ ref }: SharedPlace, separator: string): string {
  const plain = `${ref.app}-${ref.stage}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, separator)
    .replaceAll(/^-|-$/g, '');
  return /^[a-z]/.test(plain) ? plain : `f${plain}`;
}
