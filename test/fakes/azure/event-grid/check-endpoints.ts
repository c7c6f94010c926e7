/** Looks at what a subscription is to deliver to. Throws the fault that fails the operation. */
import type { World } from '../core/ports.ts';
import { sameId } from '../core/resource-id.ts';
import { ArmFault } from '../core/service.ts';
import type { FunctionDestination } from './destinations.ts';
import { endpointNotFound } from './faults.ts';
import type { SubscriptionSettings } from './settings.ts';
import { shakeHands } from './webhook.ts';

export async function checkEndpoints(
  world: World,
  subscription: { readonly name: string; readonly topicId: string },
  { destination, deadLetter, schema }: SubscriptionSettings,
): Promise<void> {
  const { clock, queues, blobs } = world;
  const isThere = ({ resourceId, account }: { resourceId: string; account: string }): boolean =>
    sameId(world.storage.idOf(account) ?? '', resourceId);
  if (deadLetter) {
    const { account, container, resourceId } = deadLetter;
    if (!isThere(deadLetter) || !blobs.containerExists(account, container)) {
      const detail = `resourceId: ${resourceId}, blobContainerName: ${container}`;
      throw endpointNotFound(clock, 'Deadletter destination', detail);
    }
  }
  if (destination.kind === 'StorageQueue') {
    const { account, queue, resourceId } = destination;
    if (isThere(destination) && queues.exists(account, queue)) return;
    const detail = `resourceId: ${resourceId}, queueName: ${queue}`;
    throw endpointNotFound(clock, 'Destination', detail);
  }
  if (destination.kind === 'AzureFunction') await checkFunction(world, destination);
  else await shakeHands(world, destination.url, { ...subscription, schema });
}

async function checkFunction(
  world: World,
  { resourceId, siteId, functionName }: FunctionDestination,
): Promise<void> {
  const known = world.web.siteIds().find((id) => sameId(id, siteId));
  const host = known === undefined ? undefined : world.web.hostOf(known);
  const found = (await host?.functions())?.find(({ name }) => sameId(name, functionName));
  if (!found) throw endpointNotFound(world.clock, 'Destination', `resourceId: ${resourceId}`);
  const isTriggered = Object.values(found.bindings).some(({ type }) =>
    sameId(String(type), 'eventGridTrigger'),
  );
  if (isTriggered) return;
  throw new ArmFault(
    400,
    'Unsupported Azure Function Trigger',
    "Can't add resource; Azure Event Grid supports EventGrid Trigger type only.",
  );
}
