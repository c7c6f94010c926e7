/** What a connection to a storage account lets its bearer do with a queue. */
import type { Caller, World } from '../core/ports.ts';
import { QUEUE_ROLES, queueScope } from '../storage/roles.ts';
import type { Connection } from './connection.ts';

export interface QueueSource {
  readonly account: string;
  /** Whether messages may be read and deleted, now. */
  mayProcess(queue: string): boolean;
  /** Whether messages may be changed, and queues made and written to, now. */
  mayWrite(queue: string): boolean;
}

/** Whose queues a connection leads to, or why to none. */
export function queueSource(
  world: World,
  connection: Connection,
): QueueSource | { readonly problem: string } {
  if (connection.kind === 'none') return connection;
  const { fields } = connection;
  if (connection.kind === 'identity') {
    const uri = fields['queueserviceuri'] ?? fields['serviceuri'];
    const account = uri === undefined ? fields['accountname'] : accountOf(world, uri);
    if (account === undefined) {
      return { problem: `The connection has no queueServiceUri that leads to a storage account.` };
    }
    return byIdentity(world, account, connection.caller);
  }
  const account = fields['accountname'];
  if (account === undefined) return { problem: 'The connection string names no AccountName.' };
  const isGood = (): boolean => fields['accountkey'] === world.storage.keyOf(account);
  return { account, mayProcess: isGood, mayWrite: isGood };
}

function byIdentity(world: World, account: string, caller: Caller): QueueSource {
  const may = (queue: string, roles: readonly string[]): boolean => {
    const id = world.storage.idOf(account);
    return id !== undefined && world.roles.allows(caller, queueScope(id, queue), roles);
  };
  return {
    account,
    mayProcess: (queue) => may(queue, QUEUE_ROLES.process),
    mayWrite: (queue) => may(queue, QUEUE_ROLES.write),
  };
}

/** `https://x.queue.core.windows.net`, or its like here with the account in the path. */
function accountOf(world: World, uri: string): string | undefined {
  if (!URL.canParse(uri)) return undefined;
  const { hostname, pathname, origin } = new URL(uri);
  if (origin === world.planes.queue) return pathname.split('/')[1];
  return /^([a-z0-9]+)\.queue\.core\.windows\.net$/.exec(hostname)?.[1];
}
