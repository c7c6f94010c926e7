/** Names of what stands between a source and the function. They follow from the function and the binding alone. */
import { shortHash } from 'polyfaas/spi';
import type { Target } from '../model.ts';
import { SETTING } from '../manifest.ts';
import { idKey, parentId, parseArmId } from './arm-id.ts';
import type { SourceService } from './source.ts';

type Named = Pick<Target, 'physicalName'>;

/** The name of the function of a binding in the package. The prefix keeps clear of the names of others. */
export function functionName(bindingId: string): string {
  return `event-${bindingId}`;
}

/**
 * The name of the subscription of a topic, of the event subscription, and of the consumer group of a binding: at most 41
 * of the 50 characters that all three may have.
 */
export function subscriptionName({ physicalName }: Named, bindingId: string): string {
  return `${physicalName}-${shortHash(bindingId)}`;
}

/** The queue of one binding, in the function app's own storage account. */
export function ownQueueName(bindingId: string): string {
  return `polyfaas-event-${shortHash(bindingId)}`;
}

/** The container of the function app's own storage account that takes events which no queue took. */
export const UNDELIVERED_CONTAINER = 'polyfaas-undelivered';

/**
 * The container of the leases of one binding, beside the table that it reads. Another table has other leases: what was
 * read of the one says nothing of the other.
 */
export function leasesName({ physicalName }: Named, bindingId: string, tableId: string): string {
  return `leases-${physicalName}-${shortHash(`${bindingId}\u0000${idKey(tableId)}`)}`;
}

/** The system topic of a storage account, where there is none and one is made: beside the account. */
export function systemTopicId(accountId: string): string {
  const name = `${parseArmId(accountId)?.names[0] ?? 'account'}-polyfaas`;
  const group = accountId.split('/').slice(0, 5).join('/');
  return `${group}/providers/Microsoft.EventGrid/systemTopics/${name}`;
}

const CONNECTION_WORDS: Readonly<Record<Exclude<SourceService, 'eventGrid'>, string>> = {
  storage: 'QUEUES',
  serviceBus: 'SERVICEBUS',
  eventHubs: 'EVENTHUBS',
  cosmos: 'COSMOS',
};

/** The settings' prefix of the connection to an account or namespace: `POLYFAAS_C_QUEUES_ABCDEFGH`. */
export function connectionName(
  service: Exclude<SourceService, 'eventGrid'>,
  hostId: string,
): string {
  const hash = shortHash(idKey(hostId)).toUpperCase();
  return `${SETTING.connection}${CONNECTION_WORDS[service]}_${hash}`;
}

/** The connection of triggers to the function app's own storage account: that of the host. */
export const OWN_CONNECTION = 'AzureWebJobsStorage';

/** The database of a table. */
export function databaseIdOf(tableId: string): string {
  return parentId(tableId);
}
