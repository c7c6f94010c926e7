/** Containers and queues in Resource Manager. */
import { mapOf, textOf } from '../../core/json.ts';
import type { ArmCall, WireReply, World } from '../../core/ports.ts';
import { ArmFault } from '../../core/service.ts';
import type { Account, Accounts } from '../accounts.ts';
import { newContainer, newEtag, type Container } from '../blob/container.ts';
import { StorageFault } from '../fault.ts';
import { isChildName, isContainerName } from '../names.ts';
import type { Queue } from '../queue/queue.ts';
import { textsOf } from './texts.ts';

export function onContainer(
  world: World,
  account: Account,
  name: string,
  call: ArmCall,
): WireReply | undefined {
  const container = account.containers.get(name);
  const { method } = call;
  if (method === 'DELETE') {
    if (!container) return { status: 204 };
    account.containers.delete(name);
    account.block('c', name, world.clock.now());
    return { status: 200 };
  }
  if (method === 'PUT' || method === 'PATCH') {
    if (!container && method === 'PATCH') throw notFound('container');
    const made = container ?? makeContainer(world, account, name);
    changeContainer(world, account, made, call);
    account.containers.set(name, made);
    return { status: container ? 200 : 201, body: containerBody(account, made) };
  }
  if (method !== 'GET') return undefined;
  if (!container) throw notFound('container');
  return { status: 200, body: containerBody(account, container) };
}

export function listContainers(account: Account): WireReply {
  const value = [...account.containers.values()].map((each) => containerBody(account, each));
  return { status: 200, body: { value } };
}

export function onQueue(
  accounts: Accounts,
  world: World,
  account: Account,
  name: string,
  call: ArmCall,
): WireReply | undefined {
  const queue = account.queues.get(name);
  const { method } = call;
  if (method === 'DELETE') {
    if (!queue) throw notFound('queue');
    accounts.removeQueue(account, name);
    return { status: 204 };
  }
  if (method === 'PUT' || method === 'PATCH') {
    if (!queue && method === 'PATCH') throw notFound('queue');
    const made = queue ?? makeQueue(accounts, world, account, name);
    const properties = mapOf(mapOf(call.body)['properties']);
    if (properties['metadata'] !== undefined) made.metadata = textsOf(properties['metadata']);
    return { status: 200, body: queueBody(account, name, made) };
  }
  if (method !== 'GET') return undefined;
  if (!queue) throw notFound('queue');
  return { status: 200, body: queueBody(account, name, queue) };
}

export function listQueues(account: Account, query: URLSearchParams): WireReply {
  const filter = query.get('$filter') ?? '';
  const value = [...account.queues]
    .filter(([name]) => name.startsWith(filter))
    .map(([name, queue]) => queueBody(account, name, queue));
  return { status: 200, body: { value } };
}

function makeContainer(world: World, account: Account, name: string): Container {
  if (!isContainerName(name)) throw invalidName(name);
  checkFree(account, 'c', name, world.clock.now());
  return newContainer(name, world.clock.now());
}

function changeContainer(
  world: World,
  account: Account,
  container: Container,
  call: ArmCall,
): void {
  const properties = mapOf(mapOf(call.body)['properties']);
  const access = textOf(properties['publicAccess']);
  if (access !== '' && access !== 'None') {
    if (!account.allowsPublicAccess) {
      throw new ArmFault(
        409,
        'PublicAccessNotPermitted',
        'Public access is not permitted on this storage account.',
      );
    }
    container.publicAccess = access === 'Blob' ? 'Blob' : 'Container';
  } else if (access === 'None') container.publicAccess = 'None';
  if (properties['metadata'] !== undefined) container.metadata = textsOf(properties['metadata']);
  container.etag = newEtag();
  container.modifiedAt = world.clock.now();
}

function makeQueue(accounts: Accounts, world: World, account: Account, name: string): Queue {
  if (!isChildName(name)) throw invalidName(name);
  checkFree(account, 'q', name, world.clock.now());
  return accounts.addQueue(account, name);
}

function checkFree(account: Account, kind: 'c' | 'q', name: string, now: number): void {
  try {
    account.checkFree(kind, name, now);
  } catch (error) {
    if (!(error instanceof StorageFault)) throw error;
    throw new ArmFault(error.status, error.code, error.message);
  }
}

function containerBody(account: Account, container: Container): object {
  const { name, etag, metadata, publicAccess, modifiedAt } = container;
  return {
    id: `${account.id}/blobServices/default/containers/${name}`,
    name,
    type: 'Microsoft.Storage/storageAccounts/blobServices/containers',
    etag,
    properties: {
      publicAccess,
      metadata,
      lastModifiedTime: new Date(modifiedAt).toISOString(),
      leaseStatus: 'Unlocked',
      leaseState: 'Available',
      hasImmutabilityPolicy: false,
      hasLegalHold: false,
      deleted: false,
    },
  };
}

function queueBody(account: Account, name: string, queue: Queue): object {
  return {
    id: `${account.id}/queueServices/default/queues/${name}`,
    name,
    type: 'Microsoft.Storage/storageAccounts/queueServices/queues',
    properties: { metadata: queue.metadata, approximateMessageCount: queue.all().length },
  };
}

function notFound(kind: 'container' | 'queue'): ArmFault {
  return kind === 'queue'
    ? new ArmFault(404, 'QueueNotFound', 'The specified queue does not exist.')
    : new ArmFault(404, 'ContainerNotFound', 'The specified container does not exist.');
}

function invalidName(name: string): ArmFault {
  const isLength = name.length < 3 || name.length > 63;
  return isLength
    ? new ArmFault(
        400,
        'OutOfRangeInput',
        'The specified resource name length is not within the permissible limits.',
      )
    : new ArmFault(
        400,
        'InvalidResourceName',
        'The specifed resource name contains invalid characters.',
      );
}
