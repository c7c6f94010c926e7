/** ARM ids of sources, and their plain names. */

/** What a source's ARM id leads to. */
export type NativeKind =
  | 'storageAccount'
  | 'storageQueue'
  | 'container'
  | 'serviceBus'
  | 'serviceBusQueue'
  | 'topic'
  | 'eventHubs'
  | 'hub'
  | 'cosmos'
  | 'cosmosDatabase'
  | 'table'
  | 'bus';

/** Types of resources, in lower case, with the names between them left out. */
const TYPES: Readonly<Record<string, NativeKind>> = {
  'microsoft.storage/storageaccounts': 'storageAccount',
  'microsoft.storage/storageaccounts/queueservices/queues': 'storageQueue',
  'microsoft.storage/storageaccounts/blobservices/containers': 'container',
  'microsoft.servicebus/namespaces': 'serviceBus',
  'microsoft.servicebus/namespaces/queues': 'serviceBusQueue',
  'microsoft.servicebus/namespaces/topics': 'topic',
  'microsoft.eventhub/namespaces': 'eventHubs',
  'microsoft.eventhub/namespaces/eventhubs': 'hub',
  'microsoft.documentdb/databaseaccounts': 'cosmos',
  'microsoft.documentdb/databaseaccounts/sqldatabases': 'cosmosDatabase',
  'microsoft.documentdb/databaseaccounts/sqldatabases/containers': 'table',
  'microsoft.eventgrid/topics': 'bus',
};

const ID = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/([^/]+)\/(.+)$/i;

/** True when it is no plain name. */
export function isNative(source: string): boolean {
  return source.startsWith('/');
}

/** The parts of an ARM id. */
export interface ArmId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** Undefined when the type is none that holds events. */
  readonly kind: NativeKind | undefined;
  /** One name for each part of the type. */
  readonly names: readonly string[];
}

export function parseArmId(id: string): ArmId | undefined {
  const match = ID.exec(id.replace(/\/+$/, ''));
  if (match === null) return undefined;
  const [, subscriptionId = '', resourceGroup = '', namespace = '', rest = ''] = match;
  const parts = rest.split('/');
  if (parts.length % 2 !== 0 || parts.includes('')) return undefined;
  const types = parts.filter((_, index) => index % 2 === 0);
  const names = parts.filter((_, index) => index % 2 === 1);
  const kind = TYPES[[namespace, ...types].join('/').toLowerCase()];
  return { subscriptionId, resourceGroup, kind, names };
}

/** A source's plain name, also when its ARM id is given. */
export function plainName(source: string): string {
  return isNative(source) ? (source.replace(/\/+$/, '').split('/').at(-1) ?? source) : source;
}

/** The id of what holds a source: the account of a queue, the database of a table. */
export function parentId(id: string, levels = 1): string {
  const parts = id.replace(/\/+$/, '').split('/');
  return parts.slice(0, parts.length - 2 * levels).join('/');
}

/** ARM ids are the same whatever their case. */
export function idKey(id: string): string {
  return id.replace(/\/+$/, '').toLowerCase();
}

export const queueIdIn = (accountId: string, queue: string): string =>
  `${accountId}/queueServices/default/queues/${queue}`;
export const containerIdIn = (accountId: string, container: string): string =>
  `${accountId}/blobServices/default/containers/${container}`;
export const databaseIdIn = (accountId: string, database: string): string =>
  `${accountId}/sqlDatabases/${database}`;
export const tableIdIn = (databaseId: string, table: string): string =>
  `${databaseId}/containers/${table}`;
export const hubIdIn = (namespaceId: string, hub: string): string =>
  `${namespaceId}/eventhubs/${hub}`;
export const busQueueIdIn = (namespaceId: string, queue: string): string =>
  `${namespaceId}/queues/${queue}`;
export const topicIdIn = (namespaceId: string, topic: string): string =>
  `${namespaceId}/topics/${topic}`;
export const eventSubscriptionIdOf = (sourceId: string, name: string): string =>
  `${sourceId}/providers/Microsoft.EventGrid/eventSubscriptions/${name}`;
