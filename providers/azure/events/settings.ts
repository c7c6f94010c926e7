/** What the options say of sources. */
import type { Target } from '../model.ts';
import { resourceId, sameId, TYPE } from '../names.ts';
import type { PlatformSettings } from '../options.ts';

/** Null where the hosts of the app and stage are used, which are made with `create: true`. */
export interface EventSettings {
  /** Where queues with plain names are. */
  readonly queues: 'storage' | 'servicebus';
  /** ARM id of the storage account of queues and containers with plain names. */
  readonly eventsStorage: string | null;
  /** ARM ids of namespaces. */
  readonly serviceBusNamespace: string | null;
  readonly eventHubsNamespace: string | null;
  /** ARM id of an account of Cosmos DB. */
  readonly cosmosAccount: string | null;
  /** The database of tables with plain names in that account. */
  readonly cosmosDatabase: string;
  /** ARM ids of Event Grid topics by the name of the bus. */
  readonly eventGridTopics: Readonly<Record<string, string>>;
}

/** The options that sources follow from. */
export type EventOptions = Pick<
  PlatformSettings,
  | 'queues'
  | 'storageAccountForEvents'
  | 'serviceBusNamespace'
  | 'eventHubsNamespace'
  | 'cosmosAccount'
  | 'cosmosDatabase'
  | 'eventGridTopics'
>;

/** Names become ids: what is only named is in the function's own group. */
export function eventSettings(
  options: EventOptions,
  { subscriptionId, resourceGroup }: Pick<Target, 'subscriptionId' | 'resourceGroup'>,
): EventSettings {
  const idOf = (type: string, given: string): string =>
    resourceId(subscriptionId, resourceGroup, type, given);
  const maybe = (type: string, given: string | null): string | null =>
    given === null ? null : idOf(type, given);
  return {
    queues: options.queues,
    eventsStorage: maybe(TYPE.storage, options.storageAccountForEvents),
    serviceBusNamespace: maybe('Microsoft.ServiceBus/namespaces', options.serviceBusNamespace),
    eventHubsNamespace: maybe('Microsoft.EventHub/namespaces', options.eventHubsNamespace),
    cosmosAccount: maybe('Microsoft.DocumentDB/databaseAccounts', options.cosmosAccount),
    cosmosDatabase: options.cosmosDatabase,
    eventGridTopics: Object.fromEntries(
      Object.entries(options.eventGridTopics).map(([bus, given]) => [
        bus,
        idOf('Microsoft.EventGrid/topics', given),
      ]),
    ),
  };
}

/** Roles of an identity that was made for the function are given to it; those of the user's own are the user's to give. */
export function assignsRoles({
  subscriptionId,
  resourceGroup,
  physicalName,
  identityId,
}: Pick<Target, 'subscriptionId' | 'resourceGroup' | 'physicalName' | 'identityId'>): boolean {
  const own = resourceId(subscriptionId, resourceGroup, TYPE.identity, physicalName);
  return sameId(identityId, own);
}
