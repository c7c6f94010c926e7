/** Where what the record notes is to be asked for. */
import type { CallContext } from 'polyfaas/spi';
import type { AzureClients } from '../../clients/index.ts';
import { nameOfId } from '../../names.ts';
import type { MadeSource } from '../../record.ts';
import { EVENT_API } from '../api-versions.ts';
import { parentId } from '../arm-id.ts';
import type { Resource } from '../arm.ts';
import { systemTopicOf, type TopicsIn } from '../object/system-topic.ts';
import { eventSubscription } from '../own-queue/subscription.ts';

/** By the resource provider, in lower case. */
const API_OF: Readonly<Record<string, string>> = {
  'microsoft.storage': EVENT_API.storage,
  'microsoft.servicebus': EVENT_API.serviceBus,
  'microsoft.eventhub': EVENT_API.eventHubs,
  'microsoft.documentdb': EVENT_API.cosmos,
  'microsoft.eventgrid': EVENT_API.eventGrid,
};

/**
 * Undefined where what would hold it is not there. Of a role there is no such place: its note is no resource id.
 *
 * @param topicsIn for those who ask for many.
 */
export async function resourceOfMade(
  azure: AzureClients,
  { kind, id }: MadeSource,
  call: CallContext,
  topicsIn?: TopicsIn,
): Promise<Resource | undefined> {
  if (kind === 'eventSubscription') return subscriptionOf(azure, id, call, topicsIn);
  const provider = /\/providers\/([^/]+)\//i.exec(id)?.[1]?.toLowerCase() ?? '';
  const apiVersion = API_OF[provider];
  return apiVersion === undefined ? undefined : { path: id, apiVersion };
}

/** That of a storage account is in its system topic. */
async function subscriptionOf(
  azure: AzureClients,
  id: string,
  call: CallContext,
  topicsIn: TopicsIn | undefined,
): Promise<Resource | undefined> {
  const name = nameOfId(id);
  const sourceId = parentId(id, 1).replace(/\/providers\/Microsoft\.EventGrid$/i, '');
  if (!/\/Microsoft\.Storage\/storageAccounts\/[^/]+$/i.test(sourceId)) {
    return eventSubscription(sourceId, name);
  }
  const topic = await systemTopicOf(azure, sourceId, call, topicsIn);
  return topic === undefined ? undefined : eventSubscription(topic.id, name);
}
